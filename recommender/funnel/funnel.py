"""The hard stages as one funnel: who passes them all, and which rule stopped the others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date
from itertools import compress
from operator import getitem
from typing import NamedTuple

from recommender.catalogue import Catalogue
from recommender.decision import Stage, Withheld
from recommender.funnel.candidates import Candidate, candidate_of
from recommender.funnel.care import (
    CareAction,
    Guidance,
    care_of,
    guidance_of,
    moments,
    reminders_of,
)
from recommender.funnel.contact import ContactState
from recommender.funnel.questions import Questions
from recommender.funnel.shelves import Shelf, shelves_of
from recommender.rules import Condition, Facts

MOST_DAYS = 64
"""How many pairs of channel and day are remembered before all are forgotten."""


class OnSale(NamedTuple):
    """Who passes the first stage, which depends on the day and the channel alone.

    `shelves`, and what each of them `asks`: two columns of one table.
    """

    shelves: tuple[Shelf, ...]
    asks: tuple[int, ...]
    withheld: tuple[Withheld, ...]
    guidance: tuple[Guidance, ...]
    care: tuple[CareAction, ...]
    """The most urgent first."""

    def care_due(self, failed: int) -> list[CareAction]:
        """Service and advice whose moment it is, the most urgent first; `failed` is of `sift`."""
        return [item for item in self.care if not item.required & failed]


class Sifted(NamedTuple):
    """Who passes every hard stage, who was stopped, and the bits of all that is not True."""

    stays: list[Candidate]
    withheld: list[Withheld]
    failed: int


@dataclass(frozen=True, slots=True)
class Funnel:
    """Every product's hard stages, compiled from one catalogue; `care` by urgency.

    `reminders` are by product; `guidance` competes with the offers.
    """

    questions: Questions
    candidates: tuple[Candidate, ...]
    explores: bool
    """Whether chance decides anything at all."""
    care: tuple[CareAction, ...]
    reminders: Mapping[str, CareAction]
    guidance: tuple[Guidance, ...]
    _competing: Mapping[str, Candidate]
    _on_sale: dict[tuple[str, date], OnSale] = field(default_factory=dict, compare=False)
    _shelves: dict[tuple[Candidate, ...], tuple[Shelf, ...]] = field(
        default_factory=dict, compare=False
    )

    @classmethod
    def compile(cls, catalogue: Catalogue) -> Funnel:
        questions = _questions(catalogue)
        candidates = tuple(
            candidate_of(product_id, product, catalogue, questions)
            for product_id, product in catalogue.products.items()
        )
        guidance = guidance_of(catalogue, questions)
        competing = (*candidates, *(item.candidate for item in guidance))
        return cls(
            questions,
            candidates,
            explores=any(candidate.temperature > 0 for candidate in candidates),
            care=care_of(catalogue, questions),
            reminders=reminders_of(catalogue),
            guidance=guidance,
            _competing={candidate.action_id: candidate for candidate in competing},
        )

    @property
    def competing(self) -> Iterable[Candidate]:
        """Whatever needs consent and spends the budget."""
        return self._competing.values()

    def candidate(self, action_id: str) -> Candidate | None:
        """The offer or the guidance of that id; None for service and what is unknown."""
        return self._competing.get(action_id)

    def sift(self, facts: Facts, contact: ContactState, on_sale: OnSale) -> Sifted:
        """Through every hard stage: who is stopped is so by the first rule that did not pass.

        A rule that cannot be decided for want of data does not pass: closed by default.
        """
        failed = ~self.questions.passed(facts)
        stays: list[Candidate] = []
        withheld = [*on_sale.withheld]
        for passing, stopped in map(getitem, on_sale.shelves, map(failed.__and__, on_sale.asks)):
            stays += passing
            withheld += stopped
        if begun := facts.unfinished:
            stays = _without_begun(stays, begun, withheld)
        if contact.marketing_consent and not contact.capped:
            stays += [item.candidate for item in on_sale.guidance if not item.required & failed]
        if not contact.untroubled:
            stays = _welcome(stays, contact, withheld)
        return Sifted(stays, withheld, failed)

    def on_sale(self, channel: str, day: date) -> OnSale:
        """What there is in a channel on a day: the same for everyone, so worked out once."""
        found = self._on_sale.get((channel, day))
        if found is None:
            judged = [(item, item.unavailable(channel, day)) for item in self.candidates]
            shelves = self._shelves_of(tuple(item for item, why in judged if why is None))
            found = OnSale(
                shelves,
                tuple(shelf.asks for shelf in shelves),
                tuple(why for _, why in judged if why is not None),
                tuple(item for item in self.guidance if channel in item.candidate.channels),
                tuple(item for item in self.care if channel in item.channels),
            )
            if len(self._on_sale) >= MOST_DAYS:
                self._on_sale.clear()
                self._shelves.clear()
            self._on_sale[channel, day] = found
        return found

    def _shelves_of(self, there: tuple[Candidate, ...]) -> tuple[Shelf, ...]:
        """The same ones, with all that they remember, on every day that has the same on sale."""
        found = self._shelves.get(there)
        if found is None:
            found = self._shelves[there] = shelves_of(there)
        return found


def _questions(catalogue: Catalogue) -> Questions:
    """All that any rule, policy or action asks, in the catalogue's order."""
    products = catalogue.products
    rules = (
        rule for product in products.values() for rule in (*product.eligible, *product.suitability)
    )
    asked: list[Condition] = [rule.when for rule in (*rules, *catalogue.policies)]
    once = (product_id for product_id, product in products.items() if not product.repeatable)
    return Questions.of((*asked, *moments(catalogue)), once)


def _welcome(
    stays: list[Candidate], contact: ContactState, withheld: list[Withheld]
) -> list[Candidate]:
    """Those that nothing in consent, wishes or history speaks against."""
    if (why := contact.refuses_all) is not None:
        withheld += [item.refused[why] for item in stays if item.product_id]
        return []
    refused = [item.unwelcome(contact) for item in stays]
    asked = zip(stays, refused, strict=True)
    withheld += [why for item, why in asked if why is not None and item.product_id]
    return list(compress(stays, [why is None for why in refused]))


APPLICATION_OPEN = "application_open"


def _without_begun(
    stays: list[Candidate], begun: AbstractSet[str], withheld: list[Withheld]
) -> list[Candidate]:
    """Who began an application is not offered the same again: it can be taken up where it was."""
    withheld += [
        item.withheld(Stage.SUITABLE, APPLICATION_OPEN)
        for item in stays
        if item.product_id in begun
    ]
    return [item for item in stays if item.product_id not in begun]


def rules_out(stopped: Withheld) -> bool:
    """Whether a rule keeps the product from the person, not just an application for it."""
    by_rule = stopped.stage in {Stage.AVAILABLE, Stage.ELIGIBLE, Stage.SUITABLE}
    return by_rule and not stopped.rule.endswith(f".{APPLICATION_OPEN}")
