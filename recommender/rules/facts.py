"""What a rule may look at: an account as it stands at one moment."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from types import MappingProxyType
from typing import Any

NOTHING: Mapping[str, Any] = MappingProxyType({})


class Facts:
    """The facts of one account at one moment.

    `values` holds attributes, `age` and `tenure_years`; an absent key is *unknown*. Interests are
    decayed levels by domain and product. `projected_shortfall` is None when no balance is known.
    Slots rather than a dataclass: dozens of rules read these in every decision.
    """

    __slots__ = (
        "domain_interest",
        "holds",
        "open_cases",
        "product_interest",
        "projected_shortfall",
        "values",
    )

    def __init__(
        self,
        *,
        values: Mapping[str, object] = NOTHING,
        holds: AbstractSet[str] = frozenset(),
        domain_interest: Mapping[str, float] = NOTHING,
        product_interest: Mapping[str, float] = NOTHING,
        open_cases: AbstractSet[str] = frozenset(),
        projected_shortfall: bool | None = None,
    ) -> None:
        self.values = values
        self.holds = holds
        self.domain_interest = domain_interest
        self.product_interest = product_interest
        self.open_cases = open_cases
        self.projected_shortfall = projected_shortfall
