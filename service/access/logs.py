"""What the logs hold about one person, for a machine that has their directories."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import msgspec

from recommender import decision_table as names
from service.access.held import Part, asked_in, readable_state
from service.decision_log.parquet import Row
from service.decision_log.reading import DecisionLog
from service.decision_log.review import Inputs
from service.events.log_files import LogError, LogFiles, leftovers
from service.events.parquet import rows_about

Json = dict[str, Any]

EVENTS_ABOUT: Final = "what you did since you were first seen, as the event log has it"
DECISIONS_ABOUT: Final = (
    "what you were shown, when, what was withheld and by which rule, what was known about you then "
    "(state) and how it was weighed (decision)"
)

_TRIES: Final = 20
"""A worker merges a few times a minute; somebody who deletes the log is not waited for."""

_INTERNAL: Final = (names.PSEUDONYM, names.SEALED)
"""Columns that say nothing: a random name, and what is opened beside it."""


def in_event_log(root: Path, account_id: str) -> Part:
    """May be read while a worker writes it. Raises LogError."""
    try:
        for _ in range(_TRIES):
            with suppress(FileNotFoundError):  # merged meanwhile: its rows are in another file now
                return Part(EVENTS_ABOUT, _rows(root, account_id))
    except OSError as error:
        raise LogError(f"cannot read the event log in {root}: {error}") from None
    raise LogError(f"the event log in {root} changes too fast to be read; run it again")


def _rows(root: Path, account_id: str) -> list[Json]:
    files = _settled(root)
    left = frozenset(leftovers(files))
    return [
        _known(row) for path in files if path not in left for row in rows_about(path, account_id)
    ]


def _settled(root: Path) -> list[Path]:
    """The files, listed twice: a listing during a merge may have neither the parts nor the whole.

    Raises FileNotFoundError: they changed between the two.
    """
    log = LogFiles(root)
    files = log.files()
    if log.files() != files:
        raise FileNotFoundError(root)
    return files


def in_decision_log(root: Path, account_id: str) -> Part:
    """As above. Raises DecisionLogError."""
    log = DecisionLog(root)
    try:
        return Part(DECISIONS_ABOUT, [_entry(row, inputs) for row, inputs in log.about(account_id)])
    finally:
        log.close()


def _entry(row: Row, inputs: Inputs) -> Json:
    said = {name: value for name, value in row.items() if name not in _INTERNAL}
    decision = None if inputs.decision is None else msgspec.json.decode(inputs.decision)
    made_from = {"state": readable_state(inputs.state), "decision": decision}
    return {**_known(said), **asked_in(inputs.key), **made_from}


def _known(row: Json) -> Json:
    return {name: value for name, value in row.items() if value is not None}
