"""What the person needs to know now, from known payments and the balance."""

from __future__ import annotations

import hashlib
from datetime import date

from recommender.account import Account
from recommender.catalogue import Alerts
from recommender.decision import Alert
from recommender.situation import lowest_balance

SHORTFALL_AHEAD = "shortfall_ahead"


def alerts_for(account: Account, day: date, texts: Alerts | None) -> tuple[Alert, ...]:
    """A shortfall ahead, if known payments take the balance below zero within the horizon.

    One alert per cause: its id follows from account, kind and due day, so asking again does not
    raise it again. Nothing is raised that the catalogue has no words for.
    """
    if texts is None:
        return ()
    lowest = lowest_balance(account, day)
    if lowest is None or lowest[1] >= 0:
        return ()
    due_on, balance = lowest
    payment = min(
        (payment for payment in account.coming if payment.due_on == due_on),
        key=lambda payment: payment.amount_minor,
    )
    cause = f"{account.account_id}/{SHORTFALL_AHEAD}/{due_on.isoformat()}"
    return (
        Alert(
            alert_id=hashlib.blake2b(cause.encode(), digest_size=10).hexdigest(),
            kind=SHORTFALL_AHEAD,
            due_on=due_on.isoformat(),
            amount_minor=payment.amount_minor,
            shortfall_minor=-balance,
            currency=payment.currency,
            counterparty=payment.counterparty,
        ),
    )
