"""A sample: a few facts of one person, as many as some conditions ask for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from recommender.account import Value
from recommender.rules.conditions import Happening
from recommender.rules.demands import Demand, Need
from recommender.rules.facts import Facts
from recommender.rules.possible import Regions
from recommender.rules.regions import Subject

Sample = dict[Subject, Value | float]
"""What is true of somebody; what is not in it is missing, or not so."""


MAY_BE_FALSE = ("value", "projected_shortfall")
"""Of these False is not the same as missing."""


YES_OR_MISSING = ("holds", "held_before", "open_case", "unfinished", "broken_promise")


def sample_in(regions: Regions) -> Sample:
    """One that lies in them, always the same."""
    picked = {subject: region.pick() for subject, region in regions.items()}
    return {
        subject: value
        for subject, value in picked.items()
        if value is not None and (value is not False or subject.kind in MAY_BE_FALSE)
    }


def sample_of(facts: Facts, subjects: Iterable[Subject]) -> Sample:
    """What `facts` say of the subjects."""
    read = {subject: READ[subject.kind](facts, subject) for subject in subjects}
    return {subject: value for subject, value in read.items() if value is not None}


READ: Mapping[str, Callable[[Facts, Subject], Any]] = {
    "value": lambda facts, subject: facts.values.get(subject.name),
    "holds": lambda facts, subject: subject.name in facts.holds or None,
    "held_before": lambda facts, subject: subject.name in facts.held_before or None,
    "interest": lambda facts, subject: facts.domain_interest.get(subject.name),
    "views": lambda facts, subject: facts.product_interest.get(subject.name),
    "open_case": lambda facts, subject: subject.name in facts.open_cases or None,
    "projected_shortfall": lambda facts, _: facts.projected_shortfall,
    "projected_balance": lambda facts, _: facts.lowest_balance_minor,
    "journey": lambda facts, subject: facts.stage(subject.name),
    "unfinished": lambda facts, subject: subject.name in facts.unfinished or None,
    "broken_promise": lambda facts, subject: subject.name in facts.broken_promises or None,
    "opinion_score": lambda facts, _: facts.opinion and facts.opinion[0],
    "opinion_days": lambda facts, _: facts.opinion and facts.opinion[1],
    "days_since": lambda facts, subject: facts.days_since(Happening(subject.name), subject.of),
}


def facts_of(sample: Sample) -> Facts:
    """Somebody of whom nothing else is known."""

    def named(kind: str) -> dict[str, Any]:
        return {subject.name: value for subject, value in sample.items() if subject.kind == kind}

    known: dict[str, Any] = {
        subject.kind: value for subject, value in sample.items() if not subject.name
    }
    score, days = known.get("opinion_score"), known.get("opinion_days")
    return Facts(
        values=named("value"),
        holds=frozenset(named("holds")),
        held_before=frozenset(named("held_before")),
        domain_interest=named("interest"),
        product_interest=named("views"),
        open_cases=frozenset(named("open_case")),
        projected_shortfall=known.get("projected_shortfall"),
        lowest_balance_minor=known.get("projected_balance"),
        unfinished=frozenset(named("unfinished")),
        broken_promises=frozenset(named("broken_promise")),
        opinion=None if score is None or days is None else (score, days),
        journey=named("journey"),
        days={
            (Happening(subject.name), subject.of): int(value)
            for subject, value in sample.items()
            if subject.kind == "days_since"
        },
    )


def shrunk(sample: Sample, still: Callable[[Facts], bool]) -> Sample:
    """The sample without all that does not matter to `still`."""
    for subject in sorted(sample):
        fewer = {name: value for name, value in sample.items() if name != subject}
        if still(facts_of(fewer)):
            sample = fewer
    return sample


def subjects_in(one: Demand) -> Iterator[Subject]:
    """Each fact that a demand speaks of."""
    if isinstance(one, Need):
        yield one.subject
    else:
        for part in one.parts:
            yield from subjects_in(part)


def told(sample: Mapping[Subject, Value | float]) -> str:
    """`age 17, holds mortgage, open_case complaint`; `nothing` of an empty one."""
    said = [_told(subject, sample[subject]) for subject in sorted(sample)]
    return ", ".join(said) or "nothing"


def _told(subject: Subject, value: Value | float) -> str:
    name = " ".join(part for part in (subject.kind, subject.name, subject.of) if part)
    name = name.removeprefix("value ")
    if value is True and subject.kind in YES_OR_MISSING:
        return name
    return (
        f"{name} { ({True: 'yes', False: 'no'}.get(value) if isinstance(value, bool) else value) }"
    )
