"""Service and advice with a moment of their own, and guidance that competes with offers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_

from recommender.catalogue import Action, Catalogue, reminder_of
from recommender.decision import ActionKind
from recommender.funnel.candidates import Candidate, refusals
from recommender.funnel.questions import Questions
from recommender.rules import Condition


@dataclass(frozen=True, slots=True)
class CareAction:
    """Service or advice with a moment of its own: shown while the bits of `required` are set."""

    action_id: str
    kind: ActionKind
    domain: str
    priority: int
    channels: frozenset[str]
    required: int


@dataclass(frozen=True, slots=True)
class Guidance:
    """What competes with offers, and the bits that have to be set for it."""

    candidate: Candidate
    required: int


def moments(catalogue: Catalogue) -> Iterator[Condition]:
    """All that is asked for the sake of actions."""
    for action_id, action in catalogue.actions.items():
        if action.purpose == "marketing":
            yield from _asked(action_id, action, catalogue)
        elif action.moment is not None:
            yield action.moment


def care_of(catalogue: Catalogue, questions: Questions) -> tuple[CareAction, ...]:
    """The most urgent first."""
    by_urgency = sorted(catalogue.actions.items(), key=lambda item: (-item[1].priority, item[0]))
    return tuple(
        _care_action(action_id, action, questions.bits[action.moment])
        for action_id, action in by_urgency
        if action.purpose == "service" and action.moment is not None
    )


def reminders_of(catalogue: Catalogue) -> Mapping[str, CareAction]:
    """By product: whoever looks which one is due needs no bits for it."""
    actions = catalogue.every_action
    ids = {product_id: reminder_of(product_id) for product_id in catalogue.products}
    return {
        product_id: _care_action(action_id, actions[action_id], required=0)
        for product_id, action_id in ids.items()
        if action_id in actions
    }


def _care_action(action_id: str, action: Action, required: int) -> CareAction:
    return CareAction(
        action_id=action_id,
        kind=ActionKind(action.kind),
        domain=action.domain,
        priority=action.priority,
        channels=frozenset(action.channels),
        required=required,
    )


def _asked(action_id: str, action: Action, catalogue: Catalogue) -> Iterator[Condition]:
    """Its moment, and every policy over its domain or over everything: it is marketing, too."""
    if action.moment is not None:
        yield action.moment
    for policy in catalogue.policies:
        if policy.covers(action_id, action.domain, action_id):
            yield policy.when


def guidance_of(catalogue: Catalogue, questions: Questions) -> tuple[Guidance, ...]:
    return tuple(
        Guidance(
            Candidate(
                product_id=None,
                action_id=action_id,
                kind=ActionKind(action.kind),
                domain=action.domain,
                type=action_id,  # alike is only what is the same
                value=action.value,
                lever=catalogue.levers.of(action_id, action.domain),
                channels=frozenset(action.channels),
                on_sale_from=date.min,
                on_sale_until=date.max,
                temperature=0.0,
                gates=(),
                required=0,
                refused=refusals(action_id),
                crowded_out={},
            ),
            reduce(or_, (questions.bits[one] for one in _asked(action_id, action, catalogue)), 0),
        )
        for action_id, action in catalogue.actions.items()
        if action.purpose == "marketing"
    )
