"""What is spent besides all that recurs, learnt from an account and from people like it.

A day is quiet, or something unplanned moves: so much comes or goes. People do not drift: who has
more than usual spends more, who has less holds back, and nobody draws much more than there is.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from recommender.account import Wire
from recommender.money.history import History
from recommender.money.peers import SHARES, Peers, quantiles, scale_of
from recommender.money.rhythm import Floats

_WEIGHT: Final = np.diff(np.concatenate([[0.0], (SHARES[1:] + SHARES[:-1]) / 2, [1.0]]))


class Spending(Wire, frozen=True):
    """What an account does besides its series, on `days` days of its own history and its peers'.

    `sizes`: net amounts (minor) of days that are not quiet, as SHARES has them. `level_minor` is
    the usual balance, `purse_minor` what there usually is, 0 while there is nothing. The other
    fields are those of Peers.
    """

    quiet: float
    sizes: tuple[int, ...]
    level_minor: int
    level_spread_minor: int
    reversion: float
    thrift: float
    most_at_once: float
    days: int
    chance_offset: float = 0.0
    chance_slope: float = 1.0
    purse_minor: int = 0
    announced: float = 0.0


def learn_spending(history: History, peers: Peers, *, balance_minor: int) -> Spending:
    """The account's own days, shrunk towards its peers': much when its history is short."""
    days = len(history.moved)
    own = days / (days + peers.weight_days)
    busy = history.moved[history.moved != 0]
    sizes = np.array(peers.typical)
    if len(busy):
        # Who moves small amounts is like others who do.
        alike = (scale_of(busy) / peers.scale_minor) ** own if peers.scale_minor else 1.0
        sizes = own * quantiles(busy) + (1 - own) * alike * sizes
    balance = history.balance if days else np.array([balance_minor])
    return Spending(
        quiet=own * (1 - len(busy) / max(days, 1)) + (1 - own) * peers.quiet,
        sizes=tuple(
            np.rint(_mixed(sizes, np.array(peers.sizes), peers.surprise)).astype(int).tolist()
        ),
        level_minor=round(own * float(balance.mean()) + (1 - own) * balance_minor),
        level_spread_minor=round(peers.level_spread * float(balance.std())),
        reversion=peers.reversion,
        thrift=peers.thrift,
        most_at_once=peers.most_at_once,
        days=days,
        chance_offset=peers.chance_offset,
        chance_slope=peers.chance_slope,
        purse_minor=round(
            own * float(np.maximum(balance, 0).mean()) + (1 - own) * max(balance_minor, 0)
        ),
        announced=peers.announced,
    )


def _mixed(sizes: Floats, others: Floats, share: float) -> Floats:
    """Quantiles of a mixture: `share` of `others`, the rest `sizes`."""
    values = np.concatenate([sizes, others])
    weight = np.concatenate([(1 - share) * _WEIGHT, share * _WEIGHT])
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weight[order]) - weight[order] / 2
    mixed: Floats = np.interp(SHARES, reached, values[order])
    return mixed
