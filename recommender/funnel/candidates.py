"""Candidates: what may fill a slot, and what is said when a hard stage does not let it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_
from typing import Final, NamedTuple

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
    gates: tuple[Gate, ...]
    required: int
    """The bits of all of them."""
    refused: Mapping[str, Withheld]
    """By the rule of the contact policy, or of the person's own, that speaks against it."""
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

    def stopped(self, failed: int) -> Withheld | None:
        """What the first gate says that is closed by one of the bits that `failed`, if any."""
        return next((gate.stopped for gate in self.gates if gate.bits & failed), None)

    def unavailable(self, channel: str, day: date) -> Withheld | None:
        if not self.on_sale_from <= day <= self.on_sale_until:
            return self.withheld(Stage.AVAILABLE, "not_on_sale")
        if channel not in self.channels:
            return self.withheld(Stage.AVAILABLE, "wrong_channel")
        return None

    def unwelcome(self, contact: ContactState) -> Withheld | None:
        if (rule := contact.refuses_all) is not None:
            return self.refused[rule]
        if contact.unwanted(self.subject, self.domain, self.type):
            return self.refused["not_wanted"]
        if contact.capped:
            return self.refused["contact_cap"]
        if self.subject in contact.cooling:
            return self.refused["cooling_down"]
        if self.subject in contact.sated:
            return self.refused["shown_enough"]
        return None


REFUSALS: Final = {
    "objected": Stage.CONSENTED,
    "consent_marketing": Stage.CONSENTED,
    "not_wanted": Stage.CONSENTED,
    "contact_cap": Stage.CONTACTABLE,
    "cooling_down": Stage.CONTACTABLE,
    "shown_enough": Stage.CONTACTABLE,
}
"""Why somebody is not to be approached about something, and the stage that says so."""


def refusals(subject: str) -> dict[str, Withheld]:
    """By the rule: the same for everyone, so made once."""
    return {rule: Withheld(subject, stage, f"{subject}.{rule}") for rule, stage in REFUSALS.items()}


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

    in_order = (
        *gates(Stage.ELIGIBLE, product.eligible),
        *once(),
        *gates(Stage.SUITABLE, product.suitability),
    )
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
        gates=in_order,
        required=reduce(or_, (gate.bits for gate in in_order), 0),
        refused=refusals(product_id),
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
