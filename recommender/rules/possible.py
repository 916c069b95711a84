"""Whether facts exist that meet some demands, and which: the search behind contradictions.

Every demand speaks of one fact at a time, so facts are found by narrowing each one's region; only
where a condition leaves a choice both ways are tried, the narrowest choice first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from recommender.rules.demands import Demand, Every, Need, Some
from recommender.rules.regions import Region, Subject

MOST_STEPS = 20_000
"""Of one search. A catalogue's own need a few hundred."""

Regions = dict[Subject, Region]


class TooTangled(Exception):
    """The search was given up: there may be such facts or not."""


def possible(demands: Iterable[Demand], most_steps: int = MOST_STEPS) -> Regions | None:
    """Where facts may lie that meet all demands; None when there are none.

    Raises:
        TooTangled: that is not found out in `most_steps`.
    """
    return next(ways(demands, most_steps), None)


def ways(demands: Iterable[Demand], most_steps: int = MOST_STEPS) -> Iterator[Regions]:
    """Each way to meet all demands, one for every choice that is left. May raise TooTangled."""
    stack: list[tuple[Regions, list[Demand]]] = [({}, list(demands))]
    steps = 0
    while stack:
        steps += 1
        if steps > most_steps:
            raise TooTangled
        regions, waiting = stack.pop()
        choices = _narrow(regions, waiting)
        if choices is None:
            continue
        if not choices:
            yield regions
            continue
        narrowest = min(choices, key=len)
        others: list[Demand] = [Some(tuple(one)) for one in choices if one is not narrowest]
        stack += [(dict(regions), [option, *others]) for option in reversed(narrowest)]


def _narrow(regions: Regions, waiting: list[Demand]) -> list[list[Demand]] | None:
    """Narrow `regions` by all that leaves no choice; the choices that remain, None when stuck."""
    while True:
        open_choices: list[Some] = []
        if not _settle(regions, waiting, open_choices):
            return None
        choices: list[list[Demand]] = []
        waiting = []
        for choice in open_choices:
            options = [part for part in choice.parts if _fits(part, regions)]
            if not options:
                return None
            if any(_met(part, regions) for part in options):
                continue
            if len(options) == 1:
                waiting.append(options[0])
            else:
                choices.append(options)
        if not waiting:
            return choices
        waiting += [Some(tuple(options)) for options in choices]


def _settle(regions: Regions, waiting: list[Demand], choices: list[Some]) -> bool:
    """Take in everything that leaves no choice; False when nothing can lie there any more."""
    todo = list(reversed(waiting))
    while todo:
        one = todo.pop()
        if isinstance(one, Every):
            todo += reversed(one.parts)
        elif isinstance(one, Some):
            choices.append(one)
        else:
            found = regions.get(one.subject)
            region = one.region if found is None else found.meet(one.region)
            if region.empty:
                return False
            regions[one.subject] = region
    return True


def _fits(one: Demand, regions: Regions) -> bool:
    """Whether nothing is known that rules it out."""
    if isinstance(one, Need):
        found = regions.get(one.subject)
        return not (one.region if found is None else found.meet(one.region)).empty
    if isinstance(one, Every):
        return all(_fits(part, regions) for part in one.parts)
    return any(_fits(part, regions) for part in one.parts)


def _met(one: Demand, regions: Regions) -> bool:
    """Whether all that may still be meets it."""
    if isinstance(one, Need):
        found = regions.get(one.subject)
        return found is not None and found.meet(one.region) == found
    if isinstance(one, Every):
        return all(_met(part, regions) for part in one.parts)
    return any(_met(part, regions) for part in one.parts)
