"""The one decision function. Everything that decides calls it; nothing else decides.

available -> eligible -> suitable -> consented -> contactable -> scored -> arbitrated -> slotted
"""

from __future__ import annotations

import hashlib
from difflib import get_close_matches

import msgspec

from recommender.account import Account, pack
from recommender.alerts import alerts_for
from recommender.arbitration import Ranked, arbitrate, fill_slots
from recommender.catalogue import Placement
from recommender.decision import ActionKind, Decision, Shown, Stage, Withheld
from recommender.errors import UnknownPlacement
from recommender.funnel import Candidate, contact_state
from recommender.live import Live
from recommender.reasons import strongest
from recommender.request import MAX_LIMIT, Request
from recommender.rules.facts import Facts
from recommender.situation import facts_at
from recommender.validity import valid_until


def decide(account: Account, request: Request, live: Live) -> Decision:
    """What to show this account now, in which order and why, and what was withheld by which rule.

    A pure function: equal inputs give equal decisions, in any process on any machine.

    Raises:
        UnknownPlacement: the catalogue has no such placement.
    """
    catalogue = live.catalogue
    placement = placement_of(request.placement, live)
    if not account.consent.personalisation:
        account = account.without_profile()
    at = request.at
    facts = facts_at(account, at, catalogue.interest.half_life_days)
    contact = contact_state(account, catalogue.contact, at)

    day = at.date()
    candidates, withheld = live.funnel.sift(facts, contact, request.channel, day)
    tokens = live.tokens(facts, account.account_id) if facts.values else []
    ranked = _rank(candidates, tokens, facts, account, request, live)
    slots = min(request.limit or placement.slots, MAX_LIMIT)
    care = _care(facts, request.channel, slots, live)
    offers, crowded_out = fill_slots(ranked, slots - len(care), placement.max_per_domain)
    withheld += [
        Withheld(item.candidate.product_id, Stage.SLOTTED, rule) for item, rule in crowded_out
    ]
    shown = care
    shown += _offers(offers, tokens, len(shown), live)
    shown += _fallback(shown, placement, min(slots, placement.slots), live)
    return Decision(
        decision_id=_decision_id(account, request, live),
        account_id=account.account_id,
        placement=request.placement,
        channel=request.channel,
        language=language_of(account, request, live),
        at=at,
        valid_until=valid_until(account, facts, contact, at, catalogue.interest),
        versions=live.versions,
        shown=tuple(shown),
        withheld=tuple(withheld),
        alerts=alerts_for(account, day, catalogue.alerts) if facts.projected_shortfall else (),
    )


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


def _rank(
    candidates: list[Candidate],
    tokens: list[str],
    facts: Facts,
    account: Account,
    request: Request,
    live: Live,
) -> list[Ranked]:
    if not candidates:
        return []
    propensities = live.model.propensities(tokens, facts.holds - live.repeatable)
    tie_salt = (account.account_id, request.placement, request.at.date())
    return arbitrate(candidates, propensities, live.stakes(request.placement), tie_salt)


def _care(facts: Facts, channel: str, slots: int, live: Live) -> list[Shown]:
    """Care before commerce: service and advice whose moment it is go first, most urgent on top."""
    due = [
        action
        for action in live.funnel.care
        if channel in action.channels and action.when(facts) is True
    ]
    return [
        Shown(action.action_id, action.kind, action.domain, rank)
        for rank, action in enumerate(due[:slots], start=1)
    ]


def _offers(offers: list[Ranked], tokens: list[str], above: int, live: Live) -> list[Shown]:
    return [
        Shown(
            action_id=item.candidate.action_id,
            kind=item.candidate.kind,
            domain=item.candidate.domain,
            rank=rank,
            product_id=item.candidate.product_id,
            propensity=item.propensity,
            arbitration=item.arbitration(),
            tokens=strongest(tokens, item.candidate.product_id, live),
        )
        for rank, item in enumerate(offers, start=above + 1)
    ]


def _fallback(shown: list[Shown], placement: Placement, slots: int, live: Live) -> list[Shown]:
    """Never an empty slot: what the placement declares to be always in place."""
    if len(shown) >= slots:
        return []
    taken = {item.action_id for item in shown}
    spare = [action_id for action_id in placement.fallback if action_id not in taken]
    actions = live.catalogue.actions
    return [
        Shown(action_id, ActionKind(actions[action_id].kind), actions[action_id].domain, rank)
        for rank, action_id in enumerate(spare[: slots - len(shown)], start=len(shown) + 1)
    ]


_encoder = msgspec.msgpack.Encoder()


def _decision_id(account: Account, request: Request, live: Live) -> str:
    made_of = (pack(account), _encoder.encode(request), live.version.encode())
    return hashlib.blake2b(b"".join(made_of), digest_size=12).hexdigest()
