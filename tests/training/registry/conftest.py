"""One small bank, trained once, and as a version of a registry."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from recommender.catalogue import Catalogue
from tests.training.snapshots.frames import as_tables
from training.hybrid import HybridConfig
from training.lightfm_fit import FactorisationConfig
from training.registry import Contender, Entry
from training.registry.store import TRIAL
from training.snapshots import Snapshots, build_snapshots
from training.tables import Tables
from training.train import TrainConfig, TrainedModel, train
from training.trials import TrialConfig
from training.world import generate

UNTIL = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, tzinfo=UTC)
QUICK = TrainConfig(
    hybrid=HybridConfig(factorisation=FactorisationConfig(dimensions=8, epochs=4)),
    trials=TrialConfig(resamples=10),
)


@pytest.fixture(scope="session")
def history(catalogue: Catalogue) -> Tables:
    made = generate(catalogue, accounts=900, months=12, seed=5, until=UNTIL)
    return as_tables(made.frames(), catalogue)


@pytest.fixture(scope="session")
def rows(history: Tables, catalogue: Catalogue) -> Snapshots:
    return build_snapshots(history, catalogue)


@pytest.fixture(scope="session")
def learn(history: Tables, catalogue: Catalogue) -> Callable[[], TrainedModel]:
    """Train on the bank as it is at the moment of the call: a test may have spoilt something."""
    return lambda: train(history, catalogue, QUICK, created_at=NOW)


@pytest.fixture(scope="session")
def trained(learn: Callable[[], TrainedModel]) -> TrainedModel:
    return learn()


def entry(trained: TrainedModel) -> Entry:
    tried = {TRIAL + name: content for name, content in trained.tried_files.items()}
    return Entry({**trained.files, **tried})


def contender(trained: TrainedModel, rows: Snapshots) -> Contender:
    return Contender(trained.model.version, entry(trained), rows)
