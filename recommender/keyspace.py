"""Every Redis key, in one place. All keys of one account share a hash tag, so one cluster slot."""

from __future__ import annotations

from typing import NamedTuple

LIVE = "raak:live"
"""The pointer to what is in force: the version, as UTF-8 text. Swapped atomically."""

HISTORY = "raak:history"
"""A list of the versions that were put in force, newest first."""

MODELS = "raak:models"
"""A hash of the models that operators may put in force: version to `recommender.registry.Card`."""

MOVES = "raak:moves"
"""A list of `recommender.registry.Move`, oldest first: what put which model in force here."""

EVENTS = "raak:events"
"""The stream of events that were accepted, each under field `e` as JSON."""

EVENTS_DEAD = "raak:events:dead"
"""A stream of the events that could not be folded, each with its reason."""

EVENTS_LOGGED = "raak:events:logged"
"""The id on EVENTS up to which the event log has it all; absent where no log is kept."""

EVENTS_IN_FILES = "raak:events:logged:files"
"""The last id that a file of the event log has: what came after, up to EVENTS_LOGGED, made none."""

DECISIONS = "raak:decisions"
"""The stream of decisions that were shown, many in an entry, on their way to the decision log."""

DECISIONS_BYTES = "raak:decisions:bytes"
"""How many bytes of decisions wait on DECISIONS."""

DECISIONS_LOGGED = "raak:decisions:logged"
"""The id on DECISIONS up to which the decision log has it all, and the hash of its last file."""

PUBLISHING = "raak:publishing"
"""Held by whoever publishes, so that two do not at once; it expires when that one died."""

ERASED = "raak:erased"
"""A set of `recommender.tombstone.digest`: accounts that were erased and may not come back."""

ERASING = "raak:erasing"
"""A hash of what is still to be done for erasures: `<store>:<receipt>` to the tombstone, in hex."""
ALERTS_BELL = "raak:alerts:bell"
"""A short stream of accounts (`a`) whose alerts changed just now: a hint to look at their logs."""

ALERTS_DUE = "raak:alerts:due"
"""A sorted set of accounts by the instant (seconds) at which time alone may change their alerts."""

ALERTS_SWEPT = "raak:alerts:swept"
"""The version under which everybody's alerts were looked at since the last publication."""

ALERTS_SWEEPING = "raak:alerts:sweeping"
"""Held by the worker that looks at everybody's alerts; it expires when that one died."""

WEBHOOKS = "raak:webhooks:waiting"
"""A sorted set of deliveries by the instant (seconds) from which each may be sent."""

WEBHOOKS_ADDRESSES = "raak:webhooks:addresses"
"""A set of the addresses that have a queue under `webhooks_due`; '' for what cannot be read."""

WEBHOOKS_DEAD = "raak:webhooks:dead"
"""A stream of the deliveries that were given up, each with its reason."""

ACCOUNT_PATTERN = "raak:{*"
"""For SCAN: every key of every account."""


def bundle(version: str) -> str:
    """The bundle in force under `version`: catalogue and artefact files as one value."""
    return f"raak:live:{version}"


def model(version: str) -> str:
    """A model that may be put in force, packed with the catalogue that it learnt with."""
    return f"raak:model:{version}"


def webhooks_due(address: str) -> str:
    """A sorted set of the deliveries to an address that are due, or being sent until (seconds)."""
    return f"raak:webhooks:due:{address}"


def account_of(key: str) -> str:
    """The account that a key of ACCOUNT_PATTERN belongs to."""
    return key.removeprefix("raak:{").partition("}")[0]


def version_of(key: str) -> str | None:
    """The version that made a decision; None for any other key."""
    _, _, kind = key.partition("}:")
    name, _, rest = kind.partition(":")
    return rest.partition(":")[0] if name == "decision" else None


def erasure(receipt_id: str) -> str:
    """What an erasure did so far, as a hash: counts by store, and the instant it began."""
    return f"raak:erasure:{receipt_id}"


def seen(window: int) -> str:
    """Digests of the ids of the events that came in one window of time."""
    return f"raak:events:seen:{window}"


def recent(account_id: str) -> str:
    """Events folded into the state lately, as JSON, oldest first: tables may not have them yet."""
    return f"raak:{{{account_id}}}:recent"


def alert_log(account_id: str) -> str:
    """A capped stream of `recommender.alerts.life.Change`, each under field `c` as JSON."""
    return f"raak:{{{account_id}}}:alerts:log"


def state(account_id: str) -> str:
    return f"raak:{{{account_id}}}:state"


def decision(
    account_id: str, version: str, placement: str, channel: str, language: str, limit: int
) -> str:
    """A finished answer under the version that made it: another version never reads it."""
    return f"raak:{{{account_id}}}:decision:{version}:{placement}:{channel}:{language}:{limit}"


class Asked(NamedTuple):
    """What the key of a finished answer says: who asked what, of which version."""

    account_id: str
    version: str
    placement: str
    channel: str
    language: str
    limit: int


def asked(decision_key: str) -> Asked:
    """What `decision` made a key of. Raises ValueError when it is no such key."""
    account_id, _, rest = decision_key.removeprefix("raak:{").partition("}:decision:")
    version, placement, channel, language, limit = rest.split(":")
    return Asked(account_id, version, placement, channel, language, int(limit))
