"""The search: each trial learns from ever more rows, and is given up once it lags behind.

Trials are compared by log loss on the latest of the rows that the report's own trial by time learns
from. So the rows that the report and the gate measure on have had no say in the choice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from recommender.catalogue import Catalogue
from recommender.errors import RaakError
from training.calibration import TooFewRows
from training.evaluation.metrics import log_loss
from training.hybrid import LEAST_ROWS, Hybrid, HybridConfig
from training.search.space import suggested, usual
from training.snapshots import Snapshots
from training.splits import by_time, drawn_accounts, first_day_of_latest

if TYPE_CHECKING:
    from types import ModuleType

Told = Callable[["Attempt"], None]


class SearchUnavailable(RaakError):
    """optuna is not installed."""


class SearchConfig(BaseModel):
    """How trials are compared, and when one is given up."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    validation_share: float = Field(default=0.2, gt=0, lt=1)
    """The latest share of rows, on which trials are compared."""
    rungs: tuple[float, ...] = (0.25, 0.5, 1.0)
    """Shares of the accounts that a trial learns from, one after the other."""
    startup_trials: int = Field(default=4, ge=1)
    """Trials that are never given up: with fewer there is no median to lag behind."""


@dataclass(frozen=True)
class Attempt:
    """One trial: its settings and its log loss; None where it was given up early."""

    number: int
    settings: dict[str, object]
    log_loss: float | None


@dataclass(frozen=True)
class Found:
    """The best settings, and all that were tried."""

    config: HybridConfig
    attempts: tuple[Attempt, ...]

    @property
    def best(self) -> Attempt:
        finished = [attempt for attempt in self.attempts if attempt.log_loss is not None]
        return min(finished, key=lambda attempt: attempt.log_loss or 0.0)


def search(
    snapshots: Snapshots,
    catalogue: Catalogue,
    base: HybridConfig,
    config: SearchConfig,
    *,
    trials: int,
    seed: int,
    told: Told = lambda _: None,
) -> Found:
    """Try `trials` settings, `base` the first of them. Equal arguments find equal settings.

    Raises:
        SearchUnavailable: optuna is not installed.
        TooFewRows: there is too little to learn from or to compare on.
    """
    optuna = _optuna()
    split = by_time(snapshots, first_day_of_latest(snapshots, config.validation_share))
    if len(split.train) < LEAST_ROWS or not len(split.test):
        raise TooFewRows(
            f"{len(split.train)} rows to search with, at least {LEAST_ROWS} are needed; "
            "use a longer window or more accounts, or train without --search"
        )
    rungs = _rungs(split.train, config, seed)
    tried: dict[int, HybridConfig] = {}

    def objective(trial: optuna.Trial) -> float:  # type: ignore[name-defined]
        chosen = tried[trial.number] = suggested(trial, base)
        loss = np.inf
        for step, rows in enumerate(rungs):
            hybrid = Hybrid.fit(rows, catalogue, chosen, seed=seed)
            loss = float(log_loss(hybrid.propensities(split.test), split.test.target).mean())
            trial.report(loss, step)
            if step + 1 < len(rungs) and trial.should_prune():
                raise optuna.TrialPruned
        return loss

    study = optuna.create_study(
        sampler=optuna.samplers.TPESampler(seed=seed),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=config.startup_trials),
    )
    study.enqueue_trial(usual(base), skip_if_exists=True)
    study.optimize(objective, n_trials=trials, callbacks=[lambda _, trial: told(_attempt(trial))])
    attempts = tuple(_attempt(trial) for trial in study.trials)
    return Found(tried[Found(base, attempts).best.number], attempts)


def _optuna() -> ModuleType:
    try:
        import optuna  # noqa: PLC0415  # an extra
    except ImportError:
        raise SearchUnavailable("--search needs optuna: pip install 'raak[search]'") from None
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna


def _rungs(rows: Snapshots, config: SearchConfig, seed: int) -> tuple[Snapshots, ...]:
    """The rows of each rung; rungs with too few rows to learn from are left out."""
    parts = (
        rows if share >= 1 else rows.take(drawn_accounts(rows, share, seed=seed))
        for share in config.rungs
    )
    enough = [part for part in parts if len(part) >= LEAST_ROWS]
    return tuple(enough) or (rows,)


def _attempt(trial: Any) -> Attempt:
    """What became of an optuna `FrozenTrial`."""
    value = trial.value if trial.state.name == "COMPLETE" else None
    return Attempt(trial.number, dict(trial.params), value)
