"""Conditions about what goes on around a person: cases, promises, money ahead, journeys, days."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from recommender.rules.conditions import (
    JOURNEY_STAGES,
    BrokenPromise,
    Condition,
    DaysSince,
    Dissatisfied,
    Happening,
    Journey,
    OpenCase,
    Operator,
    ProjectedBalance,
    ProjectedShortfall,
    Unfinished,
)
from recommender.rules.names import Names, suggestion

Path = tuple[str | int, ...]
Wrong = Callable[[Path, str, str], None]
"""Notes a mistake: where, what, and how to mend it."""

CASE_KINDS = ("complaint", "application", "order")
SEEN = "seen"
MOST_DAYS = 130 * 366
"""Nothing happened longer ago."""

HAPPENINGS = tuple(happening.value for happening in Happening)
OF_DAYS = tuple(item.value for item in (Operator.AT_LEAST, Operator.BELOW, Operator.BETWEEN))
OF_MONEY = OF_DAYS[:2]


def open_case(raw: Any, path: Path, _names: Names, wrong: Wrong) -> Condition | None:
    if raw in CASE_KINDS:
        return OpenCase(str(raw))
    wrong(path, f"unknown case kind {raw!r}", suggestion(str(raw), CASE_KINDS))
    return None


def projected_shortfall(raw: Any, path: Path, _names: Names, wrong: Wrong) -> Condition | None:
    if isinstance(raw, bool):
        return ProjectedShortfall(raw)
    if raw == SEEN:
        return ProjectedShortfall(expected=True, seen=True)
    wrong(path, f"{raw!r} is not yes or no", f"write true, false or {SEEN}")
    return None


def projected_balance(raw: Any, path: Path, _names: Names, wrong: Wrong) -> Condition | None:
    if not isinstance(raw, dict) or len(raw) != 1 or not set(raw) <= set(OF_MONEY):
        wrong(path, "needs one bound, in cents", "e.g. `projected_balance: {below: 10000}`")
        return None
    ((operator, bound),) = raw.items()
    if not _is_whole(bound):
        wrong((*path, operator), f"{bound!r} is no whole number of cents", "10000 is 100.00")
        return None
    return ProjectedBalance(Operator(operator), bound)


def journey(raw: Any, path: Path, names: Names, wrong: Wrong) -> Condition | None:
    if not isinstance(raw, dict) or set(raw) != {"domain", "stage"}:
        example = "e.g. `journey: {domain: housing, stage: [considering, applying]}`"
        wrong(path, "journey needs a domain and one or more stages", example)
        return None
    domain, stages = raw["domain"], raw["stage"]
    wanted: list[Any] = stages if isinstance(stages, list) and stages else [stages]
    strange = [stage for stage in wanted if stage not in JOURNEY_STAGES]
    for stage in strange:
        hint = suggestion(str(stage), JOURNEY_STAGES)
        wrong((*path, "stage"), f"unknown stage {stage!r}", hint)
    if not isinstance(domain, str) or domain not in names.domains:
        wrong(
            (*path, "domain"), f"unknown domain {domain!r}", suggestion(str(domain), names.domains)
        )
        return None
    return None if strange else Journey(domain, tuple(dict.fromkeys(wanted)))


def unfinished(raw: Any, path: Path, names: Names, wrong: Wrong) -> Condition | None:
    products = raw if isinstance(raw, list) and raw else [raw]
    return _each(products, "product", names.products, path, wrong, Unfinished)


def broken_promise(raw: Any, path: Path, _names: Names, wrong: Wrong) -> Condition | None:
    kinds = CASE_KINDS if raw is True else (raw if isinstance(raw, list) and raw else [raw])
    return _each(kinds, "case kind", CASE_KINDS, path, wrong, BrokenPromise)


def dissatisfied(raw: Any, path: Path, _names: Names, wrong: Wrong) -> Condition | None:
    if not isinstance(raw, dict) or set(raw) != {"below", "days"}:
        hint = "e.g. `dissatisfied: {below: 40, days: 90}`"
        wrong(path, "dissatisfied needs a score (0 to 100) and a number of days", hint)
        return None
    score, days = raw["below"], _days(raw["days"], Operator.BELOW, (*path, "days"), wrong)
    if not _is_whole(score) or not 0 < score <= 100:
        wrong((*path, "below"), f"no score is below {score!r}", "scores are 0 to 100")
        return None
    return None if days is None else Dissatisfied(score, days[0])


def _each(
    raw: Iterable[Any],
    kind: str,
    known: tuple[str, ...],
    path: Path,
    wrong: Wrong,
    make: Callable[[tuple[str, ...]], Condition],
) -> Condition | None:
    strange = [one for one in raw if one not in known]
    for one in strange:
        wrong(path, f"unknown {kind} {one!r}", suggestion(str(one), known))
    return None if strange else make(tuple(raw))


def days_since(raw: Any, path: Path, names: Names, wrong: Wrong) -> Condition | None:
    keys = set(raw) if isinstance(raw, dict) else set()
    happened, bounds = keys & set(HAPPENINGS), keys & set(OF_DAYS)
    if len(keys) != 2 or len(happened) != 1 or len(bounds) != 1:
        hint = f"e.g. `{{opened: savings_account, at_least: 30}}`; also: {', '.join(HAPPENINGS)}"
        wrong(path, "days_since needs what happened and one bound", hint)
        return None
    (name,), (operator,) = happened, bounds
    subject = _subject(Happening(name), raw[name], (*path, name), names, wrong)
    days = _days(raw[operator], operator, (*path, operator), wrong)
    if subject is None or days is None:
        return None
    return DaysSince(Happening(name), subject, Operator(operator), days)


def _subject(happening: Happening, raw: Any, path: Path, names: Names, wrong: Wrong) -> str | None:
    if happening in {Happening.JOINED, Happening.CONTACT}:
        if raw is True:
            return ""
        wrong(path, f"{raw!r} says nothing here", "write true")
        return None
    kind, known = "product", names.products
    if happening in {Happening.CASE_OPENED, Happening.CASE_CLOSED}:
        kind, known = "case kind", CASE_KINDS
    if raw in known:
        return str(raw)
    wrong(path, f"unknown {kind} {raw!r}", suggestion(str(raw), known))
    return None


def _days(raw: Any, operator: str, path: Path, wrong: Wrong) -> tuple[int, ...] | None:
    days = raw if operator == Operator.BETWEEN else [raw]
    count = 2 if operator == Operator.BETWEEN else 1
    if not isinstance(days, list) or len(days) != count or not all(map(_is_whole, days)):
        wrong(path, f"{raw!r} is no number of days", "e.g. 30, or `between: [30, 90]`")
    elif not all(0 <= day <= MOST_DAYS for day in days):
        wrong(path, f"no such number of days: {raw!r}", f"they are 0 to {MOST_DAYS}")
    elif days != sorted(days):
        wrong(path, f"the range is upside down: {days[0]} > {days[1]}", f"[{days[1]}, {days[0]}]?")
    else:
        return tuple(days)
    return None


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


FORMS = {
    "open_case": open_case,
    "projected_shortfall": projected_shortfall,
    "projected_balance": projected_balance,
    "journey": journey,
    "days_since": days_since,
    "unfinished": unfinished,
    "broken_promise": broken_promise,
    "dissatisfied": dissatisfied,
}
