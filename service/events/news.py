"""An account's alerts once its events are folded, and what there is to tell of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from recommender.account import Account
from recommender.alerts.life import advance, changes_between
from recommender.alerts.lookout import Lookout
from recommender.alerts.turning import turns_at
from recommender.money.look_ahead import looked_ahead
from service.webhooks.delivery import deliveries


class News(NamedTuple):
    """What the alerts' log gets, and what is to be delivered, each after the instant from which it
    may be sent. `turns`: when the alerts may change again by themselves (seconds), '' for never.
    """

    changes: Sequence[bytes] = ()
    deliveries: Sequence[bytes | float] = ()
    turns: float | str = ""


NO_NEWS = News()


def alerted(account: Account, before: Account, now: datetime, lookout: Lookout) -> Account:
    """With its alerts as they are now, and what is ahead where that moved since `before`."""
    day, currency = lookout.days.of(now), lookout.catalogue.currency
    return advance(looked_ahead(account, before, day, currency), now, lookout)


def news_of(
    account: Account, before: Account, now: datetime, lookout: Lookout, urls: Iterable[str]
) -> News:
    """What became of the alerts of `account` since `before`; `urls` are where it is pushed to."""
    changes = changes_between(before.alerts, account, now, lookout)
    sent = deliveries(account, changes, urls, lookout) if changes else []
    turns = turns_at(account, now, lookout)
    return News(
        [msgspec.json.encode(change) for change in changes],
        [word for one in sent for word in one],
        "" if turns is None else turns.timestamp(),
    )
