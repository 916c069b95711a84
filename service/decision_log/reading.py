"""Looking a decision up in a log, and making it again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from recommender import decision_table as names
from recommender import keyspace
from recommender.decision import encode
from recommender.events.span import SUFFIX
from recommender.live import Live
from recommender.tables import AT, DECISION_ID
from service.decision_log.again import decide_again
from service.decision_log.bundles import read_kept
from service.decision_log.chain import CHAIN, Line, check, hidden, read_chain
from service.decision_log.errors import DecisionLogError
from service.decision_log.parquet import Row, row_of, rows_of, rows_under
from service.decision_log.pseudonyms import FILE, Pseudonyms
from service.decision_log.review import Inputs, unpack_inputs
from service.decision_log.sealing import unseal


class Erased(DecisionLogError):
    """The account was forgotten, and with it what the decision was made from."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """What the log has, and what comes out now: the decision's canonical JSON, and the body.

    `decision` is None where the log has none to compare with, since it differed from the first.
    """

    row: Row
    decision: bytes | None
    body: bytes | None
    decision_now: bytes
    body_now: bytes
    same_body: bool

    @property
    def equal(self) -> bool:
        return self.same_body and self.decision in (None, self.decision_now)


class DecisionLog:
    """A log to read. Each file is compared with the chain before anything in it is believed."""

    def __init__(self, root: Path) -> None:
        """Raises DecisionLogError: there is no log, or its chain is broken."""
        if not (root / CHAIN).is_file():
            raise DecisionLogError(f"{root} is no decision log: it has no {CHAIN}")
        self.root = root
        self._lines = [told.line for told in read_chain(root)]
        self._people = Pseudonyms.open(root) if (root / FILE).exists() else None
        self._live: dict[str, Live] = {}

    def close(self) -> None:
        if self._people is not None:
            self._people.close()

    @property
    def files(self) -> int:
        """How many files of decisions there are."""
        return len(self._parts())

    def find(self, decision_id: str, looked: Callable[[int], object] = lambda _: None) -> Row:
        """The newest file is looked at first. `looked` is told of each. Raises DecisionLogError."""
        for line in reversed(self._parts()):
            looked(1)
            row = row_of(self._checked(line), decision_id)
            if row is not None:
                return row
        raise DecisionLogError(
            f"no decision {decision_id[:64]} in {self.root}; what was shown a moment ago is logged "
            "once `raak worker` closes a file (RAAK_DECISIONS_LOG_EVERY_S)"
        )

    def rows(self) -> Iterator[Row]:
        """All of them, oldest first. Raises BrokenChain."""
        for line in self._parts():
            yield from rows_of(self._checked(line))

    def about(self, account_id: str) -> Iterator[tuple[Row, Inputs]]:
        """All that was decided about an account, oldest first, with what it was made from.

        Raises DecisionLogError.
        """
        pseudonym = self._people and self._people.find(account_id)
        if pseudonym:
            for line in self._parts():
                for row in rows_under(self._checked(line), pseudonym):
                    yield row, self._inputs(row)

    def replay(self, row: Row) -> Replayed:
        """Decide again, and compare byte for byte. Raises RaakError, Erased among them."""
        inputs = self._inputs(row)
        asked = keyspace.asked(inputs.key)
        live = self._bundle(asked.version)
        again = decide_again(inputs.state, asked, row[AT], live, explain=row[names.EXPLAIN])
        return Replayed(
            row=row,
            decision=inputs.decision,
            body=inputs.body,
            decision_now=encode(again.decision),
            body_now=again.body,
            same_body=again.body_sha256 == row[names.BODY_SHA256],
        )

    def _checked(self, line: Line) -> Path:
        """A file that is as it was written: damaged ones are named, never parsed."""
        check(self.root, line)
        path = self.root / line.file
        return path if path.exists() else hidden(path)

    def _parts(self) -> list[Line]:
        return [line for line in self._lines if line.file.endswith(SUFFIX)]

    def _inputs(self, row: Row) -> Inputs:
        decision_id = row[DECISION_ID]
        known = self._people and self._people.behind(row[names.PSEUDONYM])
        if not known:
            raise Erased(
                f"decision {decision_id} was made for an account that was erased since: what was "
                "shown is known, what it was made from is not"
            )
        _, key = known
        try:
            return unpack_inputs(unseal(row[names.SEALED], key, decision_id))
        except msgspec.DecodeError as error:
            raise DecisionLogError(f"the inputs of decision {decision_id}: {error}") from None

    def _bundle(self, version: str) -> Live:
        if version not in self._live:
            self._live[version] = read_kept(self.root, version)
        return self._live[version]
