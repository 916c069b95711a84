"""The hard stages as one funnel: who passes them all, and which rule stopped the others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from recommender.catalogue import Catalogue
from recommender.decision import Stage, Withheld
from recommender.funnel.candidates import Candidate, Gates, candidate_of
from recommender.funnel.care import CareAction, Guidance, care_of, guidance_of, reminders_of
from recommender.funnel.contact import ContactState
from recommender.funnel.questions import Questions
from recommender.rules import Facts
from recommender.rules.rare import discontent

MOST_DAYS = 64
"""How many pairs of channel and day are remembered before all are forgotten."""


class OnSale(NamedTuple):
    """Who passes the first stage, which depends on the day and the channel alone."""

    asked: tuple[tuple[int, Gates, Candidate], ...]
    """With the bits that each candidate requires, and its gates."""
    withheld: tuple[Withheld, ...]


@dataclass(frozen=True, slots=True)
class Funnel:
    """Every product's hard stages, compiled from one catalogue; `care` by urgency.

    `reminders` are by product; `guidance` competes with the offers.
    """

    questions: Questions
    candidates: tuple[Candidate, ...]
    explores: bool
    """Whether chance decides anything at all."""
    content_from: int
    """The highest score below which any rule or action takes somebody to be dissatisfied."""
    care: tuple[CareAction, ...]
    care_for_plain: tuple[CareAction, ...]
    """Those of them that may be due to who has nothing rare."""
    reminders: Mapping[str, CareAction]
    guidance: tuple[Guidance, ...]
    _competing: Mapping[str, Candidate]
    _on_sale: dict[tuple[str, date], OnSale] = field(default_factory=dict, compare=False)

    @classmethod
    def compile(cls, catalogue: Catalogue) -> Funnel:
        questions = Questions.of(catalogue)
        candidates = tuple(
            candidate_of(product_id, product, catalogue, questions)
            for product_id, product in catalogue.products.items()
        )
        explores = any(candidate.temperature > 0 for candidate in candidates)
        guidance = guidance_of(catalogue)
        competing = (*candidates, *(item.candidate for item in guidance))
        return cls(
            questions,
            candidates,
            explores,
            content_from=max(
                questions.content_from,
                *(discontent(one.when) for one in catalogue.actions.values() if one.when),
                0,
            ),
            care=(care := care_of(catalogue)),
            care_for_plain=tuple(action for action in care if not action.rare),
            reminders=reminders_of(catalogue),
            guidance=guidance,
            _competing={candidate.action_id: candidate for candidate in competing},
        )

    @property
    def competing(self) -> Iterable[Candidate]:
        """Whatever needs consent and spends the budget."""
        return self._competing.values()

    def plain(self, facts: Facts) -> bool:
        """Whether what few people have is not to be asked about: see `rules.rare`."""
        return facts.plain(self.content_from)

    def candidate(self, action_id: str) -> Candidate | None:
        """The offer or the guidance of that id; None for service and what is unknown."""
        return self._competing.get(action_id)

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
        if not self.plain(facts):
            stays = _without_begun(stays, facts.unfinished, withheld)
        if self.guidance and contact.marketing_consent and not contact.capped:
            stays += self._guidance(facts, channel)
        if contact.untroubled:
            return stays, withheld
        unwelcome = [(item, item.unwelcome(contact)) for item in stays]
        withheld += [stopped for item, stopped in unwelcome if stopped and item.product_id]
        return [item for item, stopped in unwelcome if stopped is None], withheld

    def _guidance(self, facts: Facts, channel: str) -> list[Candidate]:
        return [
            item.candidate
            for item in self.guidance
            if channel in item.candidate.channels and item.when(facts) is True
        ]

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
