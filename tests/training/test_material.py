"""What is learnt from: made of no more than is read for it, and without the tables thereafter."""

from __future__ import annotations

import weakref
from dataclasses import fields, replace

import numpy as np
import pytest

from recommender.catalogue import Catalogue
from training.material import PHASES, Material
from training.phases import Phases
from training.responses import ResponsesConfig
from training.snapshots import READS, SnapshotConfig
from training.tables import Tables


@pytest.fixture(scope="module")
def shown(world: Tables) -> Tables:
    """The bank as if a decision had been behind everything that it ever showed."""
    events = world.events
    decided = events["event_id"].where(events["kind"] == "impression")
    return replace(world, events=events.assign(decision_id=decided))


def material_of(tables: Tables, catalogue: Catalogue) -> Material:
    phases = Phases()
    made = Material.of(tables, catalogue, SnapshotConfig(), ResponsesConfig(), phases, seed=1)
    assert tuple(phases.seconds) == PHASES
    return made


def as_read(tables: Tables) -> Tables:
    """`tables` with what READS names of them, and nothing else."""
    frames = {}
    for name, frame in tables.frames().items():
        wanted = READS.get(name)
        rows = frame if name in READS else frame[:0]
        frames[name] = rows[[column for column in rows if wanted is None or column in wanted]]
    return replace(tables, **{name: frame.copy() for name, frame in frames.items()})


@pytest.mark.parametrize("part", ["snapshots", "responses"])
def test_it_is_made_of_what_is_read_for_it(part: str, shown: Tables, catalogue: Catalogue) -> None:
    few, whole = (
        getattr(material_of(tables, catalogue), part) for tables in (as_read(shown), shown)
    )
    assert len(few)
    for one in fields(few):
        found, expected = (getattr(rows, one.name) for rows in (few, whole))
        if hasattr(expected, "toarray"):
            found, expected = found.toarray(), expected.toarray()
        assert np.array_equal(found, expected), one.name


def test_it_holds_on_to_no_table(shown: Tables, catalogue: Catalogue) -> None:
    tables = as_read(shown)
    columns = [frame[name].array for frame in tables.frames().values() for name in frame]
    kept = [weakref.ref(frame) for frame in tables.frames().values()]
    material = material_of(tables, catalogue)
    for rows in (material.snapshots, material.responses):
        for one in fields(rows):
            array = getattr(rows, one.name)
            if isinstance(array, np.ndarray):
                assert not any(np.shares_memory(array, np.asarray(column)) for column in columns)
    del tables
    assert not [name for name in kept if name() is not None]
