"""The fixed tables of chance that every outlook uses: equal inputs give equal outlooks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np

from recommender.money.booking import Flags, Ints
from recommender.money.peers import SHARES
from recommender.money.rhythm import Floats

PATHS: Final = 256
MOST_DAYS = 92
PAYMENTS = 64
SEED = 20_261_126

ON_THE_DAY = 0.6
"""Of payments that do not keep their day, so many come on the likeliest one."""

AMOUNTS: Final = np.array([0, 0.1, 0.5, 0.9, 1])
"""Where in the distribution of a payment's amount its least, low, middle, high and most are."""


@dataclass(frozen=True, eq=False)
class DayDraws:
    """(MOST_DAYS, PATHS) uniform `busy`; amounts as places in SHARES, `part` of the way to the
    next; (PATHS,) `level` with heavy tails and variance 1.
    """

    busy: Floats
    below: Ints
    part: Floats
    level: Floats


@dataclass(frozen=True, eq=False)
class PaymentDraws:
    """(PAYMENTS, PATHS) uniform `drawn`. As a day: whether it is `on_the_day`, and if not, `off`
    from 0 to 1 which other. As an amount: `beyond` the place `piece` in AMOUNTS.
    """

    drawn: Floats
    on_the_day: Flags
    off: Floats
    piece: Ints
    beyond: Floats


@cache
def day_draws() -> DayDraws:
    random = np.random.default_rng(SEED)
    busy, amount = (_stratified(random, MOST_DAYS) for _ in range(2))
    amount = np.clip(amount, SHARES[0], SHARES[-1] - 1e-9)
    below = np.searchsorted(SHARES, amount, side="right") - 1
    part = (amount - SHARES[below]) / (SHARES[below + 1] - SHARES[below])
    # Student's t with 4 degrees of freedom has its quantile function in closed form.
    share = _stratified(random, 1)[0]
    alpha = 4 * share * (1 - share)
    q = np.cos(np.arccos(np.sqrt(alpha)) / 3) / np.sqrt(alpha)
    level = np.sign(share - 0.5) * 2 * np.sqrt(np.maximum(q - 1, 0)) / np.sqrt(2)
    return DayDraws(busy, below, part, level)


@cache
def payment_draws() -> PaymentDraws:
    drawn = _stratified(np.random.default_rng(SEED + 1), PAYMENTS)
    piece = np.searchsorted(AMOUNTS, drawn, side="right") - 1
    off = (drawn - ON_THE_DAY) / (1 - ON_THE_DAY)
    return PaymentDraws(drawn, drawn < ON_THE_DAY, off, piece, drawn - AMOUNTS[piece])


def _stratified(random: np.random.Generator, rows: int) -> Floats:
    """(rows, PATHS) uniform, each row with one draw in each of PATHS equal parts."""
    places = random.permuted(np.tile(np.arange(PATHS), (rows, 1)), axis=1)
    drawn: Floats = (places + random.random((rows, PATHS))) / PATHS
    return drawn
