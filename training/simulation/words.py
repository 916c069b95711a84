"""The result in words and figures as people read them, on a terminal as on the page."""

from __future__ import annotations

from collections.abc import Iterator

from training.simulation.figures import Change
from training.simulation.outcome import Simulation

MINUS = "\N{MINUS SIGN}"
WHOLE_FROM = 100
"""From here on what is behind the point says nothing to a person."""

STAGES = {
    "available": "not on sale here, now",
    "eligible": "law and product terms",
    "suitable": "does not fit this life, now",
    "consented": "no consent",
    "contactable": "too often, or just declined",
    "scored": "",
    "arbitrated": "",
    "slotted": "others come first",
}
"""What each stage of the funnel withholds for."""


def number(value: float) -> str:
    """Whole, or with two decimals where these can be seen.

    >>> number(12345.6), number(3), number(1.25)
    ('12,346', '3', '1.25')
    """
    if value == int(value) or abs(value) >= WHOLE_FROM:
        return f"{value:,.0f}".replace("-", MINUS)
    return f"{value:.2f}".replace("-", MINUS)


def signed(value: float) -> str:
    """A change.

    >>> signed(1200), signed(0)
    ('+1,200', '0')
    """
    return f"+{number(value)}" if value > 0 else number(value)


def percent(share: float) -> str:
    """With a decimal where that is what there is to see.

    >>> percent(0.123), percent(0.0042), percent(0.00001)
    ('12.3 %', '0.42 %', '<0.01 %')
    """
    if share in (0, 1):
        return f"{share * 100:.0f} %"
    if abs(share) < 0.0001:
        return "<0.01 %"
    return f"{share * 100:.{2 if abs(share) < 0.01 else 1}f} %"


def relative(change: Change) -> str:
    """The change as a share of what was before; `new` where there was nothing."""
    if not change.differs:
        return ""
    if change.relative is None:
        return "new"
    sign = "+" if change.relative > 0 else MINUS
    return sign + percent(abs(change.relative))


def headline(found: Simulation) -> Iterator[str]:
    """Two or three sentences, the most important first."""
    everybody = f"{number(found.accounts)} accounts"
    if found.nothing_differs:
        yield f"Nothing differs: {everybody} are shown exactly what they were."
        return
    if not found.changed:
        yield f"All {everybody} are shown what they were shown before."
        yield "Only what is withheld, by which rule, or how likely something is taken differs."
        return
    share = percent(found.changed / found.accounts)
    yield f"{number(found.changed)} of {everybody} ({share}) are shown something else."
    totals = found.totals
    yield (
        f"Marketing contacts {_moved(totals.contacts)}; expected value {_moved(totals.value)}; "
        f"accounts shown an offer {_moved(totals.offered)}."
    )
    moved = [row for row in found.products if row.shown.differs][:3]
    if moved:
        each = ", ".join(f"{row.title} {signed(row.shown.by)}" for row in moved)
        yield f"Largest changes, in accounts: {each}."


def notes(found: Simulation) -> Iterator[str]:
    """What a reader must know to trust the figures."""
    if found.accounts + found.one_sided < found.of:
        share = f"{number(found.accounts)} of {number(found.of)} accounts"
        yield f"A sample: {share}, chosen by a hash of their ids."
    if found.before.model != found.after.model:
        yield "The models differ: each side's expected value is what its own model promises."
    if found.rejected_rows:
        rows = number(found.rejected_rows)
        yield f"Rows of the tables that break the contract and were left out: {rows}."
    if found.one_sided:
        one_sided = number(found.one_sided)
        yield f"Accounts that only one of the catalogues can read, not counted: {one_sided}."


def _moved(change: Change) -> str:
    if not change.differs:
        return f"{number(change.before)}, as before"
    return f"{number(change.before)} → {number(change.after)} ({relative(change)})"
