"""One view of how good the scorers are: the same held-out rows, the same metrics, for each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date

import numpy as np

from training.evaluation import metrics
from training.evaluation.bootstrap import RESAMPLES, Estimate, interval, resampled_means
from training.evaluation.metrics import Floats
from training.evaluation.reliability import (
    TOP_BINS,
    Curve,
    ProductCalibration,
    calibration_gaps,
    per_product,
    reliability,
)
from training.evaluation.scorer import Scorer
from training.snapshots import Snapshots

SLOTS = 3
"""Coverage counts what reaches the first three: a home placement's slots."""

LEAST_ROWS_OF_A_STAGE = 25
"""Fewer rows of a life stage say nothing; they are left out of its plot."""


@dataclass(frozen=True)
class Metrics:
    """A scorer's metrics on some rows. All are means over rows except `coverage_at_3`."""

    hit_at_1: Estimate
    hit_at_3: Estimate
    ndcg_at_5: Estimate
    map_at_7: Estimate
    log_loss: Estimate
    calibration_error: Estimate
    coverage_at_3: float

    def numbers(self) -> dict[str, float]:
        """The values alone, by name, as a manifest stores them."""
        return {
            name: value["value"] if isinstance(value, dict) else value
            for name, value in asdict(self).items()
        }


@dataclass(frozen=True)
class Stage:
    """nDCG@5 of each scorer on the rows of one life stage."""

    name: str
    rows: int
    ndcg_at_5: Mapping[str, Estimate]


@dataclass(frozen=True)
class View:
    """All that is measured on one set of held-out rows. The first scorer is the one on trial."""

    name: str
    about: str
    """A sentence or two for the reader: which rows these are and what was fitted without them."""
    rows: int
    accounts: int
    first_day: date
    last_day: date
    metrics: Mapping[str, Metrics]
    gains: Mapping[str, Estimate]
    """nDCG@5 of the scorer on trial minus each other's, on the same resamples of accounts."""
    curves: Mapping[str, Curve]
    stages: tuple[Stage, ...]
    products: tuple[ProductCalibration, ...]

    @property
    def trial(self) -> str:
        return next(iter(self.metrics))


@dataclass(frozen=True)
class _Scored:
    """Per-row columns of one scorer, from which every mean and interval follows."""

    propensities: Floats
    rows: Floats
    gaps: Floats
    coverage: float


def evaluate(
    scorers: Mapping[str, Scorer],
    snapshots: Snapshots,
    *,
    name: str,
    about: str = "",
    seed: int,
    resamples: int = RESAMPLES,
) -> View:
    """Measure `scorers` on `snapshots` (held-out rows); the first of them is on trial.

    Raises:
        ValueError: no rows, or a row whose target is held already.
    """
    if not len(snapshots):
        raise ValueError(f"no rows to evaluate in the view {name!r}")
    scored = {key: _score(scorer, snapshots) for key, scorer in scorers.items()}
    trial = next(iter(scored))
    days = snapshots.moment.astype("datetime64[D]")
    return View(
        name=name,
        about=about,
        rows=len(snapshots),
        accounts=len(np.unique(snapshots.account)),
        first_day=days.min().item(),
        last_day=days.max().item(),
        metrics={key: _metrics(one, snapshots, seed, resamples) for key, one in scored.items()},
        gains={
            key: _gain(scored[trial], one, snapshots, seed, resamples)
            for key, one in scored.items()
            if key != trial
        },
        curves={
            key: reliability(one.propensities, snapshots.target, snapshots.held)
            for key, one in scored.items()
        },
        stages=_stages(scored, snapshots, seed, resamples),
        products=per_product(scored[trial].propensities, snapshots.target, snapshots.products),
    )


def _score(scorer: Scorer, snapshots: Snapshots) -> _Scored:
    propensities = scorer.propensities(snapshots)
    rank = metrics.ranks(propensities, snapshots.target, snapshots.held)
    rows = np.column_stack(
        [
            metrics.hit(rank, 1),
            metrics.hit(rank, 3),
            metrics.ndcg(rank, 5),
            metrics.average_precision(rank, 7),
            metrics.log_loss(propensities, snapshots.target),
        ]
    )
    return _Scored(
        propensities,
        rows,
        calibration_gaps(propensities, snapshots.target, TOP_BINS),
        metrics.coverage(propensities, snapshots.held, SLOTS),
    )


def _metrics(one: _Scored, snapshots: Snapshots, seed: int, resamples: int) -> Metrics:
    columns = np.column_stack([one.rows, one.gaps])
    draws = resampled_means(columns, snapshots.account, seed=seed, resamples=resamples)
    width = one.rows.shape[1]
    means = (interval(one.rows[:, k].mean(), draws[:, k]) for k in range(width))
    hit_at_1, hit_at_3, ndcg_at_5, map_at_7, log_loss = means
    return Metrics(
        hit_at_1=hit_at_1,
        hit_at_3=hit_at_3,
        ndcg_at_5=ndcg_at_5,
        map_at_7=map_at_7,
        log_loss=log_loss,
        calibration_error=_without_bias(
            np.abs(one.gaps.mean(axis=0)).sum(), np.abs(draws[:, width:]).sum(axis=1)
        ),
        coverage_at_3=one.coverage,
    )


def _without_bias(value: float, draws: Floats) -> Estimate:
    """The interval of an error that resampling inflates: the draws moved so that they centre on it.

    Chance adds to the gap of every bin, and resampling adds chance once more.
    """
    return interval(value, np.maximum(draws - (draws.mean() - value), 0.0))


def _gain(
    ours: _Scored, theirs: _Scored, snapshots: Snapshots, seed: int, resamples: int
) -> Estimate:
    ndcg = ours.rows[:, 2:3] - theirs.rows[:, 2:3]
    draws = resampled_means(ndcg, snapshots.account, seed=seed, resamples=resamples)
    return interval(ndcg.mean(), draws[:, 0])


def _stages(
    scored: Mapping[str, _Scored], snapshots: Snapshots, seed: int, resamples: int
) -> tuple[Stage, ...]:
    """The life stages with enough rows, the most frequent first."""
    names, place, counts = np.unique(
        snapshots.life_stage.astype(str), return_inverse=True, return_counts=True
    )
    ndcg = np.column_stack([one.rows[:, 2] for one in scored.values()])
    stages = []
    for index in np.argsort(-counts, kind="stable"):
        if counts[index] < LEAST_ROWS_OF_A_STAGE:
            break
        rows = place == index
        draws = resampled_means(ndcg[rows], snapshots.account[rows], seed=seed, resamples=resamples)
        values = ndcg[rows].mean(axis=0)
        stages.append(
            Stage(
                name=str(names[index]),
                rows=int(counts[index]),
                ndcg_at_5={key: interval(values[k], draws[:, k]) for k, key in enumerate(scored)},
            )
        )
    return tuple(stages)
