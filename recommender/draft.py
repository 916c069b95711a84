"""A decision in the making: what is asked, of whom, and what each stage found."""

from __future__ import annotations

from difflib import get_close_matches

import msgspec

from recommender.account import Account
from recommender.arbitration import Ranked
from recommender.catalogue import Placement
from recommender.decision import Alert, Shown, Withheld
from recommender.errors import UnknownPlacement
from recommender.funnel import Candidate, ContactState
from recommender.live import Live
from recommender.request import MAX_LIMIT, Request
from recommender.rules.facts import Facts

_encoder = msgspec.msgpack.Encoder()


class Occasion:
    """A request, and what it means with what is in force: alike for everybody it is asked about.

    `live` has only what is in force on `day`; `midnight` ends that day. `on_sale` is what the
    channel has then.

    Raises:
        UnknownPlacement: the catalogue has no such placement.
    """

    __slots__ = ("day", "live", "midnight", "on_sale", "packed", "placement", "request", "slots")

    def __init__(self, request: Request, live: Live) -> None:
        self.request = request
        self.placement = placement_of(request.placement, live)
        self.day = live.days.of(request.at)
        self.midnight = live.days.ends(request.at)
        self.live = live.on(self.day)
        self.on_sale = self.live.funnel.on_sale(request.channel, self.day)
        self.slots = min(request.limit or self.placement.slots, MAX_LIMIT)
        self.packed = _encoder.encode(request) + live.version.encode()


class Draft:
    """Grows stage by stage: what a stage finds is there when it ran.

    Propensities are found only where there are candidates.
    """

    __slots__ = (
        "account",
        "alerts",
        "best_explorable",
        "candidates",
        "contact",
        "facts",
        "failed",
        "live",
        "occasion",
        "propensities",
        "ranked",
        "request",
        "shown",
        "state",
        "tokens",
        "withheld",
    )

    facts: Facts
    contact: ContactState
    candidates: list[Candidate]
    withheld: list[Withheld]
    failed: int
    """The bits of what is not True of the account: see `funnel.Questions`."""
    tokens: list[str]
    best_explorable: float
    ranked: list[Ranked]
    shown: list[Shown]
    alerts: tuple[Alert, ...]

    def __init__(self, account: Account, occasion: Occasion) -> None:
        self.account = account if account.consent.personalisation else account.without_profile()
        self.occasion = occasion
        self.request = occasion.request
        self.live = occasion.live
        self.state: bytes | None = None
        self.best_explorable = 0.0
        self.propensities: list[float] = []

    def known_facts(self) -> Facts:
        return self.facts


def placement_of(name: str, live: Live) -> Placement:
    placements = live.catalogue.placements
    placement = placements.get(name)
    if placement is None:
        close = get_close_matches(name, placements, n=1)
        hint = f"; did you mean {close[0]!r}?" if close else ""
        raise UnknownPlacement(
            f"unknown placement {name!r}: the catalogue has {', '.join(placements)}{hint}"
        )
    return placement


def language_of(account: Account, request: Request, live: Live) -> str:
    """The language asked for, else the person's own, else the catalogue's first."""
    languages = live.catalogue.languages
    for wish in (request.language, account.language):
        if wish in languages:
            return wish
    return languages[0]
