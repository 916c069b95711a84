"""The stages of a decision, each a step of everybody's draft. `decide` runs them in this order.

available -> eligible -> suitable -> consented -> contactable -> scored -> arbitrated -> slotted

`drafts` are all of the one `live`. A stage that has just run runs again from the processor's
nearest cache, so those who are decided about together cost less than one by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from operator import attrgetter

from recommender.alerts.life import shown as shown_alerts
from recommender.arbitration import Ranked, fill_slots, wished
from recommender.arbitration import arbitrate as best_first
from recommender.decision import ActionKind, Shown, Withheld
from recommender.draft import Draft
from recommender.exploration import Salt, best_explorable, explore_slots
from recommender.funnel import Candidate, CareAction, contact_state, rules_out
from recommender.live import Live
from recommender.reasons import Own, of_domain, own_of, strongest

Drafts = Sequence[Draft]


def situate(drafts: Drafts, live: Live) -> None:
    for draft in drafts:
        draft.facts = live.facts(draft.account, draft.request.at)


def count_contacts(drafts: Drafts, live: Live) -> None:
    policy = live.catalogue.contact
    for draft in drafts:
        draft.contact = contact_state(draft.account, policy, draft.request.at)


def sift(drafts: Drafts, live: Live) -> None:
    """Every hard stage: from available to contactable."""
    sift_one = live.funnel.sift
    for draft in drafts:
        draft.candidates, draft.withheld, draft.failed = sift_one(
            draft.facts, draft.contact, draft.occasion.on_sale
        )


def score(drafts: Drafts, live: Live) -> None:
    tokens, model, repeatable = live.tokens, live.model, live.repeatable
    for draft in drafts:
        facts = draft.facts
        draft.tokens = tokens(facts, draft.account.account_id) if facts.values else []
    scored = [draft for draft in drafts if draft.candidates]
    rows = [model.known_rows(draft.tokens) for draft in scored]
    held = [draft.facts.holds - repeatable for draft in scored]
    for draft, own in zip(scored, model.chances(rows, held), strict=True):
        draft.propensities = own


def arbitrate(drafts: Drafts, live: Live) -> None:
    for draft in drafts:
        draft.ranked = _ranked(draft, live) if draft.candidates else []


def _ranked(draft: Draft, live: Live) -> list[Ranked]:
    request = draft.request
    tie_salt = (draft.account.account_id, request.placement, draft.occasion.day)
    at_stake = live.stakes(request.placement)
    if live.funnel.explores:
        explorable = live.funnel.candidates
        draft.best_explorable = best_explorable(explorable, draft.propensities, at_stake)
    wishes = draft.contact.preferences
    if wishes.domains or wishes.products or wishes.types:
        at_stake = wished(at_stake, draft.candidates, wishes, live.catalogue.wishes)
    return best_first(draft.candidates, draft.propensities, at_stake, tie_salt)


def care(drafts: Drafts, live: Live) -> None:
    """Care before commerce: service and advice whose moment it is go first, most urgent on top."""
    for draft in drafts:
        draft.shown = [
            Shown(action.action_id, action.kind, action.domain, rank)
            for rank, action in enumerate(_due(draft, live), start=1)
        ]


def _due(draft: Draft, live: Live) -> list[CareAction]:
    due = draft.occasion.on_sale.care_due(draft.failed)
    if live.funnel.reminders and (begun := draft.facts.unfinished):
        due += _reminder(begun, draft, live)
        due.sort(key=_URGENCY, reverse=True)
    return due[: draft.occasion.slots]


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


def slot(drafts: Drafts, live: Live) -> None:
    """The best offers fill what care left."""
    for draft in drafts:
        shown, own = draft.shown, own_of(draft.tokens, live)
        offers, crowded_out = _chosen(draft, draft.occasion.slots - len(shown), live)
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
                tokens=_reasons(item.candidate, draft, own, live),
            )
            for rank, (item, probability) in enumerate(offers, start=len(shown) + 1)
        ]


def _reasons(candidate: Candidate, draft: Draft, own: Own, live: Live) -> tuple[str, ...]:
    if candidate.product_id is None:
        return of_domain(draft.tokens, candidate.domain, live)
    return strongest(own, candidate.product_id, live)


def _chosen(
    draft: Draft, slots: int, live: Live
) -> tuple[list[tuple[Ranked, float]], list[Withheld]]:
    """Offers, each with the chance it had of its slot, and what found none."""
    most_alike = draft.occasion.placement.max_per_domain
    if live.funnel.explores:
        request = draft.request
        experiment = live.catalogue.exploration.salt
        salt = Salt(experiment, draft.account.account_id, request.placement, draft.occasion.day)
        return explore_slots(draft.ranked, slots, most_alike, draft.best_explorable, salt)
    offers, crowded_out = fill_slots(draft.ranked, slots, most_alike)
    return [(item, 1.0) for item in offers], crowded_out


def fall_back(drafts: Drafts, live: Live) -> None:
    """Never an empty slot: what the placement declares to be always in place."""
    actions = live.catalogue.actions
    for draft in drafts:
        shown, placement = draft.shown, draft.occasion.placement
        slots = min(draft.occasion.slots, placement.slots)
        if len(shown) >= slots:
            continue
        taken = {item.action_id for item in shown}
        spare = [action_id for action_id in placement.fallback if action_id not in taken]
        shown += [
            Shown(action_id, ActionKind(actions[action_id].kind), actions[action_id].domain, rank)
            for rank, action_id in enumerate(spare[: slots - len(shown)], start=len(shown) + 1)
        ]


def alert(drafts: Drafts, live: Live) -> None:
    """What the person needs to know now, whatever is offered."""
    lookout = live.lookout
    for draft in drafts:
        draft.alerts = shown_alerts(draft.account, draft.known_facts, draft.request.at, lookout)


STAGES = (situate, count_contacts, sift, score, arbitrate, care, slot, fall_back, alert)
