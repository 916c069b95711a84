"""Candidates: what may fill a slot, and what is said when a hard stage does not let it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_
from typing import NamedTuple

from recommender.account import Frequency
from recommender.catalogue import Catalogue, Policy, Product, Rule
from recommender.decision import ActionKind, Stage, Withheld
from recommender.funnel.contact import ContactState
from recommender.funnel.questions import Questions

FULL, NEAR_IDENTICAL, DOMAIN_CAP = "full", "near_identical", "domain_cap"
"""Why an offer that was possible found no slot."""


class Gate(NamedTuple):
    """The bits of a question, and what is said of the product when one of them is not set."""

    bits: int
    stopped: Withheld


class Gates(dict[int, Withheld]):
    """A product's gates, first to last: from the bits that failed to what stopped the product.

    Only some combinations ever fail, so each is looked for once and remembered.
    """

    def __init__(self, gates: Iterable[Gate]) -> None:
        super().__init__()
        self.in_order = tuple(gates)
        self.required = reduce(or_, (gate.bits for gate in self.in_order), 0)

    def __missing__(self, failed: int) -> Withheld:
        stopped = next(gate.stopped for gate in self.in_order if gate.bits & failed)
        return self.setdefault(failed, stopped)


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A product as `decide` sees it, or guidance that competes with products and has no gates.

    `gates` are in the order of the hard stages.
    """

    product_id: str | None
    action_id: str
    kind: ActionKind
    domain: str
    type: str
    value: float
    lever: float
    channels: frozenset[str]
    on_sale_from: date
    on_sale_until: date
    temperature: float
    """How far chance may stray from the best offer; 0: not at all."""
    gates: Gates
    crowded_out: Mapping[str, Withheld]
    """By the placement's rule that kept it out: the same for everyone, so made once."""
    if_full: Withheld | None = None
    """That of them that most meet."""

    @property
    def subject(self) -> str:
        """What contacts are counted by."""
        return self.product_id or self.action_id

    def withheld(self, stage: Stage, rule: str) -> Withheld:
        return Withheld(self.subject, stage, f"{self.subject}.{rule}")

    def unavailable(self, channel: str, day: date) -> Withheld | None:
        if not self.on_sale_from <= day <= self.on_sale_until:
            return self.withheld(Stage.AVAILABLE, "not_on_sale")
        if channel not in self.channels:
            return self.withheld(Stage.AVAILABLE, "wrong_channel")
        return None

    def unwelcome(self, contact: ContactState) -> Withheld | None:
        if not contact.marketing_consent:
            objected = contact.preferences.contact is Frequency.NONE
            rule = "objected" if objected else "consent_marketing"
            return self.withheld(Stage.CONSENTED, rule)
        if contact.unwanted(self.subject, self.domain, self.type):
            return self.withheld(Stage.CONSENTED, "not_wanted")
        if contact.capped:
            return self.withheld(Stage.CONTACTABLE, "contact_cap")
        if self.subject in contact.cooling:
            return self.withheld(Stage.CONTACTABLE, "cooling_down")
        if self.subject in contact.sated:
            return self.withheld(Stage.CONTACTABLE, "shown_enough")
        return None


def candidate_of(
    product_id: str, product: Product, catalogue: Catalogue, questions: Questions
) -> Candidate:
    term = product.on_sale

    crowded_out = {
        rule: Withheld(product_id, Stage.SLOTTED, f"placement.{rule}")
        for rule in (FULL, NEAR_IDENTICAL, DOMAIN_CAP)
    }

    def gates(stage: Stage, rules: Iterable[Rule]) -> list[Gate]:
        own = [(rule.when, f"{product_id}.{rule.id}") for rule in rules]
        shared = [
            (policy.when, f"policy.{policy.id}")
            for policy in _policies(product_id, product, stage, catalogue)
        ]
        return [
            Gate(questions.bits[condition], Withheld(product_id, stage, rule))
            for condition, rule in own + shared
        ]

    def once() -> list[Gate]:
        if product.repeatable:
            return []
        stopped = Withheld(product_id, Stage.SUITABLE, f"{product_id}.already_held")
        return [Gate(questions.not_held[product_id], stopped)]

    return Candidate(
        product_id=product_id,
        action_id=f"offer.{product_id}",
        kind=_kind(product),
        domain=product.domain,
        type=product.type,
        value=product.value,
        lever=catalogue.levers.of(product_id, product.domain),
        channels=frozenset(product.channels),
        on_sale_from=(term and term.from_) or date.min,
        on_sale_until=(term and term.until) or date.max,
        temperature=(
            0.0 if product.regulated_credit else catalogue.exploration.of_type(product.type)
        ),
        gates=Gates(
            (
                *gates(Stage.ELIGIBLE, product.eligible),
                *once(),
                *gates(Stage.SUITABLE, product.suitability),
            )
        ),
        crowded_out=crowded_out,
        if_full=crowded_out[FULL],
    )


def _policies(
    product_id: str, product: Product, stage: Stage, catalogue: Catalogue
) -> list[Policy]:
    return [
        policy
        for policy in catalogue.policies
        if policy.stage == stage and policy.covers(product_id, product.domain, product.type)
    ]


def _kind(product: Product) -> ActionKind:
    """A moment of truth is a talk with a person, not a sale."""
    if product.moment_of_truth is not None:
        return ActionKind.ADVICE
    return ActionKind.PARTNER_OFFER if product.partner else ActionKind.OFFER
