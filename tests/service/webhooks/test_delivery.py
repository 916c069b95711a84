"""What is sent has an id of its own, by which its receiver knows what came before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.account import Account
from recommender.alerts.life import advance, changes_between
from recommender.alerts.turning import push_from
from recommender.catalogue.alerts import QuietHours, zone_of
from service.webhooks.delivery import Delivery, Quiet, deliveries, unpack_delivery
from tests.recommender.accounts import AT
from tests.recommender.alerts.scenes import LOOKOUT, short

URL = "https://hooks.example/alerts"


def delivery(**fields: Any) -> Delivery:
    status: Any = "raised"
    return Delivery("a-1-raised", URL, "ann", "a", status, 1, "{}", **fields)


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


ZONES = ("UTC", "Europe/Amsterdam", "America/St_Johns")
clocks = st.times().map(lambda clock: clock.strftime("%H:%M"))


@given(
    st.integers(1_780_000_000_000, 1_830_000_000_000).map(lambda ms: ms / 1000),
    st.tuples(clocks, clocks).filter(lambda two: two[0] != two[1]),
    st.sampled_from(ZONES),
)
def test_a_delivery_knows_its_quiet_hours_wherever_it_is_read(
    now: float, night: tuple[str, str], zone: str
) -> None:
    kept = unpack_delivery(delivery(quiet=Quiet(*night, zone)).pack())
    hours = QuietHours.model_validate({"from": night[0], "until": night[1]})
    at = datetime.fromtimestamp(now, UTC)
    assert kept.sent_from(now) == push_from(None, hours, at, zone_of(zone)).timestamp()
    assert kept.sent_from(kept.sent_from(now)) == kept.sent_from(now)
    assert delivery().sent_from(now) == now


def test_a_delivery_of_before_may_be_sent_at_any_time() -> None:
    known = msgspec.json.decode(delivery(quiet=Quiet("22:00", "07:30", "UTC")).pack())
    del known["quiet"]
    assert unpack_delivery(msgspec.json.encode(known)) == delivery()


@pytest.mark.parametrize(
    "quiet",
    [("25:00", "07:30", "UTC"), ("22:00", "22:00", "UTC"), ("22:00", "07:30", "Europe/Atlantis")],
)
def test_quiet_hours_that_are_none_cannot_be_read(quiet: tuple[str, str, str]) -> None:
    known = msgspec.json.decode(delivery().pack())
    known["quiet"] = dict(zip(("begins", "ends", "zone"), quiet, strict=True))
    with pytest.raises(msgspec.DecodeError):
        unpack_delivery(msgspec.json.encode(known))
