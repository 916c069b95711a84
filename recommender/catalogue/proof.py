"""Whether assertions are true: of everybody there could be, and of one who is there.

The search that finds contradictions looks for somebody of whom an assertion is not true. A
publication asks the same of the people it is about to write, in case there is more to people than
the search knows. Whoever is found is told of without all that does not matter.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from recommender.catalogue.assertions import Claim
from recommender.catalogue.possibility import hurdles
from recommender.catalogue.schema import Catalogue
from recommender.catalogue.source import Path
from recommender.catalogue.terms import on_day, turning_days
from recommender.rules.compile import Predicate, compile_condition
from recommender.rules.conditions import All, Condition, Holds, Not
from recommender.rules.demands import NOT_TRUE, TRUE, Demand, Universe, demand
from recommender.rules.facts import Facts
from recommender.rules.names import Mistake
from recommender.rules.possible import TooTangled, possible
from recommender.rules.samples import facts_of, sample_in, sample_of, shrunk, subjects_in, told


@dataclass(frozen=True)
class Trial:
    """One assertion about one product or action, as it stands on one day.

    Somebody for whom `when` is True disproves it: for `never` when all of `then` is True too, for
    `always` when it is not. `then` has each condition by the name of its rule.
    """

    path: Path
    what: str
    never: bool
    when: Condition
    then: dict[str, Condition]

    @cached_property
    def _asked(self) -> tuple[Predicate, tuple[Predicate, ...]]:
        return compile_condition(self.when), tuple(map(compile_condition, self.then.values()))

    def disproved_by(self, facts: Facts) -> bool:
        when, then = self._asked
        return when(facts) is True and self.never is all(ask(facts) is True for ask in then)

    def demands(self, universe: Universe) -> tuple[Demand, Demand]:
        """What somebody must be who disproves it."""
        wish = TRUE if self.never else NOT_TRUE
        both = All(tuple(self.then.values()))
        return demand(self.when, TRUE, universe), demand(both, wish, universe)

    def disproof(self, facts: Facts, universe: Universe) -> Mistake:
        """What is told of somebody who disproves it."""
        subjects = [name for one in self.demands(universe) for name in subjects_in(one)]
        least = shrunk(sample_of(facts, subjects), self.disproved_by)
        who = f"for somebody of whom we know: {told(least)}"
        if self.never:
            return Mistake(self.path, f"{self.what} is possible {who}")
        seen = facts_of(least)
        stops = next(
            rule for rule, one in self.then.items() if compile_condition(one)(seen) is not True
        )
        return Mistake(self.path, f"{self.what} is not possible {who}", f"{stops} does not pass")


def trials(catalogue: Catalogue) -> Iterator[Trial]:
    """Each assertion about each thing that it speaks of, by the rules that `catalogue` has."""
    for index, assertion in enumerate(catalogue.assertions):
        for kind, claim in (("never", assertion.never), ("always", assertion.always)):
            if claim is not None:
                yield from _trials(("assertions", index, kind), claim, catalogue)


def _trials(path: Path, claim: Claim, catalogue: Catalogue) -> Iterator[Trial]:
    never = path[-1] == "never"
    if claim.action is not None:
        due = catalogue.actions[claim.action].moment
        then = {} if due is None else {claim.action: due}
        yield Trial(path, f"action {claim.action!r}", never, claim.when, then)
    for product_id, product in catalogue.products.items():
        if not claim.covers(product_id, product.domain, product.type):
            continue
        then = {one.rule: one.when for one in hurdles(product_id, product, catalogue)}
        when, held = claim.when, f"{product_id}.already_held"
        if not never and held in then:
            del then[held]
            when = All((when, Not(Holds((product_id,)))))
        yield Trial(path, f"product {product_id!r}", never, when, then)


def untrue(catalogue: Catalogue, on: date) -> Iterator[Mistake]:
    """Each assertion that is not true of somebody there could be, on that day or later."""
    disproved: set[Path] = set()
    days = (on, *(turn for turn in turning_days(catalogue) if turn > on))
    for day in days if catalogue.assertions else ():
        if not catalogue.policy_set.in_force(day):
            continue  # nothing is offered then
        for trial in trials(on_day(catalogue, day)):
            if trial.path not in disproved:
                for mistake in _search(trial, catalogue.universe):
                    disproved.add(trial.path)
                    yield mistake


def _search(trial: Trial, universe: Universe) -> Iterator[Mistake]:
    try:
        found = possible(trial.demands(universe))
    except TooTangled:
        message = f"too much is possible to say this of {trial.what}"
        yield Mistake(trial.path, message, "say it in several, or of fewer")
        return
    if found is not None:
        yield trial.disproof(facts_of(sample_in(found)), universe)
