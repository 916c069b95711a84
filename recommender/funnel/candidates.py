"""Products as candidates: their rules compiled once, asked for every decision.

Most products ask the same things (an adult? an income?), so every distinct condition is a
*question*, answered once for each decision; a product's gates only point at the answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from recommender.catalogue import Catalogue, Policy, Product, Rule
from recommender.decision import ActionKind, Stage, Withheld
from recommender.funnel.contact import ContactState
from recommender.rules import Condition, Facts, compile_condition

Predicate = Callable[[Facts], bool | None]

MOST_DAYS = 64
"""How many pairs of channel and day are remembered before all are forgotten."""


class Gate(NamedTuple):
    """The number of a question, and what is said of the product when its answer is not True."""

    question: int
    stopped: Withheld


@dataclass(frozen=True, slots=True)
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
    gates: tuple[Gate, ...]

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
        if contact.capped:
            return Withheld(self.product_id, Stage.CONTACTABLE, f"{self.product_id}.weekly_cap")
        if self.product_id in contact.cooling:
            rule = f"{self.product_id}.cooling_down"
            return Withheld(self.product_id, Stage.CONTACTABLE, rule)
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

    candidates: tuple[Candidate, ...]
    withheld: tuple[Withheld, ...]


@dataclass(frozen=True, slots=True)
class Funnel:
    """Every product's hard stages, compiled from one catalogue; `care` by urgency."""

    questions: tuple[Predicate, ...]
    already_held: dict[str, int]
    """The gate of each product that may be held once; it stands after the questions."""
    candidates: tuple[Candidate, ...]
    care: tuple[CareAction, ...]
    _on_sale: dict[tuple[str, date], OnSale] = field(default_factory=dict, compare=False)

    @classmethod
    def compile(cls, catalogue: Catalogue) -> Funnel:
        asked = _distinct_conditions(catalogue)
        once = (name for name, product in catalogue.products.items() if not product.repeatable)
        already_held = {name: number for number, name in enumerate(once, start=len(asked))}
        candidates = tuple(
            _candidate(product_id, product, catalogue, asked, already_held)
            for product_id, product in catalogue.products.items()
        )
        questions = tuple(compile_condition(condition) for condition in asked)
        return cls(questions, already_held, candidates, _care(catalogue))

    def sift(
        self, facts: Facts, contact: ContactState, channel: str, day: date
    ) -> tuple[list[Candidate], list[Withheld]]:
        """Who passes every hard stage, and who was stopped: by the first rule that did not pass.

        A rule that cannot be decided for want of data does not pass: closed by default.
        """
        passed = self._answers(facts)
        on_sale = self._available(channel, day)
        stays: list[Candidate] = []
        withheld = list(on_sale.withheld)
        for candidate in on_sale.candidates:
            for question, stopped in candidate.gates:
                if not passed[question]:
                    withheld.append(stopped)
                    break
            else:
                stays.append(candidate)
        if contact.untroubled:
            return stays, withheld
        unwelcome = {item.product_id: item.unwelcome(contact) for item in stays}
        withheld += [stopped for stopped in unwelcome.values() if stopped is not None]
        return [item for item in stays if unwelcome[item.product_id] is None], withheld

    def _answers(self, facts: Facts) -> list[bool]:
        passed = [ask(facts) is True for ask in self.questions]
        passed += [True] * len(self.already_held)
        for product_id in facts.holds & self.already_held.keys():
            passed[self.already_held[product_id]] = False
        return passed

    def _available(self, channel: str, day: date) -> OnSale:
        """What is on sale through a channel on a day: the same for everyone, so worked out once."""
        found = self._on_sale.get((channel, day))
        if found is None:
            stopped = {item: item.unavailable(channel, day) for item in self.candidates}
            found = OnSale(
                tuple(item for item, why in stopped.items() if why is None),
                tuple(why for why in stopped.values() if why is not None),
            )
            if len(self._on_sale) >= MOST_DAYS:
                self._on_sale.clear()
            self._on_sale[channel, day] = found
        return found


def _distinct_conditions(catalogue: Catalogue) -> dict[Condition, int]:
    """Each condition that any rule states, with its number."""
    asked: dict[Condition, int] = {}
    for product in catalogue.products.values():
        for rule in (*product.eligible, *product.suitable):
            asked.setdefault(rule.when, len(asked))
    for policy in catalogue.policies:
        asked.setdefault(policy.when, len(asked))
    return asked


def _candidate(
    product_id: str,
    product: Product,
    catalogue: Catalogue,
    asked: Mapping[Condition, int],
    already_held: Mapping[str, int],
) -> Candidate:
    levers, term = catalogue.levers, product.on_sale

    def gates(stage: Stage, rules: Iterable[Rule]) -> list[Gate]:
        own = [(rule.when, f"{product_id}.{rule.id}") for rule in rules]
        shared = [
            (policy.when, f"policy.{policy.id}")
            for policy in _policies(product_id, product, stage, catalogue)
        ]
        return [
            Gate(asked[condition], Withheld(product_id, stage, rule))
            for condition, rule in own + shared
        ]

    held = [
        Gate(number, Withheld(name, Stage.SUITABLE, f"{name}.already_held"))
        for name, number in already_held.items()
        if name == product_id
    ]
    return Candidate(
        product_id=product_id,
        action_id=f"offer.{product_id}",
        kind=ActionKind.PARTNER_OFFER if product.partner else ActionKind.OFFER,
        domain=product.domain,
        type=product.type,
        value=product.value,
        lever=levers.product.get(product_id, 1.0) * levers.domain.get(product.domain, 1.0),
        channels=frozenset(product.channels),
        on_sale_from=(term and term.from_) or date.min,
        on_sale_until=(term and term.until) or date.max,
        gates=(
            *gates(Stage.ELIGIBLE, product.eligible),
            *held,
            *gates(Stage.SUITABLE, product.suitable),
        ),
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
