"""Every Redis key, in one place. All keys of one account share a hash tag, so one cluster slot."""

from __future__ import annotations

LIVE = "raak:live"
"""The pointer to what is in force: the version, as UTF-8 text. Swapped atomically."""

HISTORY = "raak:history"
"""A list of the versions that were put in force, newest first."""

ACCOUNT_PATTERN = "raak:{*"
"""For SCAN: every key of every account."""


def bundle(version: str) -> str:
    """The bundle in force under `version`: catalogue and artefact files as one value."""
    return f"raak:live:{version}"


def account_of(key: str) -> str:
    """The account that a key of ACCOUNT_PATTERN belongs to."""
    return key[len("raak:{") : key.index("}")]


def version_of(key: str) -> str | None:
    """The version that made a decision; None for any other key."""
    _, _, kind = key.partition("}:")
    name, _, rest = kind.partition(":")
    return rest.partition(":")[0] if name == "decision" else None


def state(account_id: str) -> str:
    return f"raak:{{{account_id}}}:state"


def decision(
    account_id: str, version: str, placement: str, channel: str, language: str, limit: int
) -> str:
    """A finished answer under the version that made it: another version never reads it."""
    return f"raak:{{{account_id}}}:decision:{version}:{placement}:{channel}:{language}:{limit}"
