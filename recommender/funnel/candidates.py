"""Products as candidates: who passes every hard stage, and which rule stopped the others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import reduce
from operator import or_
from typing import NamedTuple

from recommender.catalogue import Catalogue, Policy, Product, Rule
from recommender.decision import ActionKind, Stage, Withheld
from recommender.funnel.contact import ContactState
from recommender.funnel.questions import Questions
from recommender.rules import Facts, Predicate, compile_condition

FULL, NEAR_IDENTICAL, DOMAIN_CAP = "full", "near_identical", "domain_cap"
"""Why an offer that was possible found no slot."""

MOST_DAYS = 64
"""How many pairs of channel and day are remembered before all are forgotten."""


class Gate(NamedTuple):
    """The bit of a question, and what is said of the product when its answer is not True."""

    bit: int
    stopped: Withheld


class Gates(dict[int, Withheld]):
    """A product's gates, first to last: from the bits that failed to what stopped the product.

    Only some combinations ever fail, so each is looked for once and remembered.
    """

    def __init__(self, gates: Iterable[Gate]) -> None:
        super().__init__()
        self.in_order = tuple(gates)
        self.required = reduce(or_, (gate.bit for gate in self.in_order), 0)

    def __missing__(self, failed: int) -> Withheld:
        stopped = next(gate.stopped for gate in self.in_order if gate.bit & failed)
        return self.setdefault(failed, stopped)


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A product as `decide` sees it; `gates` in the order of the hard stages."""

    product_id: str
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

    def unavailable(self, channel: str, day: date) -> Withheld | None:
        if not self.on_sale_from <= day <= self.on_sale_until:
            return Withheld(self.product_id, Stage.AVAILABLE, f"{self.product_id}.not_on_sale")
        if channel not in self.channels:
            return Withheld(self.product_id, Stage.AVAILABLE, f"{self.product_id}.wrong_channel")
        return None

    def unwelcome(self, contact: ContactState) -> Withheld | None:
        if not contact.marketing_consent:
            rule = f"{self.product_id}.consent_marketing"
            return Withheld(self.product_id, Stage.CONSENTED, rule)
        if contact.unwanted(self.product_id, self.domain, self.type):
            return Withheld(self.product_id, Stage.CONSENTED, f"{self.product_id}.not_wanted")
        if contact.capped:
            return Withheld(self.product_id, Stage.CONTACTABLE, f"{self.product_id}.contact_cap")
        if self.product_id in contact.cooling:
            rule = f"{self.product_id}.cooling_down"
            return Withheld(self.product_id, Stage.CONTACTABLE, rule)
        if self.product_id in contact.sated:
            return Withheld(self.product_id, Stage.CONTACTABLE, f"{self.product_id}.shown_enough")
        return None


@dataclass(frozen=True, slots=True)
class CareAction:
    """Service or advice with a moment of its own: shown while `when` is True."""

    action_id: str
    kind: ActionKind
    domain: str
    channels: frozenset[str]
    when: Predicate


class OnSale(NamedTuple):
    """Who passes the first stage, which depends on the day and the channel alone."""

    asked: tuple[tuple[int, Gates, Candidate], ...]
    """With the bits that each candidate requires, and its gates."""
    withheld: tuple[Withheld, ...]


@dataclass(frozen=True, slots=True)
class Funnel:
    """Every product's hard stages, compiled from one catalogue; `care` by urgency."""

    questions: Questions
    candidates: tuple[Candidate, ...]
    explores: bool
    """Whether chance decides anything at all."""
    care: tuple[CareAction, ...]
    _offers: dict[str, str]
    _on_sale: dict[tuple[str, date], OnSale] = field(default_factory=dict, compare=False)

    @classmethod
    def compile(cls, catalogue: Catalogue) -> Funnel:
        questions = Questions.of(catalogue)
        candidates = tuple(
            _candidate(product_id, product, catalogue, questions)
            for product_id, product in catalogue.products.items()
        )
        explores = any(candidate.temperature > 0 for candidate in candidates)
        offers = {candidate.action_id: candidate.product_id for candidate in candidates}
        return cls(questions, candidates, explores, _care(catalogue), offers)

    def product_of(self, action_id: str) -> str | None:
        """The product that an action offers; None for service, advice and what is unknown."""
        return self._offers.get(action_id)

    def sift(
        self, facts: Facts, contact: ContactState, channel: str, day: date
    ) -> tuple[list[Candidate], list[Withheld]]:
        """Who passes every hard stage, and who was stopped: by the first rule that did not pass.

        A rule that cannot be decided for want of data does not pass: closed by default.
        """
        failed = ~self.questions.passed(facts)
        on_sale = self._available(channel, day)
        stays: list[Candidate] = []
        withheld = list(on_sale.withheld)
        for required, gates, candidate in on_sale.asked:
            closed = required & failed
            if closed:
                withheld.append(gates[closed])
            else:
                stays.append(candidate)
        if contact.untroubled:
            return stays, withheld
        unwelcome = {item.product_id: item.unwelcome(contact) for item in stays}
        withheld += [stopped for stopped in unwelcome.values() if stopped is not None]
        return [item for item in stays if unwelcome[item.product_id] is None], withheld

    def _available(self, channel: str, day: date) -> OnSale:
        """What is on sale through a channel on a day: the same for everyone, so worked out once."""
        found = self._on_sale.get((channel, day))
        if found is None:
            judged = [(item, item.unavailable(channel, day)) for item in self.candidates]
            found = OnSale(
                tuple(
                    (item.gates.required, item.gates, item) for item, why in judged if why is None
                ),
                tuple(why for _, why in judged if why is not None),
            )
            if len(self._on_sale) >= MOST_DAYS:
                self._on_sale.clear()
            self._on_sale[channel, day] = found
        return found


def _candidate(
    product_id: str, product: Product, catalogue: Catalogue, questions: Questions
) -> Candidate:
    term = product.on_sale

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
        kind=ActionKind.PARTNER_OFFER if product.partner else ActionKind.OFFER,
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
                *gates(Stage.SUITABLE, product.suitable),
            )
        ),
        crowded_out={
            rule: Withheld(product_id, Stage.SLOTTED, f"placement.{rule}")
            for rule in (FULL, NEAR_IDENTICAL, DOMAIN_CAP)
        },
    )


def _policies(
    product_id: str, product: Product, stage: Stage, catalogue: Catalogue
) -> list[Policy]:
    return [
        policy
        for policy in catalogue.policies
        if policy.stage == stage and policy.covers(product_id, product.domain, product.type)
    ]


def _care(catalogue: Catalogue) -> tuple[CareAction, ...]:
    by_urgency = sorted(catalogue.actions.items(), key=lambda item: (-item[1].priority, item[0]))
    return tuple(
        CareAction(
            action_id=action_id,
            kind=ActionKind(action.kind),
            domain=action.domain,
            channels=frozenset(action.channels),
            when=compile_condition(action.when),
        )
        for action_id, action in by_urgency
        if action.when is not None
    )
