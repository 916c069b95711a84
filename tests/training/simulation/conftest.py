"""The small demo bank as tables on disk, and simulations over it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from recommender.catalogue import Catalogue, parse_catalogue
from recommender.catalogue.proposal import proposed
from recommender.live import Bundle, open_bundle, pack_bundle
from recommender.request import Request
from tests.service.bank import bundle
from tests.training.conftest import UNTIL
from training.simulation import Scene, Sides, Simulation, cut, outcome, simulate
from training.tables import write_tables
from training.world import generate

AT = datetime(2026, 11, 23, tzinfo=UTC)
NO_CREDIT_BELOW_40 = """
policies:
  - {id: below_40, stage: eligible, applies_to: {types: [credit]}, when: {age: {at_least: 40}}}
contact: {marketing_per_week: 1}
"""


def before() -> Bundle:
    return open_bundle(*bundle())


def sides(text: str, artefact: dict[str, bytes] | None = None) -> Sides:
    """The demo bank in force, and with the catalogue in `text` and perhaps another model."""
    was = before()
    now = pack_bundle(text, artefact or was.artefact)
    return Sides(pack_bundle(was.catalogue, was.artefact), now, Request(AT), AT)


def changed(policies: str) -> Sides:
    return sides(proposed(before().catalogue, policies, "new.yaml"))


@pytest.fixture(scope="session")
def directory(catalogue: Catalogue, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("population")
    made = generate(catalogue, accounts=250, months=9, seed=5, until=UNTIL)
    write_tables(folder, made.frames())
    return folder


@pytest.fixture(scope="session")
def simulated(directory: Path) -> Callable[..., Simulation]:
    """What comes out of a change, in buckets of about `each` accounts."""

    def run(
        change: Sides, *, sample: int | None = None, processes: int = 1, each: int = 60
    ) -> Simulation:
        scene = Scene.of(change)
        catalogues = (scene.before.catalogue, scene.after.catalogue)
        with TemporaryDirectory() as folder:
            buckets = cut(directory, catalogues, Path(folder), sample, each=each)
            return outcome(simulate(buckets, change, processes), buckets, scene)

    return run


def parsed(text: str) -> Catalogue:
    return parse_catalogue(text, "catalogue.yaml")
