"""The watch: readings on what came after a model learnt, each against the level that warns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from recommender.model import Model
from training.drift.reference import Reference, feature_counts, score_counts
from training.drift.stability import stability_index
from training.registry.measure import Measured
from training.registry.trial import propensities_of
from training.snapshots import Snapshots


class WatchConfig(BaseModel):
    """At which levels the watch warns."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    largest_input_psi: float = Field(default=0.25, gt=0)
    """Population stability index of one feature, beyond chance."""
    largest_score_psi: float = Field(default=0.25, gt=0)
    largest_calibration_error: float = Field(default=0.05, gt=0)
    """Beyond chance, on takings that came after the model learnt."""
    largest_ndcg_drop: float = Field(default=0.05, ge=0)
    """Below nDCG@5 of the model's own trial."""
    largest_coverage_drop: float = Field(default=0.15, ge=0)
    """Below the share of products in somebody's first three at its trial."""
    largest_fallback_share: float = Field(default=0.6, gt=0, le=1)
    """Of the slots of the first placement."""
    longest_event_wait_s: float = Field(default=10, gt=0)
    """For an event that was accepted to be in its account's state; a worker needs milliseconds."""
    least_rows: int = Field(default=100, ge=1)
    """With fewer new takings nothing is said of scores and outcomes."""
    sampled_accounts: int = Field(default=1000, ge=1)
    """Accounts asked for what they are shown."""


@dataclass(frozen=True)
class Reading:
    """One figure; `warns` when it is beyond `level`. `of` is the feature, where it is of one."""

    name: str
    value: float
    level: float
    says: str
    of: str = ""
    lower_is_worse: bool = False

    @property
    def warns(self) -> bool:
        return self.value < self.level if self.lower_is_worse else self.value > self.level

    def __str__(self) -> str:
        """As a person reads it; what it would mean is said when it does.

        >>> print(Reading("input_psi", 0.4, 0.25, "people differ from those it learnt from", "age"))
        input_psi age: 0.400, warns above 0.25: people differ from those it learnt from
        """
        subject = f"{self.name} {self.of}" if self.of else self.name
        beyond = "below" if self.lower_is_worse else "above"
        said = f"{subject}: {self.value:.3f}, warns {beyond} {self.level:.3g}"
        return f"{said}: {self.says}" if self.warns else said


@dataclass(frozen=True)
class Watch:
    """Readings for one model on `rows` takings of `first_day` to `last_day` (ISO dates)."""

    model: str
    rows: int
    first_day: str | None
    last_day: str | None
    readings: tuple[Reading, ...]
    notes: tuple[str, ...] = ()

    @property
    def warnings(self) -> tuple[Reading, ...]:
        return tuple(reading for reading in self.readings if reading.warns)


def watch(
    model: Model,
    reference: Reference,
    fresh: Snapshots,
    config: WatchConfig | None = None,
    *,
    fallback_share: float | None = None,
    event_wait_s: float | None = None,
) -> Watch:
    """Compare `fresh`, the takings after the model learnt, with what it learnt from.

    `event_wait_s`: how long the oldest event that is in no state yet has waited.
    """
    config = config or WatchConfig()
    readings: list[Reading] = []
    notes: tuple[str, ...] = ()
    if len(fresh) >= config.least_rows:
        readings += _of_rows(model, reference, fresh, config)
    else:
        too_few = f"{len(fresh)} takings since it learnt, at least {config.least_rows} are needed"
        notes = (f"{too_few} to say how people, scores and outcomes have moved",)
    if fallback_share is not None:
        level = config.largest_fallback_share
        says = "slots hold what always fits, since little else was left"
        readings.append(Reading("fallback_share", fallback_share, level, says))
    if event_wait_s is not None:
        level = config.longest_event_wait_s
        says = "what people did is in no answer yet: does `raak worker` run and keep up?"
        readings.append(Reading("event_wait_seconds", event_wait_s, level, says))
    days = np.sort(fresh.moment).astype("datetime64[D]")
    first, last = (str(days[0]), str(days[-1])) if len(days) else (None, None)
    return Watch(model.version, len(fresh), first, last, tuple(readings), notes)


def _of_rows(
    model: Model, reference: Reference, fresh: Snapshots, config: WatchConfig
) -> Iterator[Reading]:
    now = feature_counts(fresh)
    for feature in sorted({*reference.features, *now}):
        before = reference.features.get(feature, {})
        psi = stability_index(before, now.get(feature, {}))
        says = "people differ from those it learnt from"
        yield Reading("input_psi", psi, config.largest_input_psi, says, of=feature)
    propensities = propensities_of(model, fresh)
    scores = score_counts(propensities, reference.score_edges)
    psi = stability_index(reference.scores, scores)
    says = "its highest propensities differ from those at its trial"
    yield Reading("score_psi", psi, config.largest_score_psi, says)
    yield from _of_outcomes(Measured.of(propensities, fresh), reference, config)


def _of_outcomes(found: Measured, reference: Reference, config: WatchConfig) -> Iterator[Reading]:
    yield Reading(
        "fresh_calibration_error",
        found.calibration_error,
        config.largest_calibration_error,
        "what it promises is not what people take",
    )
    if reference.ndcg_at_5 is not None:
        yield Reading(
            "fresh_ndcg_at_5",
            float(found.ndcg.mean()),
            reference.ndcg_at_5 - config.largest_ndcg_drop,
            f"at its trial it was {reference.ndcg_at_5:.3f}",
            lower_is_worse=True,
        )
    if reference.coverage_at_3 is not None:
        yield Reading(
            "fresh_coverage_at_3",
            found.coverage,
            reference.coverage_at_3 - config.largest_coverage_drop,
            f"at its trial it was {reference.coverage_at_3:.3f} of the products",
            lower_is_worse=True,
        )
