"""The result on a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from training.simulation.figures import ActionRow, Audit, Change, Rate, Ratio
from training.simulation.outcome import Simulation
from training.simulation.words import headline, notes, number, percent, relative, signed

ROWS = 12
"""Of each table; the page and the JSON have all."""


def lines(found: Simulation) -> Iterator[str]:
    """What to print, a line each."""
    yield f"{found.placement} on {found.channel}, as of {found.at}"
    for side, versions in (("before", found.before), ("after", found.after)):
        which = f"policy {versions.policy}  catalogue {versions.catalogue}"
        yield f"{side:<7} model {versions.model}  {which}"
    yield ""
    yield from headline(found)
    yield from (f"note: {note}" for note in notes(found))
    if found.nothing_differs:
        return
    totals = found.totals
    yield from _table(
        "totals",
        [
            ("accounts shown an offer", totals.offered),
            ("marketing contacts", totals.contacts),
            ("expected value", totals.value),
            ("service and advice shown", totals.care),
            ("alerts", totals.alerts),
        ],
    )
    yield from _table("withheld by stage", [(row.stage, row.withheld) for row in found.stages])
    yield from _table("withheld by rule", [(row.rule, row.withheld) for row in found.rules])
    yield from _actions("products, by accounts shown", found.products)
    yield from _actions("service and advice, by accounts shown", found.care)
    moved = sorted(found.life_stages, key=lambda group: -abs(group.totals.contacts.by))
    yield from _table(
        "marketing contacts by life stage",
        [(group.name, group.totals.contacts) for group in moved if group.totals.contacts.differs],
    )
    for audit in found.audits:
        yield from _audit(audit)
    if found.examples:
        yield "\nexamples"
    for one in found.examples:
        verb = "gains" if one.gained else "loses"
        yield f"  {one.account_id} ({one.known}) {verb} {one.title}, as {number(one.accounts)} do"
        if one.rule:
            yield f"    {'no longer' if one.gained else 'now'} {one.rule}: {one.text}"


def _table(title: str, rows: Sequence[tuple[str, Change]]) -> Iterator[str]:
    if not rows:
        return
    width = max(len(name) for name, _ in rows)
    yield f"\n{title}"
    for name, change in rows[:ROWS]:
        yield f"  {name:<{width}}  {_changed(change)}".rstrip()
    yield from _more(len(rows))


def _actions(title: str, rows: Sequence[ActionRow]) -> Iterator[str]:
    if not rows:
        return
    width = max(len(row.title) for row in rows[:ROWS])
    yield f"\n{title}"
    for row in rows[:ROWS]:
        who = f"{number(row.gains)} gain, {number(row.loses)} lose"
        whys = [why for why in (*row.loses_to, *row.gains_over) if why.rule]
        rule = max(whys, key=lambda why: why.accounts).rule if whys else ""
        yield f"  {row.title:<{width}}  {_changed(row.shown)}  {who}  {rule}".rstrip()
    yield from _more(len(rows))


def _changed(change: Change) -> str:
    before, after = number(change.before), number(change.after)
    return f"{before:>9} -> {after:>9}  {signed(change.by):>8}  {relative(change):>8}"


def _more(count: int) -> Iterator[str]:
    if count > ROWS:
        yield f"  and {count - ROWS} more, see --out or --json"


def _audit(audit: Audit) -> Iterator[str]:
    yield f"\n{audit.attribute} (for audit): any offer, and products shown unevenly"
    names = [group.name for group in audit.groups]
    yield _rate("any offer", names, audit.offered)
    for row in audit.products:
        if row.rate.after.uneven:
            yield _rate(row.title, names, row.rate)


def _rate(title: str, names: Sequence[str], rate: Rate) -> str:
    pairs = zip(names, rate.shares, strict=True)
    shares = ", ".join(f"{name} {percent(s.before)} -> {percent(s.after)}" for name, s in pairs)
    return f"  {title}: {shares}; ratio {ratio(rate.before)} -> {ratio(rate.after)}"


def ratio(one: Ratio) -> str:
    return "-" if one.value is None else f"{one.value:.2f}"
