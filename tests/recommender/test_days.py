"""The bank's days begin and end by its clock, whatever the server's is."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.account import Account, Case, Consent, Interest, Opinion
from recommender.catalogue import with_policies
from recommender.days import Days
from recommender.decide import decide
from recommender.errors import CatalogueError
from recommender.request import Request
from tests.recommender.bank import CATALOGUE_FILE, bank_live

ZONES = [ZoneInfo(name) for name in ("Europe/Amsterdam", "Africa/Cairo", "America/Santiago", "UTC")]
"""Two of them change the clock at midnight."""
instants = st.integers(0, 2 * 365 * 86_400).map(
    lambda seconds: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)


@given(st.lists(instants, min_size=1), st.sampled_from(ZONES))
def test_an_instant_belongs_to_the_day_on_the_wall_whoever_asked_before(
    asked: list[datetime], zone: ZoneInfo
) -> None:
    days = Days(zone)
    for at in asked:
        assert days.of(at) == at.astimezone(zone).date()


@given(instants, st.sampled_from(ZONES))
def test_a_day_ends_when_the_next_begins(at: datetime, zone: ZoneInfo) -> None:
    days = Days(zone)
    ends = days.ends(at)
    assert at < ends <= at + timedelta(hours=25)
    assert days.of(ends - timedelta(microseconds=1)) == days.of(at)
    assert days.of(ends) == days.of(at) + timedelta(days=1)


@pytest.mark.parametrize("zone", ZONES, ids=str)
def test_each_day_of_a_year_begins_once(zone: ZoneInfo) -> None:
    days, at, begun = Days(zone), datetime(2026, 1, 1, 12, tzinfo=UTC), []
    for _ in range(365):
        at = days.ends(at)
        begun.append(at.astimezone(zone).date())
    assert begun == [date(2026, 1, 2) + timedelta(n) for n in range(365)]


BIRTHDAY = date(2008, 7, 10)
EVE = datetime(2026, 7, 9, 21, 59, 59, tzinfo=UTC)
"""A second before midnight in Amsterdam; in UTC there are two hours left."""


def test_somebody_comes_of_age_at_midnight_where_the_bank_is() -> None:
    account = Account("a", birth_date=BIRTHDAY, consent=Consent(personalisation=True))
    before, after = (bank_live().facts(account, EVE + timedelta(seconds=n)) for n in (0, 1))
    assert (before.values["age"], after.values["age"]) == (17, 18)
    assert decide(account, Request(EVE), bank_live()).valid_until == EVE + timedelta(seconds=1)


def test_days_are_counted_from_the_banks_midnight() -> None:
    account = Account("a", opinion=Opinion(20, EVE))
    facts = bank_live().facts(account, EVE + timedelta(seconds=1))
    assert facts.opinion == (20, 1)


def test_what_ended_is_so_on_the_banks_day() -> None:
    ends = f"policy_set: {{owner: risk, valid_to: {EVE.date()}}}"
    text = CATALOGUE_FILE.read_text(encoding="utf-8")
    assert with_policies(text, ends, on=EVE).products
    with pytest.raises(CatalogueError, match="policy_set"):
        with_policies(text, ends, on=EVE + timedelta(seconds=1))


def test_who_got_an_answer_in_time_is_told_of_no_broken_promise() -> None:
    case = Case("c", "complaint", "answered", EVE - timedelta(days=3), EVE - timedelta(days=1))
    facts = bank_live().facts(Account("a", cases=(case,)), EVE)
    assert not facts.broken_promises
    assert facts.open_cases


def test_an_interest_that_fades_in_the_last_hour_of_a_long_day_ends_the_decision() -> None:
    """The clock goes back, and the day has 25 hours."""
    live, began = bank_live(), datetime(2026, 10, 24, 22, 0, 1, tzinfo=UTC)
    decay, fades_in = live.catalogue.interest, timedelta(hours=24, minutes=30)
    level = decay.bounds[-1] * 2 ** (fades_in / timedelta(days=decay.half_life_days))
    account = Account(
        "a",
        consent=Consent(personalisation=True),
        domain_interest={"housing": Interest(level, began)},
    )
    until = decide(account, Request(began), live).valid_until
    assert abs(until - (began + fades_in)) < timedelta(milliseconds=1)
