"""A small demo bank, once for all tests that read it."""

from __future__ import annotations

from datetime import date

import pytest

from recommender.catalogue import Catalogue
from tests.recommender.bank import bank
from tests.training.snapshots.frames import as_tables
from training.snapshots import Snapshots, build_snapshots
from training.tables import Tables
from training.world import generate

UNTIL = date(2026, 11, 23)


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return bank()


@pytest.fixture(scope="session")
def world(catalogue: Catalogue) -> Tables:
    made = generate(catalogue, accounts=250, months=9, seed=5, until=UNTIL)
    return as_tables(made.frames(), catalogue)


@pytest.fixture(scope="session")
def snapshots(world: Tables, catalogue: Catalogue) -> Snapshots:
    return build_snapshots(world, catalogue)
