"""The event log's files: `day=2026-11-23/bucket=07/<first>_<last>.parquet`.

A part holds all events of its day and bucket whose ids on the stream lie between the two in its
name, so the files themselves say how far the log has come, and no event is ever in it twice:

- A part is first written in full under a hidden name (`.<first>_<last>.new`). Only when all files
  of a part are written, and on disk, are they renamed. Who finds one of them renamed finishes the
  rest; who finds none throws them away, for the stream still has it all.
- Small files are made into one whose name spans theirs. A file within the span of another in its
  folder is a leftover of that, and counts for nothing. Merging is one file at a time, and so is
  taking rows of erased accounts out of one: what has its hidden name (`.<first>_<last>.merge`)
  after a crash is thrown away.
"""

from __future__ import annotations

import fcntl
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import IO

from recommender.events.span import BEGINNING, SUFFIX, Span, order, superseded
from service.errors import ServiceError
from service.to_disk import to_disk

UNFINISHED, MERGED = ".new", ".merge"

Partition = tuple[str, int]
"""The day (ISO) and the account bucket."""

Write = Callable[[Path], None]


class LogError(ServiceError):
    """The event log cannot be written; the text says which directory and why."""


class LogFiles:
    """The files of a log, for one writer at a time."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._lock: IO[str] | None = None

    def open(self) -> str:
        """Keep other writers out and mend what a crash left behind. Returns the last id logged.

        Raises LogError: the directory cannot be written, or another process writes there.
        """
        try:
            self._root.mkdir(parents=True, exist_ok=True)
            self._lock = (self._root / ".lock").open("w")
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.close()
            raise LogError(f"another worker writes the event log in {self._root}") from None
        except OSError as error:
            raise LogError(f"cannot write an event log in {self._root}: {error.strerror}") from None
        self._mend()
        return last_logged(self._root)

    def close(self) -> None:
        if self._lock is not None:
            self._lock.close()

    def files(self) -> list[Path]:
        return _files(self._root)

    def add(self, span: Span, parts: Mapping[Partition, Write]) -> None:
        """Write a part, one file a partition: all of them or, after a crash, none."""
        hidden = []
        for (day, bucket), write in parts.items():
            folder = self._root / f"day={day}" / f"bucket={bucket:02}"
            folder.mkdir(parents=True, exist_ok=True)
            hidden.append(folder / f".{span}{UNFINISHED}")
            write(hidden[-1])
            to_disk(hidden[-1])
        for folder in {self._root, *(up for path in hidden for up in path.parents[:2])}:
            to_disk(folder)  # a file is only as safe as its name
        _show(hidden)

    def compact(self, most: int, merge: Callable[[Iterable[Path], Path], None]) -> int:
        """Make one file of `most` small ones or more in a partition. Returns how many it made."""
        made = 0
        for folder, files in _by_folder(self.files()).items():
            parts = _mergeable(files, most)
            if not parts:
                continue
            whole = Span(Span.of(parts[0].name).first, _last(parts))
            hidden = folder / f".{whole}{MERGED}"
            merge(parts, hidden)
            to_disk(hidden)
            _show([hidden])
            for part in parts:
                part.unlink()
            made += 1
        return made

    def rewrite(self, path: Path, write: Write) -> None:
        """Put other rows in the place of a file's: all at once, under its name."""
        hidden = path.with_name(f".{Span.of(path.name)}{MERGED}")
        write(hidden)
        to_disk(hidden)
        _show([hidden])

    def _mend(self) -> None:
        shown = {Span.of(path.name) for path in self.files()}
        hidden = list(self._root.glob(f"day=*/bucket=*/.*{UNFINISHED}"))
        _show([path for path in hidden if Span.of(path.name) in shown])
        for path in (*hidden, *self._root.glob(f"day=*/bucket=*/.*{MERGED}")):
            path.unlink(missing_ok=True)
        for leftover in leftovers(self.files()):
            leftover.unlink()


def last_logged(root: Path) -> str:
    """The last id on the stream that the files have."""
    return max((Span.of(path.name).last for path in _files(root)), key=order, default=BEGINNING)


def _files(root: Path) -> list[Path]:
    return sorted(root.glob(f"day=*/bucket=*/[!.]*{SUFFIX}"))


def leftovers(files: Iterable[Path]) -> Iterator[Path]:
    """Files whose events are all in another file of their folder."""
    for folder, siblings in _by_folder(files).items():
        yield from (folder / name for name in superseded(path.name for path in siblings))


def _by_folder(files: Iterable[Path]) -> dict[Path, list[Path]]:
    found: dict[Path, list[Path]] = defaultdict(list)
    for path in files:
        found[path.parent].append(path)
    return found


def _mergeable(files: Iterable[Path], most: int) -> list[Path]:
    """Neighbours of about one size, so that a row is written again only a few times a day.

    Neighbours, since the span of what is made of them must not cover another file.
    """
    parts = sorted(files, key=lambda path: order(Span.of(path.name).first))
    if len(parts) >= most * most:
        return parts
    alike = groupby(parts, key=lambda path: int(math.log(path.stat().st_size, most)))
    runs = (list(run) for _, run in alike)
    return next((run for run in runs if len(run) >= most), [])


def _last(parts: list[Path]) -> str:
    return max((Span.of(part.name).last for part in parts), key=order)


def _show(hidden: Iterable[Path]) -> None:
    """From here on these files are part of the log."""
    folders = set()
    for path in hidden:
        path.replace(path.with_name(f"{Span.of(path.name)}{SUFFIX}"))
        folders.add(path.parent)
    for folder in folders:
        to_disk(folder)
