"""The two trials of a model: on what happened later, and on people it never saw.

Each fits the hybrid and every baseline anew, on the same rows, without the rows they are tried on.
The model that goes into service learns from all rows, in the same way.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from recommender.catalogue import Catalogue
from training.baselines import fit_baselines
from training.calibration import TooFewRows
from training.evaluation import Scorer, View, evaluate
from training.evaluation.bootstrap import RESAMPLES
from training.hybrid import Hybrid, HybridConfig
from training.phases import Phases
from training.snapshots import Snapshots
from training.splits import Split, by_account, by_time, first_day_of_latest

LATER = "what came later"
UNSEEN = "unseen accounts"

LEAST_TEST_ROWS = 50
"""Fewer rows than this tell no scorer from another."""


class TrialConfig(BaseModel):
    """How much is kept apart: the latest `later_share` of rows; `unseen_share` of accounts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    later_share: float = Field(default=0.2, gt=0, lt=1)
    unseen_share: float = Field(default=0.2, gt=0, lt=1)
    resamples: int = Field(default=RESAMPLES, ge=2)


@dataclass(frozen=True, eq=False)
class Trials:
    """A view of each trial there were rows for, by time first, and why any other is missing."""

    views: tuple[View, ...]
    missing: tuple[str, ...]
    later: Hybrid | None
    """The hybrid that was tried on what came later, and has not seen it; for the gate."""
    later_from: np.datetime64 | None
    """The first day of those rows."""


def trials(
    snapshots: Snapshots,
    catalogue: Catalogue,
    hybrid: HybridConfig,
    config: TrialConfig,
    phases: Phases,
    *,
    seed: int,
) -> Trials:
    """Try the recipe on what came later and on unseen accounts.

    Raises:
        TooFewRows: there are too few for either.
    """
    views: list[View] = []
    missing: list[str] = []
    later, later_from = None, None
    for name, about, split in _splits(snapshots, config, seed):
        try:
            on_trial, baselines = _scorers(split, name, catalogue, hybrid, phases, seed)
        except TooFewRows as reason:
            missing.append(f"Not tried on {name}: {reason}.")
            continue
        if name == LATER:
            later, later_from = on_trial, split.test.moment.min().astype("datetime64[D]")
        with phases.phase(f"measure: {name}"):
            views.append(
                evaluate(
                    {"hybrid": on_trial, **baselines},
                    split.test,
                    name=name,
                    about=about,
                    seed=seed,
                    resamples=config.resamples,
                )
            )
    if not views:
        raise TooFewRows(" ".join(missing))
    return Trials(tuple(views), tuple(missing), later, later_from)


def _splits(
    snapshots: Snapshots, config: TrialConfig, seed: int
) -> Iterator[tuple[str, str, Split]]:
    """Each trial's name, what it is about and its rows, a copy of all: so one after the other."""
    first = first_day_of_latest(snapshots, config.later_share)
    yield (
        LATER,
        f"Every scorer learnt from what was taken before {first}; these rows came after.",
        by_time(snapshots, first),
    )
    yield (
        UNSEEN,
        f"{config.unseen_share:.0%} of the accounts, of which no scorer saw any row.",
        by_account(snapshots, config.unseen_share, seed=seed),
    )


def _scorers(
    split: Split,
    name: str,
    catalogue: Catalogue,
    hybrid: HybridConfig,
    phases: Phases,
    seed: int,
) -> tuple[Hybrid, dict[str, Scorer]]:
    """The hybrid, on trial, and every baseline, all fitted on the rows of `split.train`."""
    if len(split.test) < LEAST_TEST_ROWS:
        raise TooFewRows(f"{len(split.test)} rows to test on, at least {LEAST_TEST_ROWS} needed")
    with phases.phase(f"hybrid: {name}"):
        on_trial = Hybrid.fit(split.train, catalogue, hybrid, seed=seed)
    with phases.phase(f"baselines: {name}"):
        return on_trial, fit_baselines(split.train, seed=seed)
