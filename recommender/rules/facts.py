"""What a rule may look at: an account as it stands at one moment."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from types import MappingProxyType
from typing import Any

from recommender.rules.conditions import Happening

NOTHING: Mapping[str, Any] = MappingProxyType({})
NEVER: Mapping[tuple[Happening, str], int] = MappingProxyType({})


class Facts:
    """The facts of one account at one moment.

    `values` holds attributes, `age` and `tenure_years`; an absent key is *unknown*. Interests are
    decayed levels by domain and product. `projected_shortfall` is None when no balance is known.
    What few rules ask is a property
    or a method, so that facts read from an account need not work it out before it is asked.
    Slots rather than a dataclass: dozens of rules read these in every decision.
    """

    __slots__ = (
        "_broken_promises",
        "_days",
        "_held_before",
        "_journey",
        "_lowest_balance_minor",
        "_opinion",
        "_unfinished",
        "domain_interest",
        "holds",
        "open_cases",
        "product_interest",
        "projected_shortfall",
        "values",
    )

    def __init__(  # noqa: PLR0913  # there is that much to look at; each by its name
        self,
        *,
        values: Mapping[str, object] = NOTHING,
        holds: AbstractSet[str] = frozenset(),
        domain_interest: Mapping[str, float] = NOTHING,
        product_interest: Mapping[str, float] = NOTHING,
        open_cases: AbstractSet[str] = frozenset(),
        projected_shortfall: bool | None = None,
        journey: Mapping[str, str] = NOTHING,
        held_before: AbstractSet[str] = frozenset(),
        lowest_balance_minor: int | None = None,
        days: Mapping[tuple[Happening, str], int] = NEVER,
        unfinished: AbstractSet[str] = frozenset(),
        broken_promises: AbstractSet[str] = frozenset(),
        opinion: tuple[int, int] | None = None,
    ) -> None:
        self.values = values
        self.holds = holds
        self.domain_interest = domain_interest
        self.product_interest = product_interest
        self.open_cases = open_cases
        self.projected_shortfall = projected_shortfall
        self._journey = journey
        self._held_before = held_before
        self._lowest_balance_minor = lowest_balance_minor
        self._days = days
        self._unfinished = unfinished
        self._broken_promises = broken_promises
        self._opinion = opinion

    def stage(self, domain: str) -> str | None:
        """How far the person is in a life domain; None where that is not known."""
        return self._journey.get(domain)

    @property
    def profiled(self) -> bool:
        """Whether interests are known: without consent to personalise nobody looks at them."""
        return True

    def plain(self, content_from: int) -> bool:
        """No open case, no application that was left, no opinion below `content_from`: nothing of
        what `rules.rare` is about.
        """
        opinion = self.opinion
        content = opinion is None or opinion[0] >= content_from
        return content and not (self.open_cases or self.broken_promises or self.unfinished)

    @property
    def unfinished(self) -> AbstractSet[str]:
        """Products whose application was begun and left."""
        return self._unfinished

    @property
    def broken_promises(self) -> AbstractSet[str]:
        """Kinds of open cases that were promised to be settled by now."""
        return self._broken_promises

    @property
    def opinion(self) -> tuple[int, int] | None:
        """The last score given to us (0 to 100), and how many days ago; None: there is none."""
        return self._opinion

    @property
    def held_before(self) -> AbstractSet[str]:
        """Products that were held and are no longer."""
        return self._held_before

    @property
    def lowest_balance_minor(self) -> int | None:
        """The lowest balance from now to as far ahead as is looked; None when none is known."""
        return self._lowest_balance_minor

    def days_since(self, happening: Happening, subject: str) -> int | None:
        """Full days since it last happened; None when it never did, or nobody knows."""
        return self._days.get((happening, subject))
