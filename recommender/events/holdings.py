"""What is held, when the event that it was taken comes besides what the tables say."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from recommender.account import Holding

SETTLES: Final = timedelta(days=92)
"""So long tables may lag behind an event that says what was taken; and so long what has ended
stays, lest such an event open it again."""


def with_taking(holdings: tuple[Holding, ...], product_id: str, since: date) -> tuple[Holding, ...]:
    """Held from the earliest day that any event or table says; taking it twice changes nothing.

    What ended after that day was the same holding: an event is no news of what is over.
    """
    same = [one for one in holdings if one.product_id == product_id]
    if any(one.closed_on is not None and one.closed_on > since for one in same):
        return holdings
    held = next((one for one in same if one.closed_on is None), None)
    if held is None:
        return (*holdings, Holding(product_id, since))
    if held.opened_on <= since:
        return holdings
    earlier = Holding(product_id, since, ends_on=held.ends_on)
    place = holdings.index(held)
    return (*holdings[:place], earlier, *holdings[place + 1 :])
