"""The registry on disk or in a bucket: one directory a version, and the ledger of their moves.

    REGISTRY/registry.json                 the ledger
    REGISTRY/<version>/manifest.json ...   the artefact, as `raak publish --model` takes it
    REGISTRY/<version>/catalogue.yaml      the catalogue it learnt with
    REGISTRY/<version>/trial.*             the same recipe, without the newest rows: for the gate

The place is a path or any URL that fsspec knows (`s3://bucket/raak`, with the package s3fs).
One writer at a time: a ledger that changed meanwhile is refused, not overwritten.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import fsspec
from fsspec.implementations.local import LocalFileSystem

from recommender.artefact import (
    ARRAYS,
    MANIFEST,
    VOCABULARY,
    Manifest,
    read_artefact,
    read_manifest,
)
from recommender.errors import ArtefactError
from recommender.model import Model
from recommender.registry import Ledger, Move, MoveKind, RegistryError, read_ledger
from training.artefact import write_artefact

LEDGER = "registry.json"
CATALOGUE = "catalogue.yaml"
TRIAL = "trial."
"""What the names of the tried model's files begin with."""

PARTS = (MANIFEST, ARRAYS, VOCABULARY)


@dataclass(frozen=True, eq=False)
class Entry:
    """One version's files by name."""

    files: Mapping[str, bytes]

    @property
    def artefact(self) -> dict[str, bytes]:
        return {name: self.files[name] for name in PARTS if name in self.files}

    @property
    def manifest(self) -> Manifest:
        return read_manifest(self.files[MANIFEST])

    @property
    def catalogue(self) -> str | None:
        """The text of the catalogue it learnt with; None for what an older Raak wrote."""
        text = self.files.get(CATALOGUE)
        return None if text is None else text.decode()

    def serving(self) -> Model:
        """Raises ArtefactError."""
        return read_artefact(self.artefact)

    def tried(self) -> Model | None:
        """The model of the same recipe that has not seen the newest rows; None without a trial."""
        files = {name: self.files[TRIAL + name] for name in PARTS if TRIAL + name in self.files}
        return read_artefact(files) if files else None

    def tried_until(self) -> str | None:
        """The last day whose rows the tried model has seen."""
        content = self.files.get(TRIAL + MANIFEST)
        return None if content is None else read_manifest(content).data_window["until"]


class Registry:
    """Versions and their ledger at `place`, a path or a URL; made when the first one is added."""

    def __init__(self, place: str) -> None:
        """Raises RegistryError: nobody here knows such a URL."""
        self.place = place
        try:
            self._fs, self._root = fsspec.core.url_to_fs(place)
        except (ImportError, ValueError) as error:
            raise RegistryError(f"registry {place}: {error}") from None

    def ledger(self) -> Ledger:
        """Raises ArtefactError: it cannot be read."""
        content = self._read(LEDGER)
        return Ledger() if content is None else read_ledger(content, f"{self.place}/{LEDGER}")

    def versions(self) -> list[str]:
        """Every version that is there whole, in the order of their names: their last day first."""
        self._fs.invalidate_cache()  # some remember their listings, and others write too
        if not self._fs.isdir(self._root):
            return []
        found = (str(path).rsplit("/", 1)[-1] for path in self._fs.ls(self._root, detail=False))
        return sorted(
            name
            for name in found
            if not name.startswith(".") and self._fs.isfile(f"{self._root}/{name}/{MANIFEST}")
        )

    def manifest(self, version: str) -> Manifest:
        """Raises RegistryError: no such version; ArtefactError: it cannot be read."""
        self._known(version)
        return read_manifest(self._read(f"{version}/{MANIFEST}") or b"")

    def read(self, version: str) -> Entry:
        """All files of a version. Raises RegistryError: there is none such."""
        self._known(version)
        folder = f"{self._root}/{version}"
        paths = [path for path in self._fs.ls(folder, detail=False) if self._fs.isfile(path)]
        return Entry({str(path).rsplit("/", 1)[-1]: self._fs.cat_file(path) for path in paths})

    def add(self, version: str, files: Mapping[str, bytes], *, at: str, by: str) -> str:
        """Write a version, make it the challenger, and return where it is.

        The manifest is written last, so that a version is there whole or not at all. A version that
        is there already holds the same model; adding it again is no move.

        Raises:
            ArtefactError: what was to be written could not be read back; nothing was written.
            OSError: the place cannot be written to.
        """
        before = self.ledger()
        if isinstance(self._fs, LocalFileSystem):
            write_artefact(Path(self._root), files, version)
        else:
            read_artefact(files)
            for name in sorted(files, key=lambda name: name == MANIFEST):
                self._fs.pipe_file(f"{self._root}/{version}/{name}", files[name])
        if all(move.version != version for move in before.moves):
            self.record(before, Move(at, MoveKind.ADDED, version, by))
        return f"{self.place.rstrip('/')}/{version}"

    def record(self, before: Ledger, *moves: Move) -> Ledger:
        """Write the ledger with `moves` added to `before`, which it must still be.

        Raises:
            RegistryError: somebody else changed it meanwhile.
        """
        after = before.after(*moves)
        if after == before:
            return before
        with self._alone():
            if self.ledger() != before:
                raise RegistryError(f"{self.place}: somebody else changed {LEDGER}; try again")
            self._write(LEDGER, after.encode())
        return after

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Nobody else on this machine writes the ledger meanwhile; a bucket knows no such lock."""
        if not isinstance(self._fs, LocalFileSystem):
            yield
            return
        handle = os.open(self._root, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def _known(self, version: str) -> None:
        known = self.versions()
        if version not in known:
            there = ", ".join(reversed(known[-5:])) or "none; `raak train` adds them"
            raise RegistryError(f"no version {version!r} in {self.place}; there are: {there}")

    def _read(self, name: str) -> bytes | None:
        try:
            content: bytes = self._fs.cat_file(f"{self._root}/{name}")
        except FileNotFoundError:
            return None
        except OSError as error:
            raise ArtefactError(f"{self.place}/{name} cannot be read: {error.strerror}") from None
        return content

    def _write(self, name: str, content: bytes) -> None:
        """Replace at once: buckets do so by themselves, a directory by renaming."""
        path = f"{self._root}/{name}"
        if not isinstance(self._fs, LocalFileSystem):
            self._fs.pipe_file(path, content)
            return
        handle, fresh = tempfile.mkstemp(prefix=".unfinished-", dir=self._root)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(fresh).chmod(0o644)
        Path(fresh).replace(path)
