"""Training from tables to artefact: the one place where its parts are put together."""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import version

import numpy as np
from pydantic import BaseModel, ConfigDict
from threadpoolctl import threadpool_limits

from recommender.catalogue import Catalogue
from recommender.model import Model
from training.artefact import Provenance, artefact_files
from training.drift.reference import Reference
from training.evaluation import View
from training.hybrid import Hybrid, HybridConfig
from training.material import PHASES as MATERIAL_PHASES
from training.material import Material
from training.phases import Phases, peak_mb
from training.report import Report, neighbours
from training.responses import (
    AcceptanceConfig,
    Responses,
    ResponsesConfig,
    response_weeks,
    with_acceptance,
)
from training.snapshots import SnapshotConfig, Snapshots
from training.splits import by_time
from training.tables import Tables
from training.trials import LATER, UNSEEN, TrialConfig, Trials, trials

WARM_UPS = 5
"""Rows whose answers travel with the model."""

READ_FROM_ROWS = 30
"""Tokens with fewer rows than this are not explained in the report."""

REFERENCE_ROWS = 50_000
"""Rows that later ones are compared with, at most: more tell nothing more, and take memory."""

WHAT_WAS_TRIED = (
    "The model in this artefact learnt from all rows; what follows fitted it anew, in the same "
    "way, without the rows that it was tried on."
)

ANSWERS_OF_TRIAL = f"responses: {LATER}"

PHASES = (
    *MATERIAL_PHASES,
    "model",
    *(
        f"{what}: {trial}"
        for trial in (LATER, UNSEEN)
        for what in ("hybrid", "baselines", "measure")
    ),
    ANSWERS_OF_TRIAL,
    "artefact",
)
"""The phases of `train`, in order, for whoever shows progress; a trial without rows is skipped."""


class TrainConfig(BaseModel):
    """All that can be chosen about a training; each part's words are with the part."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    snapshots: SnapshotConfig = SnapshotConfig()
    hybrid: HybridConfig = HybridConfig()
    trials: TrialConfig = TrialConfig()
    responses: ResponsesConfig = ResponsesConfig()
    acceptance: AcceptanceConfig = AcceptanceConfig()


@dataclass(frozen=True, eq=False)
class TrainedModel:
    """What a training made. Without trials there are no `views` and no `report`."""

    model: Model
    files: Mapping[str, bytes]
    """The artefact, by file name."""
    views: tuple[View, ...]
    report: Report | None
    seconds: Mapping[str, float]
    peak_mb: float
    tried_files: Mapping[str, bytes] = field(default_factory=dict)
    """The artefact of the same recipe without the newest rows, which the gate tries it on."""
    reference: Reference | None = None
    """How rows and scores look, for the watch to compare with."""


def train(
    tables: Tables,
    catalogue: Catalogue,
    config: TrainConfig | None = None,
    *,
    created_at: datetime,
    seed: int = 1,
    with_trials: bool = True,
    began: Callable[[str], None] | None = None,
) -> TrainedModel:
    """Learn from `tables`; try the same way of learning on rows kept apart; make the artefact.

    `began` is told the name of each phase as it begins. Equal arguments give equal arrays.

    Raises:
        TooFewRows: there is too little to learn from, to calibrate on, or to try the model on.
        LeakError: a row knows what happened after its moment.
    """
    config, phases = config or TrainConfig(), Phases(began)
    made = Material.of(tables, catalogue, config.snapshots, config.responses, phases, seed=seed)
    return learn(
        made,
        catalogue,
        config,
        phases,
        created_at=created_at,
        seed=seed,
        with_trials=with_trials,
    )


def learn(
    material: Material,
    catalogue: Catalogue,
    config: TrainConfig,
    phases: Phases,
    *,
    created_at: datetime,
    seed: int,
    with_trials: bool,
) -> TrainedModel:
    """`train`, once its tables have become material, for whoever no longer needs their memory."""
    snapshots, responses = material.snapshots, material.responses
    with phases.phase("model"):
        hybrid = Hybrid.fit(snapshots, catalogue, config.hybrid, seed=seed)
        model = _accepting(hybrid, responses, catalogue, config)
    tried = Trials((), (), None, None)
    if with_trials:
        recipe = config.hybrid.settled(len(snapshots))
        tried = trials(snapshots, catalogue, recipe, config.trials, phases, seed=seed)
    before, newest = _around_trial(tried, snapshots)
    on_trial: Model | None = None
    if tried.later is not None:
        with phases.phase(ANSWERS_OF_TRIAL):
            known = _answered_by_then(responses, before, config)
            on_trial = _accepting(tried.later, known, catalogue, config)
    with phases.phase("artefact"):
        made = (catalogue, config, created_at, seed)
        counted = {"responses": len(responses), "rows of erased accounts": material.erased}
        provenance = _provenance(snapshots, model, tried.views, *made, counted=counted)
        files = artefact_files(model, provenance)
        tried_files: Mapping[str, bytes] = {}
        if on_trial is not None:
            tried_files = artefact_files(on_trial, _provenance(before, on_trial, (), *made))
        reference = _reference(tried, hybrid, newest)
    report = None
    if tried.views:
        report = _report(
            model, snapshots, catalogue, provenance, tried.views, phases, tried.missing, responses
        )
    return TrainedModel(
        model, files, tried.views, report, phases.seconds, peak_mb(), tried_files, reference
    )


def _accepting(
    hybrid: Hybrid, responses: Responses, catalogue: Catalogue, config: TrainConfig
) -> Model:
    """The hybrid's model with what `responses` taught it, if they are enough."""
    with threadpool_limits(1, user_api="blas"):
        return with_acceptance(hybrid.model, hybrid.rounds, responses, catalogue, config.acceptance)


def _answered_by_then(responses: Responses, rows: Snapshots, config: TrainConfig) -> Responses:
    """The offers whose time to answer was over when the last day of `rows` was."""
    end = rows.moment.max().astype("datetime64[D]") + np.timedelta64(1, "D")
    answer = np.timedelta64(config.responses.answer_days, "D")
    return responses.take(np.asarray(responses.moment + answer <= end))


def _around_trial(tried: Trials, snapshots: Snapshots) -> tuple[Snapshots, Snapshots]:
    """The rows that the trial by time learnt from, and those it was tried on; or all, and all."""
    if tried.later_from is None:
        return snapshots, snapshots
    split = by_time(snapshots, tried.later_from)
    return split.train, split.test


def _reference(tried: Trials, hybrid: Hybrid, newest: Snapshots) -> Reference:
    """The newest rows, as a model scores them that has not seen them where there is one.

    A model is surer of rows it has learnt from, which later would look like drift.
    """
    rows = newest.take(np.sort(np.argsort(newest.moment, kind="stable")[-REFERENCE_ROWS:]))
    if tried.later is None:
        return Reference.of(rows, hybrid.propensities(rows))
    metrics = tried.views[0].metrics["hybrid"]
    return Reference.of(
        rows,
        tried.later.propensities(rows),
        ndcg_at_5=metrics.ndcg_at_5.value,
        coverage_at_3=metrics.coverage_at_3,
    )


def _provenance(
    snapshots: Snapshots,
    model: Model,
    views: tuple[View, ...],
    catalogue: Catalogue,
    config: TrainConfig,
    created_at: datetime,
    seed: int,
    *,
    counted: Mapping[str, int] | None = None,
) -> Provenance:
    spread = np.linspace(0, len(snapshots) - 1, WARM_UPS).astype(int)
    return Provenance(
        created_at=created_at.isoformat(timespec="seconds"),
        catalogue_digest=catalogue.digest,
        data_window={
            "from": str(snapshots.moment.min().astype("datetime64[D]")),
            "until": str(snapshots.moment.max().astype("datetime64[D]")),
        },
        rows={
            "snapshots": len(snapshots),
            **{what: number for what, number in (counted or {}).items() if number},
            "accounts": len(np.unique(snapshots.account)),
            **{f"tested: {view.name}": view.rows for view in views},
        },
        config={"seed": seed, **config.model_dump(mode="json")},
        metrics={
            view.name: {scorer: found.numbers() for scorer, found in view.metrics.items()}
            for view in views
        },
        warm_up=[
            [token for token in snapshots.tokens_of(row) if token in model.rows]
            for row in spread.tolist()
        ],
    )


def _report(
    model: Model,
    snapshots: Snapshots,
    catalogue: Catalogue,
    provenance: Provenance,
    views: tuple[View, ...],
    phases: Phases,
    notes: tuple[str, ...],
    responses: Responses,
) -> Report:
    seen = dict(zip(snapshots.vocabulary, snapshots.token_counts().tolist(), strict=True))
    counts = np.array([seen[token] for token in model.vocabulary])
    language = catalogue.languages[0]
    return Report(
        version=model.version,
        catalogue=f"{catalogue.name} {catalogue.version}",
        created_at=provenance.created_at,
        data_window=(provenance.data_window["from"], provenance.data_window["until"]),
        counts={**provenance.rows, "products": len(model.products), "tokens": len(counts)},
        views=views,
        neighbours=neighbours(model, counts, least_rows=READ_FROM_ROWS),
        titles={key: product.title[language] for key, product in catalogue.products.items()},
        configuration=flat(provenance.config),
        timings_s=dict(phases.seconds),
        versions={
            "Python": platform.python_version(),
            **{name: version(name) for name in ("raak", "lightfm-next", "numpy", "lightgbm")},
        },
        notes=(WHAT_WAS_TRIED, *notes),
        weeks=response_weeks(responses, catalogue),
    )


def flat(nested: Mapping[str, object], prefix: str = "") -> dict[str, object]:
    """Nested settings by dotted name.

    >>> flat({"seed": 1, "trials": {"later_share": 0.2}})
    {'seed': 1, 'trials.later_share': 0.2}
    """
    found: dict[str, object] = {}
    for name, value in nested.items():
        if isinstance(value, Mapping):
            found |= flat(value, f"{prefix}{name}.")
        else:
            found[f"{prefix}{name}"] = value
    return found
