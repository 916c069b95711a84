"""Alerts of accounts that events change, in whatever order these arrive."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from recommender.account import Account
from recommender.alerts.life import advance
from recommender.events import Event, fold
from tests.recommender.alerts.scenes import AT, HOUR, LOOKOUT, alerts, debit, short
from tests.recommender.bank import bank
from tests.recommender.events.told import event

BEGINNING = short(balance_minor=50_000, coming=(debit(9_000, 1), debit(30_000, 3, "Rent")))

bookings = st.builds(
    lambda hours, balance, payee, amount: event(
        "transaction",
        AT - hours * HOUR,
        balance_minor=balance,
        counterparty=payee,
        amount_minor=-amount,
    ),
    st.integers(0, 48),
    st.integers(-5_000, 60_000),
    st.sampled_from(["Energy", "Rent"]),
    st.sampled_from([9_000, 30_000, 700]),
)
complaints = st.builds(
    lambda kind, hours, promised: event(
        kind,
        AT - hours * HOUR,
        case_id="c1",
        **({"promised_at": promised} if kind == "complaint_opened" else {}),
    ),
    st.sampled_from(["complaint_opened", "complaint_answered", "complaint_closed"]),
    st.integers(0, 200),
    st.integers(-60, 60).map(lambda hours: (AT + hours * HOUR).isoformat()),
)
told = st.lists(bookings | complaints, max_size=6, unique_by=lambda one: one.at)


def after(account: Account, events: list[Event]) -> Account:
    """As a worker leaves it that folds them one by one."""
    at = AT
    for one in events:
        account = advance(fold(account, one, bank()), at, LOOKOUT)
        at += timedelta(seconds=1)
    return advance(account, at, LOOKOUT)


@given(told, st.randoms(use_true_random=False))
def test_one_alert_a_cause_whatever_the_order_of_events(
    events: list[Event], chance: Random
) -> None:
    """What holds in the end holds in every order, once; how often it was told on the way differs,
    and with it what a kind of which only so many may be told still has room for.
    """
    bounded = {name for name, watch in LOOKOUT.watches.items() if watch.kind.at_most}
    shuffled = list(events)
    chance.shuffle(shuffled)
    one, other = after(BEGINNING, events), after(BEGINNING, shuffled)
    plain = msgspec.structs.replace(one, alerts=())
    assert plain == msgspec.structs.replace(other, alerts=())
    ids = [
        [alert.alert_id for alert in alerts(each) if alert.kind not in bounded]
        for each in (one, other)
    ]
    assert sorted(ids[0]) == sorted(ids[1])
    for each in (one, other):
        recorded = [record.alert_id for record in each.alerts]
        assert len(recorded) == len(set(recorded))
