"""What bookings say, told: once for each cause, in words, and taken back when the cause goes."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import msgspec
import pytest

from recommender.account import Account, AlertStatus
from recommender.alerts.life import advance
from recommender.alerts.wording import alert_answer
from recommender.money.booking import Booking
from recommender.money.look_ahead import looked_ahead
from tests.recommender.alerts.scenes import LOOKOUT, alerts, kind, lookout_of
from tests.recommender.money.paid import banked, booking, monthly

DAY = date(2026, 11, 24)
MANY = 10_000_000
BILLS = monthly(date(2026, 1, 20), 10, -12_500)
TWICE = [*monthly(date(2026, 1, 20), 11, -12_500), booking(date(2026, 11, 22), -12_500)]
SALARY = monthly(date(2026, 1, 12), 10, 150_000, "Orchard Retail")

CASES = {
    "unusual_debit": ([*BILLS, booking(date(2026, 11, 20), -39_000)], DAY + timedelta(20)),
    "price_went_up": ([*BILLS, booking(date(2026, 11, 20), -14_500)], DAY + timedelta(40)),
    "charged_twice": (TWICE, DAY + timedelta(40)),
    "income_missing": (SALARY, None),
}
"""Bookings that bring each of them, and a day by which it is no news any more."""

WORDS = {
    "unusual_debit": """
        On Friday 20 November Zonwind Energy took EUR 390.00; until now it was EUR 125.00 at most.
        Is that right?

        Op vrijdag 20 november schreef Zonwind Energy EUR 390.00 af; tot nu toe was het hoogstens
        EUR 125.00. Klopt dat?""",
    "price_went_up": """
        Since Friday 20 November Zonwind Energy takes EUR 145.00; before it was EUR 125.00.

        Sinds vrijdag 20 november schrijft Zonwind Energy EUR 145.00 af; daarvoor was het EUR
        125.00.""",
    "charged_twice": """
        On Sunday 22 November Zonwind Energy took EUR 125.00 again, so soon after the last time.
        You may be able to get it back.

        Op zondag 22 november schreef Zonwind Energy opnieuw EUR 125.00 af, zo kort na de vorige
        keer. Misschien kunt u het terugkrijgen.""",
    "income_missing": """
        About EUR 1500.00 from Orchard Retail was to come by Thursday 12 November. We have not
        seen it yet.

        Rond donderdag 12 november zou ongeveer EUR 1500.00 van Orchard Retail komen. We hebben
        het nog niet gezien.""",
}
"""In English, then in Dutch."""


def noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)


def at(account: Account, day: date) -> Account:
    """As the worker has it on that day."""
    return advance(looked_ahead(account, account, day, "EUR"), noon(day), LOOKOUT)


def statuses(account: Account, name: str) -> list[AlertStatus]:
    return [record.status for record in account.alerts if record.kind == name]


@pytest.mark.parametrize("name", CASES)
def test_it_is_told_once_for_its_cause_and_is_over_with_it(name: str) -> None:
    bookings, by_then = CASES[name]
    account = at(banked(bookings, DAY, MANY), DAY)
    assert statuses(account, name) == [AlertStatus.RAISED]
    assert at(account, DAY) is account
    next_day = at(account, DAY + timedelta(1))
    assert statuses(next_day, name) == [AlertStatus.RAISED]
    assert [record.times for record in next_day.alerts if record.kind == name] == [1]
    if by_then is None:  # the salary came in
        came = [*bookings, booking(DAY, 150_000, "Orchard Retail")]
        now = banked(came, DAY + timedelta(1), MANY)
        gone = at(msgspec.structs.replace(now, alerts=account.alerts), DAY + timedelta(1))
    else:
        gone = at(account, by_then)
    assert [status for status in statuses(gone, name) if status == AlertStatus.RAISED] == []


@pytest.mark.parametrize("name", CASES)
def test_amounts_days_and_names_are_right_in_every_language(name: str) -> None:
    bookings, _ = CASES[name]
    account = banked(bookings, DAY, MANY)
    (alert,) = [one for one in alerts(account, noon(DAY)) if one.kind == name]
    said = [alert_answer(alert, language, LOOKOUT.catalogue).message for language in ("en", "nl")]
    assert said == [" ".join(text.split()) for text in WORDS[name].split("\n\n")]


def rent(balance_minor: int) -> Account:
    bookings: list[Booking] = monthly(date(2026, 1, 27), 10, -60_000, "Woonhuis Housing")
    return banked(bookings, DAY, balance_minor)


def test_a_shortfall_that_nobody_announced_names_the_debit_that_brings_it() -> None:
    (alert,) = alerts(rent(40_000), noon(DAY))
    answer = alert_answer(alert, "en", LOOKOUT.catalogue)
    assert answer.message == (
        "On Friday 27 November EUR 600.00 leaves for Woonhuis Housing and your balance will be "
        "short by about EUR 200.00."
    )
    assert answer.remedy is not None


def test_money_that_runs_out_by_itself_names_nobody() -> None:
    (alert,) = alerts(banked(SALARY[:3], DAY, -5_000), noon(DAY))
    said = [alert_answer(alert, one, LOOKOUT.catalogue).message for one in ("en", "nl")]
    assert said == [
        "By Tuesday 24 November your balance will probably be short by about EUR 50.00.",
        "Rond dinsdag 24 november komt uw saldo waarschijnlijk ongeveer EUR 50.00 tekort.",
    ]


def test_a_kind_without_words_for_that_says_nothing_of_it() -> None:
    named = {"en": "{counterparty} on {day}", "nl": "{counterparty} op {day}"}
    lookout = lookout_of({"short": kind("shortfall", message=named)})
    assert alerts(banked(SALARY[:3], DAY, -5_000), noon(DAY), lookout) == ()
    assert len(alerts(rent(40_000), noon(DAY), lookout)) == 1


def test_a_shortfall_whose_day_moves_is_the_same_one() -> None:
    account = at(rent(40_000), DAY)
    poorer = msgspec.structs.replace(account, balance_minor=-1)
    told = at(looked_ahead(poorer, account, DAY, "EUR"), DAY)
    assert {record.alert_id for record in told.alerts} == {
        record.alert_id for record in account.alerts
    }


def test_a_larger_debit_is_told_before_it_leaves_though_nobody_announced_it() -> None:
    assert [one.kind for one in alerts(rent(200_000), noon(DAY))] == ["large_debit_ahead"]


def test_a_payee_that_is_spelled_otherwise_is_told_of_no_second_time() -> None:
    (bookings, _), day = CASES["price_went_up"], DAY + timedelta(1)
    account = at(banked(bookings, DAY, MANY), DAY)
    spelled = [*bookings[:-1], booking(bookings[-1].booked_on, -14_500, "ZONWIND ENERGY B.V. 0045")]
    published = msgspec.structs.replace(banked(spelled, day, MANY), alerts=account.alerts)
    assert at(published, day).alerts == account.alerts
