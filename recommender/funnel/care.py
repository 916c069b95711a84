"""Service and advice with a moment of their own, and guidance that competes with offers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from recommender.catalogue import Action, Catalogue, reminder_of
from recommender.decision import ActionKind
from recommender.funnel.candidates import Candidate, Gates
from recommender.funnel.questions import NOBODY
from recommender.rules import Condition, Facts, Predicate, compile_condition
from recommender.rules.conditions import All
from recommender.rules.rare import is_rare


@dataclass(frozen=True, slots=True)
class CareAction:
    """Service or advice with a moment of its own: shown while `when` is True."""

    action_id: str
    kind: ActionKind
    domain: str
    priority: int
    channels: frozenset[str]
    when: Predicate
    rare: bool
    """Not for who has nothing rare: see `rules.rare`."""

    def due(self, facts: Facts, channel: str) -> bool:
        return channel in self.channels and self.when(facts) is True


class Guidance(NamedTuple):
    """What competes with offers, and when it may."""

    candidate: Candidate
    when: Predicate


def care_of(catalogue: Catalogue) -> tuple[CareAction, ...]:
    by_urgency = sorted(catalogue.actions.items(), key=lambda item: (-item[1].priority, item[0]))
    return tuple(
        _care_action(action_id, action, action.moment)
        for action_id, action in by_urgency
        if action.purpose == "service" and action.moment is not None
    )


def reminders_of(catalogue: Catalogue) -> dict[str, CareAction]:
    actions = catalogue.every_action
    ids = {product_id: reminder_of(product_id) for product_id in catalogue.products}
    return {
        product_id: _care_action(action_id, actions[action_id], actions[action_id].moment)
        for product_id, action_id in ids.items()
        if action_id in actions
    }


def _care_action(action_id: str, action: Action, moment: Condition | None) -> CareAction:
    return CareAction(
        action_id=action_id,
        kind=ActionKind(action.kind),
        domain=action.domain,
        priority=action.priority,
        channels=frozenset(action.channels),
        when=(when := always if moment is None else compile_condition(moment)),
        rare=moment is not None and is_rare(moment) and when(NOBODY) is not True,
    )


def always(_facts: Facts) -> bool:
    return True


def _asked(action_id: str, action: Action, catalogue: Catalogue) -> Iterator[Condition]:
    """Its moment, and every policy over its domain or over everything: it is marketing, too."""
    if action.moment is not None:
        yield action.moment
    for policy in catalogue.policies:
        if policy.covers(action_id, action.domain, action_id):
            yield policy.when


def guidance_of(catalogue: Catalogue) -> tuple[Guidance, ...]:
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
                gates=Gates(()),
                crowded_out={},
            ),
            compile_condition(All(tuple(_asked(action_id, action, catalogue)))),
        )
        for action_id, action in catalogue.actions.items()
        if action.purpose == "marketing"
    )
