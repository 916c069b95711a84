"""A bank whose last ten weeks came after its model learnt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

import numpy as np
import pytest

from recommender.catalogue import Catalogue
from tests.training.snapshots.frames import as_tables
from training.drift import Reference
from training.hybrid import HybridConfig
from training.lightfm_fit import FactorisationConfig
from training.snapshots import SnapshotConfig, Snapshots, build_snapshots
from training.tables import Tables
from training.train import TrainConfig, TrainedModel, train
from training.trials import TrialConfig
from training.world import generate

LEARNT_UNTIL = date(2026, 9, 10)
CONFIG = TrainConfig(
    snapshots=SnapshotConfig(window_until=LEARNT_UNTIL),
    hybrid=HybridConfig(factorisation=FactorisationConfig(dimensions=8, epochs=4)),
    trials=TrialConfig(resamples=10),
)


@dataclass(frozen=True, eq=False)
class Aged:
    """A model, what it learnt from, and what came after."""

    trained: TrainedModel
    tables: Tables
    fresh: Snapshots

    @property
    def reference(self) -> Reference:
        assert self.trained.reference is not None
        return self.trained.reference


@pytest.fixture(scope="session")
def aged(catalogue: Catalogue) -> Aged:
    made = generate(catalogue, accounts=900, months=12, seed=5, until=date(2026, 11, 23))
    tables = as_tables(made.frames(), catalogue)
    trained = train(tables, catalogue, CONFIG, created_at=datetime(2026, 11, 23, tzinfo=UTC))
    rows = build_snapshots(tables, catalogue)
    return Aged(trained, tables, rows.take(rows.moment >= np.datetime64(LEARNT_UNTIL)))
