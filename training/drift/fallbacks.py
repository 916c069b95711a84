"""How often a slot is filled by what always fits, because nothing better was left."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from recommender.account import Account
from recommender.decide import decide
from recommender.live import Live
from recommender.request import Request


def fallback_share(accounts: Iterable[Account], live: Live, placement: str, at: datetime) -> float:
    """The share of filled slots of `placement` that hold one of its fallbacks, over `accounts`.

    Asked of the same `decide` that serves, so rules, consents and contact limits count.
    """
    place = live.catalogue.placements[placement]
    request = Request(at=at, placement=placement, channel=place.channels[0])
    fallbacks = frozenset(place.fallback)
    filled = fallen_back = 0
    for account in accounts:
        for shown in decide(account, request, live).shown:
            filled += 1
            fallen_back += shown.action_id in fallbacks
    return fallen_back / filled if filled else 1.0
