"""The one decision function. Everything that decides calls it; nothing else decides.

available -> eligible -> suitable -> consented -> contactable -> scored -> arbitrated -> slotted
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from datetime import datetime
from difflib import get_close_matches
from operator import attrgetter

import msgspec

from recommender.account import Account, pack
from recommender.alerts.life import shown
from recommender.alerts.turning import turns_within_days
from recommender.arbitration import Ranked, arbitrate, fill_slots, wished
from recommender.catalogue import Placement
from recommender.decision import ActionKind, Decision, Shown, Withheld
from recommender.errors import UnknownPlacement
from recommender.exploration import Salt, best_explorable, explore_slots
from recommender.funnel import Candidate, CareAction, ContactState, contact_state, rules_out
from recommender.live import Live
from recommender.reasons import of_domain, strongest
from recommender.request import MAX_LIMIT, Request
from recommender.rules.facts import Facts
from recommender.validity import valid_until


def decide(account: Account, request: Request, live: Live) -> Decision:
    """What to show this account now, in which order and why, and what was withheld by which rule.

    A pure function: equal inputs give equal decisions, in any process on any machine.

    Raises:
        UnknownPlacement: the catalogue has no such placement.
    """
    return decide_all([(account, request)], live)[0]


def decide_all(asked: Iterable[tuple[Account, Request]], live: Live) -> list[Decision]:
    """`decide` for each, in order. None of them can tell who else was asked about.

    Stage by stage rather than one by one: a stage that has just run runs again from the
    processor's nearest cache, which takes a fifth off eight decisions.

    Raises:
        UnknownPlacement: as `decide`; nothing is decided for anybody then.
    """
    drafts = [Draft(account, request, live) for account, request in asked]
    for stage in (_situate, _sift, _score, _arbitrate, _care, _slot, _fall_back):
        for draft in drafts:
            stage(draft, draft.live)
    return [_decision(draft, draft.live) for draft in drafts]


class Draft:
    """A decision in the making: what is asked, and what each stage found."""

    __slots__ = (
        "account",
        "best_explorable",
        "candidates",
        "contact",
        "day",
        "facts",
        "failed",
        "live",
        "placement",
        "propensities",
        "ranked",
        "request",
        "shown",
        "slots",
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
    propensities: list[float]
    best_explorable: float
    ranked: list[Ranked]
    shown: list[Shown]

    def __init__(self, account: Account, request: Request, live: Live) -> None:
        self.placement = placement_of(request.placement, live)
        self.account = account if account.consent.personalisation else account.without_profile()
        self.request = request
        self.day = live.days.of(request.at)
        self.live = live.on(self.day)
        self.slots = min(request.limit or self.placement.slots, MAX_LIMIT)
        self.best_explorable = 0.0


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


def _situate(draft: Draft, live: Live) -> None:
    account, at, catalogue = draft.account, draft.request.at, live.catalogue
    draft.facts = live.facts(account, at)
    draft.contact = contact_state(account, catalogue.contact, at)


def _sift(draft: Draft, live: Live) -> None:
    """Every hard stage: from available to contactable."""
    request = draft.request
    draft.candidates, draft.withheld, draft.failed = live.funnel.sift(
        draft.facts, draft.contact, request.channel, draft.day
    )


def _score(draft: Draft, live: Live) -> None:
    facts = draft.facts
    draft.tokens = live.tokens(facts, draft.account.account_id) if facts.values else []
    if draft.candidates:
        draft.propensities = live.model.propensities(draft.tokens, facts.holds - live.repeatable)


def _arbitrate(draft: Draft, live: Live) -> None:
    if not draft.candidates:
        draft.ranked = []
        return
    request = draft.request
    tie_salt = (draft.account.account_id, request.placement, draft.day)
    at_stake = live.stakes(request.placement)
    if live.funnel.explores:
        explorable = live.funnel.candidates
        draft.best_explorable = best_explorable(explorable, draft.propensities, at_stake)
    wishes = draft.contact.preferences
    if wishes.domains or wishes.products or wishes.types:
        at_stake = wished(at_stake, draft.candidates, wishes, live.catalogue.wishes)
    draft.ranked = arbitrate(draft.candidates, draft.propensities, at_stake, tie_salt)


def _care(draft: Draft, live: Live) -> None:
    """Care before commerce: service and advice whose moment it is go first, most urgent on top."""
    request = draft.request
    due = live.funnel.care_due(draft.failed, request.channel, draft.day)
    if live.funnel.reminders and (begun := draft.facts.unfinished):
        due += _reminder(begun, draft, live)
        due.sort(key=_URGENCY, reverse=True)
    draft.shown = [
        Shown(action.action_id, action.kind, action.domain, rank)
        for rank, action in enumerate(due[: draft.slots], start=1)
    ]


def _reminder(unfinished: AbstractSet[str], draft: Draft, live: Live) -> list[CareAction]:
    """Of what was begun and left, the last that the person could still have and did not rule out.

    One at most: a row of reminders would crowd out what is urgent.
    """
    stopped = {one.product_id for one in draft.withheld if rules_out(one)}
    products = live.catalogue.products
    begun = [
        (draft.account.applications[name].started_at, name)
        for name in unfinished
        if name not in stopped
        and not draft.contact.unwanted(name, products[name].domain, products[name].type)
    ]
    return [live.funnel.reminders[max(begun)[1]]] if begun else []


_URGENCY = attrgetter("priority")


def _slot(draft: Draft, live: Live) -> None:
    """The best offers fill what care left."""
    shown, tokens = draft.shown, draft.tokens
    offers, crowded_out = _chosen(draft, draft.slots - len(shown), live)
    draft.withheld += crowded_out
    shown += [
        Shown(
            action_id=item.candidate.action_id,
            kind=item.candidate.kind,
            domain=item.candidate.domain,
            rank=rank,
            product_id=item.candidate.product_id,
            propensity=item.propensity,
            arbitration=item.arbitration(),
            probability=probability,
            tokens=_reasons(item.candidate, tokens, live),
        )
        for rank, (item, probability) in enumerate(offers, start=len(shown) + 1)
    ]


def _reasons(candidate: Candidate, tokens: list[str], live: Live) -> tuple[str, ...]:
    if candidate.product_id is None:
        return of_domain(tokens, candidate.domain, live)
    return strongest(tokens, candidate.product_id, live)


def _chosen(
    draft: Draft, slots: int, live: Live
) -> tuple[list[tuple[Ranked, float]], list[Withheld]]:
    """Offers, each with the chance it had of its slot, and what found none."""
    most_alike = draft.placement.max_per_domain
    if live.funnel.explores:
        request = draft.request
        experiment = live.catalogue.exploration.salt
        salt = Salt(experiment, draft.account.account_id, request.placement, draft.day)
        return explore_slots(draft.ranked, slots, most_alike, draft.best_explorable, salt)
    offers, crowded_out = fill_slots(draft.ranked, slots, most_alike)
    return [(item, 1.0) for item in offers], crowded_out


def _fall_back(draft: Draft, live: Live) -> None:
    """Never an empty slot: what the placement declares to be always in place."""
    shown, placement = draft.shown, draft.placement
    slots = min(draft.slots, placement.slots)
    if len(shown) >= slots:
        return
    taken = {item.action_id for item in shown}
    spare = [action_id for action_id in placement.fallback if action_id not in taken]
    actions = live.catalogue.actions
    shown += [
        Shown(action_id, ActionKind(actions[action_id].kind), actions[action_id].domain, rank)
        for rank, action_id in enumerate(spare[: slots - len(shown)], start=len(shown) + 1)
    ]


def _decision(draft: Draft, live: Live) -> Decision:
    account, request, facts = draft.account, draft.request, draft.facts
    at = request.at
    return Decision(
        decision_id=_decision_id(account, request, live),
        account_id=account.account_id,
        placement=request.placement,
        channel=request.channel,
        language=language_of(account, request, live),
        at=at,
        valid_until=_until(draft, live),
        versions=live.versions,
        shown=tuple(draft.shown),
        withheld=tuple(draft.withheld),
        alerts=shown(account, facts, at, live.lookout),
    )


def _until(draft: Draft, live: Live) -> datetime:
    account, at = draft.account, draft.request.at
    midnight, decay = live.days.ends(at), live.catalogue.interest
    until = valid_until(account, draft.facts, draft.contact, at, midnight, decay, live.journeys)
    if account.cases or account.alerts:
        return min((until, *turns_within_days(account, at, live.lookout)))
    return until


_encoder = msgspec.msgpack.Encoder()


def _decision_id(account: Account, request: Request, live: Live) -> str:
    made_of = (pack(account), _encoder.encode(request), live.version.encode())
    return hashlib.blake2b(b"".join(made_of), digest_size=12).hexdigest()
