"""The nearest change in words: `from your 18th birthday (12 March 2027)`."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from typing import NamedTuple

from recommender.rules.conditions import JOURNEY_STAGES, DaysSince, Happening, Holds, Operator
from recommender.rules.names import MOST_YEARS, NUMBERS
from recommender.rules.nearest import Change
from recommender.rules.regions import Among, Between
from recommender.rules.speaker import Speaker
from recommender.words import date_name


class Calendar(NamedTuple):
    """From when an account's years are counted, where that is known, and what day it is."""

    today: date
    birth_date: date | None = None
    joined_on: date | None = None


def change_in_words(changes: Iterable[Change], calendar: Calendar, speaker: Speaker) -> str:
    said = [SAID[change.subject.kind](change, calendar, speaker) for change in changes]
    return speaker.say("then").join(dict.fromkeys(said))


def anniversary(since: date, years: int) -> date | None:
    """The day on which it is that many years ago; who was born on 29 February has 1 March."""
    if since.year + years > date.max.year:
        return None
    try:
        return since.replace(year=since.year + years)
    except ValueError:
        return date(since.year + years, 3, 1)


def _value(change: Change, calendar: Calendar, speaker: Speaker) -> str:
    name, to = change.subject.name, change.to
    if name in NUMBERS and change.found is not None and isinstance(to, int):
        since = calendar.birth_date if name == "age" else calendar.joined_on
        day = None if since is None else anniversary(since, to)
        on = "" if day is None else f" ({date_name(day, speaker.language)})"
        return speaker.say(f"near_{name}", count=speaker.ordinal(to), on=on)
    return speaker.say("near_value", name=speaker.name(name), range=_range(change, speaker))


def _range(change: Change, speaker: Speaker) -> str:
    """`low, middle or high`, `18 or more`."""
    region, name = change.region, change.subject.name
    if isinstance(region, Among):
        known = speaker.catalogue.universe.get(name, tuple(region.values))
        return speaker.either(speaker.value(name, one) for one in known if one in region.values)
    first, last = region.low, region.high
    if name in NUMBERS and last > MOST_YEARS:
        last = math.inf
    if math.isinf(first) and math.isinf(last):
        return speaker.say("not_in", values=speaker.either(sorted(region.holes)))
    if math.isinf(last):
        return speaker.say("at_least", first=first)
    if math.isinf(first):
        return speaker.say("below", first=last)
    return str(first) if last == first + 1 else speaker.say("between", first=first, last=last - 1)


def _holds(change: Change, _calendar: Calendar, speaker: Speaker) -> str:
    titles = speaker.titles(Holds((change.subject.name,)))
    return speaker.say("near_holds" if change.to else "near_holds_not", titles=titles)


def _held_before(change: Change, _calendar: Calendar, speaker: Speaker) -> str:
    return speaker.say("near_held_before", titles=speaker.titles(Holds((change.subject.name,))))


def _open_case(change: Change, _calendar: Calendar, speaker: Speaker) -> str:
    phrase = "near_open_case" if change.to else "near_open_case_not"
    return speaker.say(phrase, case=speaker.say(change.subject.name))


def _shortfall(change: Change, _calendar: Calendar, speaker: Speaker) -> str:
    if change.to:
        return speaker.say("near_short")
    return speaker.say("near_short_seen" if change.found is None else "near_short_not")


def _balance(change: Change, _calendar: Calendar, speaker: Speaker) -> str:
    region = change.region
    if isinstance(region, Between) and math.isfinite(region.low):
        wide = speaker.say("at_least", first=speaker.money(int(region.low)))
    else:
        last = region.high if isinstance(region, Between) else 0
        wide = speaker.say("below", first=speaker.money(int(last)))
    return speaker.say("near_balance", range=wide)


def _interest(change: Change, _calendar: Calendar, speaker: Speaker) -> str:
    kind, name, _ = change.subject
    declared = speaker.catalogue.domains if kind == "interest" else speaker.catalogue.products
    title = speaker.text(declared[name].title)
    low = change.region.low if isinstance(change.region, Between) else 0
    bounds = {bound: level for level, bound in speaker.catalogue.interest.levels.items()}
    if low not in bounds:
        return speaker.say("near_interest_not", title=title)
    return speaker.say("near_interest", title=title, often=speaker.often(bounds[low]))


def _journey(change: Change, _calendar: Calendar, speaker: Speaker) -> str:
    values = change.region.values if isinstance(change.region, Among) else frozenset()
    title = speaker.text(speaker.catalogue.domains[change.subject.name].title)
    stages = speaker.stages(stage for stage in JOURNEY_STAGES if stage in values)
    return speaker.say("near_journey", stages=stages, title=title)


def _later(change: Change, calendar: Calendar, speaker: Speaker) -> str:
    """The day on which it will be long enough ago."""
    to, found = change.to, change.found
    days = to - found if isinstance(to, int) and isinstance(found, int) else 0
    return speaker.say(
        "near_days", day=date_name(calendar.today + timedelta(days), speaker.language)
    )


def _unfinished(change: Change, _calendar: Calendar, speaker: Speaker) -> str:
    phrase = "near_unfinished" if change.to else "near_unfinished_not"
    return speaker.say(phrase, titles=speaker.titles(Holds((change.subject.name,))))


def _broken_promise(change: Change, _calendar: Calendar, speaker: Speaker) -> str:
    phrase = "near_broken_promise" if change.to else "near_broken_promise_not"
    return speaker.say(phrase, case=speaker.say(change.subject.name))


def _opinion(change: Change, calendar: Calendar, speaker: Speaker) -> str:
    if change.subject.kind == "opinion_days" and change.found is not None:
        return _later(change, calendar, speaker)
    phrase = "near_opinion" if change.found is None else "near_opinion_not"
    return speaker.say(phrase)


def _days(change: Change, calendar: Calendar, speaker: Speaker) -> str:
    _, happening, subject = change.subject
    if change.found is not None:
        return _later(change, calendar, speaker)
    about = DaysSince(Happening(happening), subject, Operator.AT_LEAST, (0,))
    return speaker.say("near_days_never", range=_range(change, speaker), event=speaker.event(about))


SAID: Mapping[str, Callable[[Change, Calendar, Speaker], str]] = {
    "value": _value,
    "holds": _holds,
    "held_before": _held_before,
    "open_case": _open_case,
    "projected_shortfall": _shortfall,
    "projected_balance": _balance,
    "interest": _interest,
    "views": _interest,
    "journey": _journey,
    "unfinished": _unfinished,
    "broken_promise": _broken_promise,
    "opinion_score": _opinion,
    "opinion_days": _opinion,
    "days_since": _days,
}
