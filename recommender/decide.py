"""The one decision function. Everything that decides calls it; nothing else decides."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter

from recommender.account import Account, pack
from recommender.alerts.turning import turns_within_days
from recommender.decision import Decision
from recommender.draft import Draft, Occasion, language_of
from recommender.live import Live
from recommender.request import Request
from recommender.stages import STAGES, Drafts, alert, count_contacts, score, situate
from recommender.validity import valid_until

Stage = Callable[[Drafts, Live], None]
Asked = Iterable[tuple[Account, Request]]


def decide(account: Account, request: Request, live: Live, state: bytes | None = None) -> Decision:
    """What to show this account now, in which order and why, and what was withheld by which rule.

    A pure function: equal inputs give equal decisions, in any process on any machine. `state` is
    what the account was unpacked from, where that is at hand: then the decision's id is a digest of
    these bytes, and the account need not be packed for it.

    Raises:
        UnknownPlacement: the catalogue has no such placement.
    """
    return decide_all([(account, request)], live, [state])[0]


def decide_all(asked: Asked, live: Live, states: Sequence[bytes | None] = ()) -> list[Decision]:
    """`decide` for each, in order. None of them can tell who else was asked about.

    Raises:
        UnknownPlacement: as `decide`; nothing is decided for anybody then.
    """
    drafts = _drafts(asked, live)
    for draft, state in zip(drafts, states, strict=False):
        draft.state = state
    _run(STAGES, drafts)
    return _decisions(drafts)


def decide_both(asked: Asked, before: Live, after: Live) -> tuple[list[Decision], list[Decision]]:
    """`decide_all` under each of two things in force, for less: what both find alike of an account
    is found once.

    Raises:
        UnknownPlacement: as `decide`, of either.
    """
    asked, alike = list(asked), Alike.of(before, after)
    firsts, seconds = _drafts(asked, before), _drafts(asked, after)
    _run(STAGES, firsts)
    for first, second in zip(firsts, seconds, strict=True):
        alike.hand_on(first, second)
    _run(alike.remaining, seconds)
    return _decisions(firsts), _decisions(seconds)


@dataclass(frozen=True, slots=True)
class Alike:
    """What two things in force find alike of any account."""

    facts: bool
    contacts: bool
    scores: bool
    alerts: bool

    @classmethod
    def of(cls, one: Live, other: Live) -> Alike:
        ours, theirs = one.catalogue, other.catalogue
        facts = (ours.timezone, ours.interest, one.journeys) == (
            theirs.timezone,
            theirs.interest,
            other.journeys,
        )
        scored = [(live.model.version, live.features, live.repeatable) for live in (one, other)]
        alerted = [(each.alerts, each.currency) for each in (ours, theirs)]
        return cls(
            facts,
            contacts=ours.contact == theirs.contact,
            scores=facts and scored[0] == scored[1],
            alerts=facts and alerted[0] == alerted[1],
        )

    def hand_on(self, first: Draft, second: Draft) -> None:
        """What `first` found, to `second`, which is of the same account and request."""
        if self.facts:
            second.facts = first.facts
        if self.contacts:
            second.contact = first.contact
        if self.scores and first.candidates:  # without any it was not scored
            second.tokens, second.propensities = first.tokens, first.propensities
        if self.alerts:
            second.alerts = first.alerts

    @property
    def remaining(self) -> tuple[Stage, ...]:
        """The stages for what is not handed on."""
        spared = {situate: self.facts, count_contacts: self.contacts, alert: self.alerts}
        return tuple(
            _score_unless_scored if stage is score and self.scores else stage
            for stage in STAGES
            if not spared.get(stage, False)
        )


def _score_unless_scored(drafts: Drafts, live: Live) -> None:
    score([draft for draft in drafts if not draft.propensities], live)


def _decisions(drafts: list[Draft]) -> list[Decision]:
    return [_decision(draft, draft.live) for draft in drafts]


def _drafts(asked: Asked, live: Live) -> list[Draft]:
    drafts: list[Draft] = []
    occasion: Occasion | None = None
    for account, request in asked:
        if occasion is None or occasion.request is not request:
            occasion = Occasion(request, live)
        drafts.append(Draft(account, occasion))
    return drafts


def _run(stages: Sequence[Stage], drafts: Drafts) -> None:
    """Neighbours who find the same in force go through the stages together: mostly all of them."""
    alike = len({draft.live for draft in drafts}) == 1
    groups = [drafts] if alike else [list(some) for _, some in groupby(drafts, key=_LIVE)]
    for group in groups:
        live = group[0].live
        for stage in stages:
            stage(group, live)


_LIVE = attrgetter("live")


def _decision(draft: Draft, live: Live) -> Decision:
    account, request = draft.account, draft.request
    at = request.at
    return Decision(
        decision_id=_decision_id(draft),
        account_id=account.account_id,
        placement=request.placement,
        channel=request.channel,
        language=language_of(account, request, live),
        at=at,
        valid_until=_until(draft, live),
        versions=live.versions,
        shown=tuple(draft.shown),
        withheld=tuple(draft.withheld),
        alerts=draft.alerts,
    )


def _until(draft: Draft, live: Live) -> datetime:
    account, at = draft.account, draft.request.at
    midnight, decay = draft.occasion.midnight, live.catalogue.interest
    until = valid_until(account, draft.facts, draft.contact, at, midnight, decay, live.journeys)
    if account.cases or account.alerts:
        return min((until, *turns_within_days(account, at, live.lookout)))
    return until


def _decision_id(draft: Draft) -> str:
    """A digest of all that was looked at: a profile that may not be read is not in it."""
    account, state = draft.account, draft.state
    if state is None or not account.consent.personalisation:
        state = pack(account)
    return hashlib.blake2b(state + draft.occasion.packed, digest_size=12).hexdigest()
