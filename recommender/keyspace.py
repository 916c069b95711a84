"""Every Redis key, in one place. All keys of one account share a hash tag, so one cluster slot."""

from __future__ import annotations

LIVE = "raak:live"
"""The pointer to what is in force: the version, as UTF-8 text. Swapped atomically."""

STATE_PATTERN = "raak:{*}:state"
"""For SCAN: every account's state."""


def bundle(version: str) -> str:
    """The bundle in force under `version`: catalogue and artefact files as one value."""
    return f"raak:live:{version}"


def state(account_id: str) -> str:
    return f"raak:{{{account_id}}}:state"


def decision(
    account_id: str, version: str, placement: str, channel: str, language: str, limit: int
) -> str:
    """A finished answer under the version that made it: another version never reads it."""
    return f"raak:{{{account_id}}}:decision:{version}:{placement}:{channel}:{language}:{limit}"
