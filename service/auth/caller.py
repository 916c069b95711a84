"""The caller: who asks, with which scopes, and whether for one account only."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Scope(StrEnum):
    """What may be granted. Nothing is granted by default."""

    RECOMMENDATIONS = "recommendations:read"
    EXPLAIN = "recommendations:explain"
    """For a person's token only: who may read all recommendations may have them explained."""
    ALERTS = "alerts:read"
    ACCOUNTS = "accounts:read"
    EXPORT = "accounts:export"
    """All that is held about an account; a person's token has to name it."""
    ERASE = "accounts:erase"
    """For back ends only: whoever erases knows who asked, and what the law has to be kept."""
    CATALOGUE = "catalogue:read"
    METRICS = "metrics:read"
    EVENTS = "events:write"
    PREFERENCES = "preferences:write"
    """To read and to change what a person asked for, consents included."""
    CONTEXT = "context:write"
    CONTACTS = "contacts:write"
    MODELS = "models:read"
    PROMOTE = "models:promote"


OWN_ACCOUNT = frozenset(
    {
        Scope.RECOMMENDATIONS,
        Scope.EXPLAIN,
        Scope.ALERTS,
        Scope.EVENTS,
        Scope.PREFERENCES,
    }
)
"""What a person's token allows, about that person only, when it names no scopes itself."""


@dataclass(frozen=True, slots=True)
class Caller:
    """`account_id` is the one account a token is for; None for a back end, which asks for all.

    `expires_at` (seconds since 1970): from then on its token is not accepted.
    """

    name: str
    scopes: frozenset[Scope]
    account_id: str | None = None
    expires_at: float | None = field(default=None, compare=False)

    @property
    def may_have_explained(self) -> bool:
        """Whether it may be told what was withheld, and by which rules of ours."""
        return not self.is_the_person or Scope.EXPLAIN in self.scopes

    @property
    def is_the_person(self) -> bool:
        """Whether it is who the answers are about, rather than a back end."""
        return self.account_id is not None
