"""One alert a cause: raised once, again only when it is worse, and gone at once with its cause."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.account import Account, AlertRecord, AlertStatus, pack, unpack
from recommender.alerts.life import MOST, advance, answered, changes_between
from recommender.alerts.turning import turns_at
from recommender.decide import decide
from recommender.request import Request
from tests.recommender.alerts.scenes import (
    AT,
    HOUR,
    LOOKOUT,
    alerts,
    debit,
    kind,
    lookout_of,
    short,
    situations,
)
from tests.recommender.bank import bank_live

DAY = timedelta(days=1)
ANSWERS = (AlertStatus.DELIVERED, AlertStatus.SEEN, AlertStatus.DISMISSED)


def moved(account: Account, at: datetime = AT) -> Account:
    return advance(account, at, LOOKOUT)


def record(account: Account, kind: str = "shortfall_ahead") -> AlertRecord:
    (found,) = [one for one in account.alerts if one.kind == kind]
    return found


def after_answer(account: Account, status: AlertStatus, at: datetime = AT) -> Account:
    told = answered(account.alerts, record(account).alert_id, status, at)
    return msgspec.structs.replace(account, alerts=told)


def with_money(account: Account, by_minor: int) -> Account:
    """As `account`, short by another amount."""
    return msgspec.structs.replace(account, coming=(debit(by_minor + 2_000),))


@given(situations)
def test_looking_twice_raises_nothing_twice(account: Account) -> None:
    once = moved(account)
    assert moved(once) is once
    assert len({one.alert_id for one in once.alerts}) == len(once.alerts)


@given(situations)
def test_what_is_shown_is_what_is_on_record_as_raised(account: Account) -> None:
    once = moved(account)
    before = {one.alert_id for one in alerts(account)}
    assert before == {one.alert_id for one in alerts(once)}
    assert before == {one.alert_id for one in once.alerts if not one.over}
    assert all(one.raised_at == AT for one in alerts(once))


@given(situations, st.lists(situations, max_size=4))
def test_what_holds_now_does_not_depend_on_the_way_there(
    last: Account, before: list[Account]
) -> None:
    """Kinds of which only so many may be told aside: they have been told, that is the point."""
    account, at = Account("ann"), AT - HOUR
    for step in before:
        account = moved(msgspec.structs.replace(step, alerts=account.alerts), at)
        at += timedelta(minutes=1)
    account = moved(msgspec.structs.replace(last, alerts=account.alerts))
    bounded = {name for name, watch in LOOKOUT.watches.items() if watch.kind.at_most}
    now = {one.alert_id for one in alerts(account) if one.kind not in bounded}
    assert now == {one.alert_id for one in alerts(last) if one.kind not in bounded}


@given(st.lists(situations, min_size=2, max_size=5))
def test_the_changes_tell_each_step_once_and_lead_to_what_is_shown(steps: list[Account]) -> None:
    account, at, told = Account("ann"), AT, []
    on_screen: set[str] = set()
    for step in steps:
        before = account.alerts
        account = moved(msgspec.structs.replace(step, alerts=before), at)
        for change in changes_between(before, account, at, LOOKOUT):
            told.append((change.alert_id, change.status, change.times))
            if change.status is AlertStatus.RAISED:
                assert change.alert is not None
                on_screen.add(change.alert_id)
            else:
                on_screen.discard(change.alert_id)
        assert on_screen == {one.alert_id for one in alerts(account, at)}
        at += timedelta(minutes=1)
    assert len(told) == len(set(told))


@given(situations, st.lists(st.integers(1, 10_000), max_size=3))
def test_between_two_turns_nothing_changes_by_itself(account: Account, minutes: list[int]) -> None:
    account = moved(account)
    turns = turns_at(account, AT, LOOKOUT)
    for some in minutes:
        later = AT + timedelta(minutes=some)
        if turns is None or later < turns:
            assert [one.status for one in moved(account, later).alerts] == [
                one.status for one in account.alerts
            ]


@given(situations, st.integers(0, 1))
def test_every_channel_has_the_same_alerts(account: Account, seed: int) -> None:
    channels = ("web", "app", "branch", "phone")
    live = bank_live(seed)
    placements = [
        ("advice_desk" if one in {"branch", "phone"} else "home", one) for one in channels
    ]
    said = [
        decide(moved(account), Request(AT, placement=place, channel=channel), live).alerts
        for place, channel in placements
    ]
    assert all(one == other for one, other in pairwise(said))


@given(situations)
def test_consents_and_the_contact_budget_stop_no_alert(account: Account) -> None:
    def told(**consent: bool) -> set[str]:
        changed = msgspec.structs.replace(account.consent, **consent)
        given_ = msgspec.structs.replace(account, consent=changed)
        return {alert.alert_id for alert in alerts(given_)}

    assert told(marketing=False) == told(marketing=True)
    assert told(personalisation=False) == told(personalisation=True)


@given(st.permutations(ANSWERS))
def test_answers_count_in_any_order(order: list[AlertStatus]) -> None:
    account = moved(short())
    for status in order:
        account = after_answer(account, status)
    assert record(account).status is AlertStatus.DISMISSED


def test_it_is_withdrawn_at_once_when_the_salary_comes_in() -> None:
    account = moved(short())
    assert record(account).status is AlertStatus.RAISED
    paid = moved(msgspec.structs.replace(account, balance_minor=300_000), AT + HOUR)
    assert record(paid).status is AlertStatus.RESOLVED
    assert alerts(paid, AT + HOUR) == ()


def test_a_dismissed_alert_stays_away_until_it_is_materially_worse() -> None:
    account = after_answer(moved(short(4_000)), AlertStatus.DISMISSED)
    a_little = moved(with_money(account, 4_900))
    assert alerts(a_little) == ()
    assert record(a_little).times == 1
    much = moved(with_money(account, 5_100))
    (again,) = alerts(much)
    assert again.status is AlertStatus.RAISED
    assert (record(much).times, record(much).status) == (2, AlertStatus.RAISED)


@given(st.lists(st.integers(1, 200_000), min_size=1, max_size=8))
def test_it_is_never_raised_again_unless_it_is_worse_than_what_was_told(depths: list[int]) -> None:
    account, told = short(depths[0]), 0
    for step, depth in enumerate(depths):
        before = account.alerts
        account = moved(with_money(account, depth), AT + step * timedelta(minutes=1))
        if not before or record(account).times > before[0].times:
            assert told == 0 or (depth >= told * 1.25 and depth >= told + 1_000)
            told = depth
        else:
            assert depth < told * 1.25 or depth < told + 1_000


def test_an_answer_from_before_it_was_raised_again_says_nothing_of_that() -> None:
    account = moved(with_money(moved(short(4_000)), 9_000), AT + HOUR)
    late = after_answer(account, AlertStatus.DISMISSED, AT + timedelta(minutes=30))
    assert record(late).status is AlertStatus.RAISED
    assert record(after_answer(account, AlertStatus.SEEN, AT + 2 * HOUR)).status == "seen"


def test_an_answer_to_what_is_over_or_never_was_changes_nothing() -> None:
    account = moved(moved(short()), AT + 30 * DAY)
    assert record(account).status is AlertStatus.EXPIRED
    assert after_answer(account, AlertStatus.SEEN) == account
    assert answered(account.alerts, "0" * 20, AlertStatus.SEEN, AT) == account.alerts


def test_a_cause_that_comes_back_is_told_again() -> None:
    account = moved(short())
    paid = moved(msgspec.structs.replace(account, balance_minor=300_000), AT + HOUR)
    back = moved(msgspec.structs.replace(paid, balance_minor=2_000), AT + 2 * HOUR)
    assert (record(back).status, record(back).times) == (AlertStatus.RAISED, 2)


def test_no_more_of_a_kind_are_told_than_it_says_and_the_next_one_waits() -> None:
    lookout = lookout_of({"due": kind("debit", at_most={"times": 2, "days": 7})})
    account = short(coming=(debit(10, 1, "A"), debit(10, 2, "B"), debit(10, 9, "C"), debit(5, 9)))
    account = advance(account, AT, lookout)
    assert len(alerts(account, AT, lookout)) == 2
    later = AT + 3 * DAY
    account = advance(account, later, lookout)
    assert alerts(account, later, lookout) == ()
    turns = AT + 7 * DAY
    assert alerts(account, turns - timedelta(seconds=1), lookout) == ()
    assert len(alerts(account, turns, lookout)) == 2
    assert len(alerts(advance(account, turns, lookout), turns, lookout)) == 2


def test_what_is_over_is_forgotten_in_the_end() -> None:
    account = moved(moved(short()), AT + 10 * DAY)
    assert len(account.alerts) == 1
    assert moved(account, AT + 60 * DAY).alerts == ()


def test_a_record_does_not_grow_without_end() -> None:
    lookout = lookout_of({"due": kind("debit")})
    payees = [f"{chr(97 + n // 26)}{chr(97 + n % 26)} shop" for n in range(MOST + 50)]
    account = short(coming=tuple(debit(10, 1, payee) for payee in payees))
    once = advance(account, AT, lookout)
    assert len(once.alerts) == MOST
    assert len(alerts(once, AT, lookout)) == MOST
    assert advance(once, AT + HOUR, lookout) is once, "none takes another's place"


def test_records_are_kept_in_the_state_and_old_states_have_none() -> None:
    account = moved(short())
    assert unpack(pack(account)) == account
    fields = msgspec.msgpack.decode(pack(account))
    older = fields[: Account.__struct_fields__.index("alerts")]
    assert unpack(msgspec.msgpack.encode(older)).alerts == ()


@pytest.mark.parametrize("hours", [1, 11])
def test_days_are_those_of_the_bank(hours: int) -> None:
    """At 23:30 in UTC it is the next day in Amsterdam: what was due yesterday is over."""
    at = datetime(2026, 11, 26, 22, 30, tzinfo=UTC) + hours * HOUR
    account = advance(moved(short()), at, LOOKOUT)
    assert record(account).status is AlertStatus.EXPIRED
