"""What the logs hold about one person, for a machine that has their directories."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import msgspec

from recommender import decision_table as names
from service.access.held import Part, asked_in, readable_state
from service.decision_log.parquet import Row
from service.decision_log.reading import DecisionLog
from service.decision_log.review import Inputs
from service.events.log_files import LogFiles, leftovers
from service.events.parquet import rows_about

Json = dict[str, Any]

EVENTS_ABOUT: Final = "what you did since you were first seen, as the event log has it"
DECISIONS_ABOUT: Final = (
    "what you were shown, when, what was withheld and by which rule, what was known about you then "
    "(state) and how it was weighed (decision)"
)

_INTERNAL: Final = (names.PSEUDONYM, names.SEALED)
"""Columns that say nothing: a random name, and what is opened beside it."""


def in_event_log(root: Path, account_id: str) -> Part:
    """May be read while a worker writes it. Raises OSError."""
    files = LogFiles(root).files()
    left = frozenset(leftovers(files))
    rows = [row for path in files if path not in left for row in rows_about(path, account_id)]
    return Part(EVENTS_ABOUT, [_known(row) for row in rows])


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
