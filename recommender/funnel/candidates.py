"""Products as candidates: their rules compiled once, asked for every decision."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from recommender.catalogue import Catalogue, Product, Rule
from recommender.catalogue import Policy as PolicyRule
from recommender.decision import ActionKind, Stage
from recommender.funnel.contact import ContactState
from recommender.rules import compile_condition
from recommender.rules.facts import Facts

Predicate = Callable[[Facts], bool | None]
Stopped = tuple[Stage, str]
"""The stage that stopped a product, and the id of the rule that did."""


@dataclass(frozen=True, slots=True)
class CompiledRule:
    rule_id: str
    passes: Predicate


@dataclass(frozen=True, slots=True)
class Policy:
    """One rule over many products, evaluated once for each decision."""

    rule_id: str
    stage: Stage
    products: frozenset[str]
    passes: Predicate


@dataclass(frozen=True, slots=True)
class Candidate:
    """A product as `decide` sees it. `channels` None means every channel."""

    product_id: str
    action_id: str
    kind: ActionKind
    domain: str
    type: str
    value: float
    lever: float
    repeatable: bool
    channels: frozenset[str]
    on_sale_from: date | None
    on_sale_until: date | None
    eligible: tuple[CompiledRule, ...]
    suitable: tuple[CompiledRule, ...]

    def stopped_by(
        self,
        facts: Facts,
        broken: Iterable[Policy],
        contact: ContactState,
        channel: str,
        day: date,
    ) -> Stopped | None:
        """The first hard stage this product fails, or None when it passes them all.

        A rule that cannot be decided for want of data does not pass: closed by default.
        """
        return (
            self._unavailable(channel, day)
            or self._ineligible(facts, broken)
            or self._unsuitable(facts, broken)
            or self._unwelcome(contact)
        )

    def _unavailable(self, channel: str, day: date) -> Stopped | None:
        if self.on_sale_from is not None and day < self.on_sale_from:
            return Stage.AVAILABLE, f"{self.product_id}.not_on_sale"
        if self.on_sale_until is not None and day > self.on_sale_until:
            return Stage.AVAILABLE, f"{self.product_id}.not_on_sale"
        if channel not in self.channels:
            return Stage.AVAILABLE, f"{self.product_id}.wrong_channel"
        return None

    def _ineligible(self, facts: Facts, broken: Iterable[Policy]) -> Stopped | None:
        for rule in self.eligible:
            if rule.passes(facts) is not True:
                return Stage.ELIGIBLE, rule.rule_id
        return self._against_policy(Stage.ELIGIBLE, broken)

    def _unsuitable(self, facts: Facts, broken: Iterable[Policy]) -> Stopped | None:
        if not self.repeatable and self.product_id in facts.holds:
            return Stage.SUITABLE, f"{self.product_id}.already_held"
        for rule in self.suitable:
            if rule.passes(facts) is not True:
                return Stage.SUITABLE, rule.rule_id
        return self._against_policy(Stage.SUITABLE, broken)

    def _unwelcome(self, contact: ContactState) -> Stopped | None:
        if not contact.marketing_consent:
            return Stage.CONSENTED, f"{self.product_id}.consent_marketing"
        if contact.capped:
            return Stage.CONTACTABLE, f"{self.product_id}.weekly_cap"
        if self.product_id in contact.cooling:
            return Stage.CONTACTABLE, f"{self.product_id}.cooling_down"
        return None

    def _against_policy(self, stage: Stage, broken: Iterable[Policy]) -> Stopped | None:
        for policy in broken:
            if policy.stage is stage and self.product_id in policy.products:
                return stage, policy.rule_id
        return None


@dataclass(frozen=True, slots=True)
class CareAction:
    """Service or advice with a moment of its own: shown while `when` is True."""

    action_id: str
    kind: ActionKind
    domain: str
    channels: frozenset[str]
    when: Predicate


@dataclass(frozen=True, slots=True)
class Funnel:
    """Every product's rules and every policy, compiled from one catalogue; `care` by urgency."""

    candidates: tuple[Candidate, ...]
    policies: tuple[Policy, ...]
    care: tuple[CareAction, ...]

    @classmethod
    def compile(cls, catalogue: Catalogue) -> Funnel:
        return cls(
            candidates=tuple(
                _candidate(product_id, product, catalogue)
                for product_id, product in catalogue.products.items()
            ),
            policies=tuple(_policy(policy, catalogue.products) for policy in catalogue.policies),
            care=_care(catalogue),
        )

    def broken_policies(self, facts: Facts) -> tuple[Policy, ...]:
        return tuple(policy for policy in self.policies if policy.passes(facts) is not True)


def _candidate(product_id: str, product: Product, catalogue: Catalogue) -> Candidate:
    levers = catalogue.levers
    return Candidate(
        product_id=product_id,
        action_id=f"offer.{product_id}",
        kind=ActionKind.PARTNER_OFFER if product.partner else ActionKind.OFFER,
        domain=product.domain,
        type=product.type,
        value=product.value,
        lever=levers.product.get(product_id, 1.0) * levers.domain.get(product.domain, 1.0),
        repeatable=product.repeatable,
        channels=frozenset(product.channels),
        on_sale_from=product.on_sale.from_ if product.on_sale else None,
        on_sale_until=product.on_sale.until if product.on_sale else None,
        eligible=_compile(product_id, product.eligible),
        suitable=_compile(product_id, product.suitable),
    )


def _compile(owner: str, rules: Iterable[Rule]) -> tuple[CompiledRule, ...]:
    return tuple(CompiledRule(f"{owner}.{rule.id}", compile_condition(rule.when)) for rule in rules)


def _policy(policy: PolicyRule, products: Mapping[str, Product]) -> Policy:
    return Policy(
        rule_id=f"policy.{policy.id}",
        stage=Stage(policy.stage),
        products=frozenset(
            product_id
            for product_id, product in products.items()
            if policy.covers(product_id, product.domain, product.type)
        ),
        passes=compile_condition(policy.when),
    )


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
