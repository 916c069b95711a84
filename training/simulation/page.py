"""The result as one HTML page: for who decides about a change, and for who must answer for it."""

from __future__ import annotations

from collections.abc import Sequence

from jinja2 import Environment, PackageLoader, StrictUndefined

from training.simulation.audit import CHANCE_Z, FOUR_FIFTHS
from training.simulation.figures import Change, Rate
from training.simulation.outcome import Simulation
from training.simulation.text import ratio
from training.simulation.words import (
    STAGES,
    headline,
    notes,
    number,
    percent,
    relative,
    signed,
)

RULES = 20
"""Of those that withhold more or less; the JSON has all."""


def render(found: Simulation) -> str:
    """The page as HTML text, with no reference to anything outside itself."""
    environment = Environment(
        loader=PackageLoader("training.simulation", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "number": number,
        "percent": percent,
        "ratio": ratio,
        "relative": relative,
        "signed": signed,
        "worse": worse,
    }
    return environment.get_template("page.html.j2").render(
        found=found,
        headline=list(headline(found)),
        notes=list(notes(found)),
        stages=STAGES,
        life_stages=sorted(found.life_stages, key=lambda group: -abs(group.totals.contacts.by)),
        rules_shown=RULES,
        widest=widest,
        four_fifths=FOUR_FIFTHS,
        chance_z=CHANCE_Z,
    )


def widest(changes: Sequence[Change]) -> float:
    """The largest change, which a whole bar stands for; 1 where there is none."""
    return max((abs(change.by) for change in changes), default=0) or 1.0


def worse(rate: Rate) -> bool:
    """Whether shares were even enough before, and are not any more."""
    return rate.after.uneven and not rate.before.uneven
