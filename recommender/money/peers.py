"""What many accounts have in common, for those whose own history is short or says too little."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from recommender.account import Wire
from recommender.money.booking import Ints
from recommender.money.history import History
from recommender.money.rhythm import Floats

_TAIL = (0.001, 0.01, 0.03, 0.07, 0.13)
SHARES: Final = np.array([*_TAIL, *np.linspace(0.2, 0.8, 7), *(1 - one for one in _TAIL[::-1])])
"""A distribution of amounts is kept as its quantiles at these shares."""

LEAST_DAYS = 60
"""Accounts with a shorter history say little about people."""

SMALL_PURSE, FULL_PURSE = 0.7, 1.0
"""A balance below, or above, this part of the usual one."""

MOST_THRIFT = 2.0

MOST_SHARE = 0.98
"""Of days on which money goes, those that take at most the share that counts as the most."""

THRIFT_LEAVES = 0.5
"""Thrift is part of the way back to the usual balance; so much is left to explain. `calibrated`
finds the part that suits a bank's own accounts."""

LEAST_PURSE, MOST_PURSE = 0.1, 3.0
"""A balance far from the usual counts as this part, or so many times, of it."""


class Peers(Wire, frozen=True):
    """What many accounts have in common; amounts are in minor units, as SHARES has them.

    `quiet` and `typical` are the average account's share of quiet days and its amounts, where a day
    with movement moves `scale_minor` on average; `sizes` are the amounts of all accounts together,
    in which the rare and large are. An account with `weight_days` of history is believed half.
    `reversion`: the part of the distance to the usual balance that a day with movement makes good.
    `thrift`: the elasticity of what goes to the balance; 1 spends half when half of the usual is
    there. `level_spread`: how well the usual balance of the coming weeks is known, in standard
    deviations of the balance so far. `surprise`: the share of amounts that are anybody's.
    `most_at_once`: the share of a balance that leaves in one day at most. `chance_offset` and
    `chance_slope` turn the log odds of the paths into those of what comes.
    `announced`: the share of standing orders and direct debits that are among the known payments.
    """

    quiet: float
    typical: tuple[float, ...]
    sizes: tuple[float, ...]
    weight_days: float = 60.0
    reversion: float = 0.3
    thrift: float = 1.0
    most_at_once: float = 1.0
    level_spread: float = 0.6
    surprise: float = 0.2
    chance_offset: float = 0.0
    chance_slope: float = 1.0
    scale_minor: float = 0.0
    announced: float = 0.0


def scale_of(busy: Ints) -> float:
    """What an account moves on a day on which it moves something, (n,) `busy` with n > 0."""
    return float(np.abs(busy).mean())


def quantiles(values: Ints | Floats) -> Floats:
    """Of (n,) values, n > 0, at SHARES; as numpy has them, at a tenth of the time."""
    ordered: Floats = np.sort(values).astype(np.float64)
    found: Floats = np.interp(SHARES * (len(ordered) - 1), np.arange(len(ordered)), ordered)
    return found


def learn_peers(histories: Sequence[History]) -> Peers:
    """What these accounts have in common. Of no account: people who spend nothing."""
    told = [one for one in histories if len(one.moved) >= LEAST_DAYS and one.moved.any()]
    if not told:
        nothing = (0.0,) * len(SHARES)
        return Peers(1.0, nothing, nothing, reversion=0.0)
    busy = [one.moved[one.moved != 0] for one in told]
    scales = [scale_of(one) for one in busy]
    scale = float(np.exp(np.mean(np.log(scales))))
    alike: list[Floats] = [
        np.multiply(one, scale / own) for one, own in zip(busy, scales, strict=True)
    ]
    return Peers(
        quiet=float(np.mean([(one.moved == 0).mean() for one in told])),
        typical=tuple(np.mean([quantiles(one) for one in alike], axis=0).tolist()),
        sizes=tuple(quantiles(np.concatenate(busy)).tolist()),
        scale_minor=scale,
        reversion=_reversion(told),
        thrift=_thrift(told),
        most_at_once=_most_at_once(told),
    )


def _reversion(histories: Sequence[History]) -> float:
    """The slope of movements on the distance to the usual balance, within accounts."""
    together = apart = 0.0
    for one in histories:
        before, moved = one.balance[:-1].astype(np.float64), one.moved[1:]
        busy, variance = moved != 0, float(one.balance.var())
        if np.count_nonzero(busy) < 2 or variance == 0:
            continue
        distance = before[busy].mean() - before[busy]
        together += float(distance @ (moved[busy] - moved[busy].mean())) / variance
        apart += float(distance @ distance) / variance
    return THRIFT_LEAVES * min(max(together / apart, 0.0), 1.0) if apart else 0.0


def _thrift(histories: Sequence[History]) -> float:
    """The elasticity: what goes on days with a small purse against days with a full one."""
    goes, purses = np.zeros(2), np.zeros(2)
    days = np.zeros(2)
    for one in histories:
        usual = float(np.maximum(one.balance, 0).mean())
        spent = -np.minimum(one.moved[1:], 0)
        if usual <= 0 or not spent.any():
            continue
        purse, spent = one.balance[:-1] / usual, spent / spent.mean()
        for place, those in enumerate(((purse > 0) & (purse < SMALL_PURSE), purse > FULL_PURSE)):
            goes[place] += spent[those].sum()
            purses[place] += purse[those].sum()
            days[place] += np.count_nonzero(those)
    if not days.all() or not goes.all():
        return 0.0
    (small, full), (low, high) = goes / days, purses / days
    return float(np.clip(np.log(small / full) / np.log(low / high), 0, MOST_THRIFT))


def _most_at_once(histories: Sequence[History]) -> float:
    shares: list[Floats] = []
    for one in histories:
        before, moved = one.balance[:-1], one.moved[1:]
        drawn = (moved < 0) & (before > 0)
        shares.append(-moved[drawn] / before[drawn])
    together = np.concatenate(shares)
    return float(np.quantile(together, MOST_SHARE)) if len(together) else 1.0
