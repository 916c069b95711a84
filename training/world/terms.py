"""Terms: until when a card, a policy or a fixed rate runs that people have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

import numpy as np

from training.world.taking import NEVER, Taken
from training.world.window import YEAR_DAYS, Days

TERM_YEARS: Final[Mapping[str, int]] = MappingProxyType(
    {"credit_card": 4, "mortgage": 10, "term_deposit": 1, "travel_insurance": 1}
)
"""One term follows the other: a card is renewed, a rate fixed anew."""


def term_ends(taken: Taken, products: Sequence[str], until: int) -> Days:
    """(n,) the last day of the term that runs on the day `until`; NEVER for what has none."""
    years = np.array([TERM_YEARS.get(name, 0) for name in products])[taken.product]
    running = (years > 0) & (taken.closed == NEVER)
    days = np.where(running, years, 1) * YEAR_DAYS
    terms = np.floor((until - taken.opened) / days) + 1
    ends = np.floor(taken.opened + terms * days).astype(np.int32)
    return np.where(running, ends, NEVER).astype(np.int32)
