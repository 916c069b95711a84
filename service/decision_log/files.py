"""The log's files, for one writer at a time: each is complete, chained, and never touched again.

A file is written in full under a hidden name; then its line is put at the end of the chain; only
then does it get its name. Who finds a hidden file whose line is there gives it its name; who finds
one without a line throws it away, for the stream still has what was in it. A line of which a crash
left only a part is cut off.
"""

from __future__ import annotations

import fcntl
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import IO, Final

from recommender.events.span import BEGINNING, SUFFIX, Span
from service.decision_log.chain import (
    CHAIN,
    UNFINISHED,
    Line,
    Told,
    check,
    file_hash,
    files,
    head_of,
    hidden,
    line_hash,
    read_chain,
    refuse_strangers,
)
from service.decision_log.errors import BrokenChain, DecisionLogError
from service.to_disk import to_disk

logger = logging.getLogger(__name__)

LOCK: Final = ".lock"
Write = Callable[[Path], object]


class ChainedFiles:
    """`open` it before anything else."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._lock: IO[str] | None = None
        self._chain: list[Told] = []

    def open(self) -> None:
        """Keep other writers out and mend what a crash left behind.

        Raises DecisionLogError: the directory cannot be written, another process writes there, or
        its chain is broken.
        """
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            self._lock = (self.root / LOCK).open("w")
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._mend()
        except BlockingIOError:
            self.close()
            raise DecisionLogError(f"another worker writes the log in {self.root}") from None
        except OSError as error:
            self.close()
            raise DecisionLogError(f"cannot write a log in {self.root}: {error.strerror}") from None
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        if self._lock is not None:
            self._lock.close()

    @property
    def head(self) -> str:
        """The hash of the last line: whoever notes it can tell later that nothing was cut off."""
        return head_of(self._chain)

    def knows(self, head: str) -> bool:
        return any(told.hash == head for told in self._chain)

    def parts(self) -> list[Path]:
        """The files of decisions, newest first."""
        names = [told.line.file for told in reversed(self._chain)]
        return [self.root / name for name in names if name.endswith(SUFFIX)]

    def last(self) -> str:
        """The last id on the stream that the files have."""
        newest = next(iter(self.parts()), None)
        return BEGINNING if newest is None else Span.of(newest.name).last

    def add(self, name: str, write: Write) -> None:
        """Write a file. When this returns it is on disk and chained. Raises OSError."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = hidden(path)
        write(fresh)
        to_disk(fresh)
        to_disk(path.parent)
        to_disk(self.root)  # a file is only as safe as its name
        self._tell(Line(name, file_hash(fresh), self.head))
        self._show(path)

    def _tell(self, line: Line) -> None:
        raw = line.encode()
        with (self.root / CHAIN).open("ab") as chain:
            chain.write(raw)
            chain.flush()
            os.fsync(chain.fileno())
        to_disk(self.root)
        self._chain.append(Told(line, line_hash(raw)))

    def _show(self, path: Path) -> None:
        hidden(path).replace(path)
        to_disk(path.parent)

    def _mend(self) -> None:
        self._chain = self._trusted()
        self._cut_torn_line()
        if self._chain:
            self._finish_last(self._chain[-1].line)
        for leftover in self.root.glob(f"*/.*{UNFINISHED}"):
            leftover.unlink()

    def _trusted(self) -> list[Told]:
        try:
            chain = read_chain(self.root)
            refuse_strangers(self.root, files(self.root), chain)
        except BrokenChain as broken:
            raise DecisionLogError(f"{broken}; move the log away to begin a new one") from None
        return chain

    def _cut_torn_line(self) -> None:
        path = self.root / CHAIN
        if path.exists():
            os.truncate(path, path.read_bytes().rfind(b"\n") + 1)
            to_disk(path)

    def _finish_last(self, line: Line) -> None:
        """It goes on even when that file was harmed: what comes now must not be lost as well."""
        path = self.root / line.file
        try:
            check(self.root, line)
        except BrokenChain as broken:
            logger.error("%s: the decision log has been changed", broken)  # noqa: TRY400  # no fault of ours
        else:
            if not path.exists():
                self._show(path)
