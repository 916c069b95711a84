"""What is sent has an id of its own, by which its receiver knows what came before."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from recommender.account import Account
from recommender.alerts.life import advance, changes_between
from service.webhooks.delivery import deliveries, unpack_delivery
from tests.recommender.accounts import AT
from tests.recommender.alerts.scenes import LOOKOUT, short

URL = "https://hooks.example/alerts"


def ids(before: Account, after: Account, at: datetime) -> list[str]:
    changes = changes_between(before.alerts, after, at, LOOKOUT)
    return [unpack_delivery(sent).id for _, sent in deliveries(after, changes, [URL], LOOKOUT)]


def test_an_alert_that_comes_back_after_it_was_forgotten_is_no_repetition() -> None:
    sent: list[str] = []
    account = short()
    for day in (0, 10, 70):  # raised, over, forgotten
        at = AT + timedelta(days=day)
        after = advance(account, at, LOOKOUT)
        sent += ids(account, after, at)
        account = after
    assert not account.alerts
    coming = tuple(
        msgspec.structs.replace(one, due_on=one.due_on + timedelta(days=80))
        for one in account.coming
    )
    again = msgspec.structs.replace(account, coming=coming)
    sent += ids(again, advance(again, at := AT + timedelta(days=80), LOOKOUT), at)
    assert [name.rpartition("-")[2] for name in sent].count("raised") == 2
    assert len(set(sent)) == len(sent)
