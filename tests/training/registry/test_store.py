"""The registry in a directory and in a bucket keeps the same laws."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import fsspec
import pytest

from recommender.artefact import ARRAYS, MANIFEST
from recommender.errors import ArtefactError
from recommender.registry import Move, MoveKind, RegistryError
from tests.recommender.models import artefact_files
from training.artefact import read_directory
from training.registry import Registry

AT = "2026-11-23T00:00:00+00:00"
WRITERS = 8


@pytest.fixture(params=["directory", "bucket"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "directory":
        yield str(tmp_path / "models")
        return
    bucket = f"memory://{uuid.uuid4().hex}"
    yield bucket
    fsspec.filesystem("memory").store.clear()


def files(seed: int = 0) -> dict[str, bytes]:
    return artefact_files(("age:<18",), ("mortgage", "savings_account"), seed=seed)


def test_an_added_version_is_the_challenger_and_reads_back(place: str) -> None:
    registry = Registry(place)
    where = registry.add("v1", {**files(), "report.html": b"<html>"}, at=AT, by="me")
    assert where == f"{place}/v1"
    assert registry.versions() == ["v1"]
    assert registry.ledger().challenger == "v1"
    entry = Registry(place).read("v1")
    assert entry.files["report.html"] == b"<html>"
    assert entry.artefact == files()
    assert entry.serving().products == ("mortgage", "savings_account")


def test_adding_the_same_again_is_no_move(place: str) -> None:
    registry = Registry(place)
    for _ in range(2):
        registry.add("v1", files(), at=AT, by="me")
    assert len(registry.ledger().moves) == 1


def test_a_damaged_artefact_is_not_added(place: str) -> None:
    damaged = {**files(), ARRAYS: b"damaged"}
    with pytest.raises(ArtefactError, match=ARRAYS):
        Registry(place).add("v1", damaged, at=AT, by="me")
    assert Registry(place).versions() == []
    assert Registry(place).ledger().moves == ()


def test_a_version_without_its_manifest_is_not_there_yet(place: str) -> None:
    registry = Registry(place)
    registry.add("v1", files(), at=AT, by="me")
    fs, root = fsspec.core.url_to_fs(place)
    fs.makedirs(f"{root}/v2")
    fs.pipe_file(f"{root}/v2/{ARRAYS}", files()[ARRAYS])
    assert registry.versions() == ["v1"]
    with pytest.raises(RegistryError, match=r"no version 'v2' .* there are: v1"):
        registry.read("v2")


def test_a_ledger_that_changed_meanwhile_is_not_overwritten(place: str) -> None:
    registry = Registry(place)
    registry.add("v1", files(), at=AT, by="me")
    before = registry.ledger()
    registry.record(before, Move(AT, MoveKind.PROMOTED, "v1", "a colleague"))
    with pytest.raises(RegistryError, match="somebody else changed"):
        registry.record(before, Move(AT, MoveKind.REFUSED, "v1", "me"))
    assert registry.ledger().champion == "v1"


def test_of_many_who_change_it_at_once_one_does_and_the_others_are_told(tmp_path: Path) -> None:
    registry = Registry(str(tmp_path))
    registry.add("v1", files(), at=AT, by="me")
    before = registry.ledger()
    begin = threading.Barrier(WRITERS)

    def write(number: int) -> str:
        begin.wait()
        try:
            registry.record(before, Move(AT, MoveKind.REFUSED, "v1", f"writer {number}"))
        except RegistryError:
            return ""
        return f"writer {number}"

    with ThreadPoolExecutor(WRITERS) as pool:
        wrote = [name for name in pool.map(write, range(WRITERS)) if name]
    assert len(wrote) == 1
    assert [move.by for move in Registry(str(tmp_path)).ledger().moves] == ["me", *wrote]


def test_an_empty_registry_says_how_to_fill_it(place: str) -> None:
    assert Registry(place).versions() == []
    with pytest.raises(RegistryError, match="`raak train` adds them"):
        Registry(place).manifest("v1")


def test_a_url_that_nobody_knows_is_one_clear_line() -> None:
    with pytest.raises(RegistryError, match=r"^registry moon://models: .*moon"):
        Registry("moon://models")


def test_a_directory_of_the_registry_is_what_publish_takes(tmp_path: Path) -> None:
    Registry(str(tmp_path)).add("v1", {**files(), "catalogue.yaml": b""}, at=AT, by="me")
    assert set(read_directory(tmp_path / "v1")) >= {MANIFEST, ARRAYS}
