"""Nights, mornings and clock changes, on the bank's clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.alerts.turning import push_from, pushed_through
from recommender.catalogue import AlertKind
from recommender.catalogue.alerts import QuietHours
from tests.recommender.bank import bank

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
KEPT: AlertKind = bank().alerts["promise_broken"]
EXEMPT: AlertKind = bank().alerts["shortfall_ahead"]
instants = st.integers(0, 2 * 365 * 86_400).map(
    lambda seconds: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)
clocks = st.tuples(st.integers(0, 23), st.integers(0, 59)).map(lambda t: f"{t[0]:02d}:{t[1]:02d}")
nights = st.tuples(clocks, clocks).filter(lambda two: two[0] != two[1])


def quiet(since: str = "22:00", until: str = "07:30") -> QuietHours:
    return QuietHours.model_validate({"from": since, "until": until})


def amsterdam(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=AMSTERDAM)


@given(instants, nights)
def test_nobody_is_disturbed_at_night_and_nobody_waits_longer_than_that(
    at: datetime, night: tuple[str, str]
) -> None:
    hours = quiet(*night)
    found = push_from(KEPT, hours, at, AMSTERDAM)
    assert at <= found <= at + timedelta(hours=25)
    assert push_from(KEPT, hours, found, AMSTERDAM) == found
    assert push_from(EXEMPT, hours, at, AMSTERDAM) == at
    assert push_from(KEPT, None, at, AMSTERDAM) == at


@pytest.mark.parametrize(
    ("at", "pushed"),
    [
        ("2026-11-23T21:59:59", "2026-11-23T21:59:59"),
        ("2026-11-23T22:00:00", "2026-11-24T07:30:00"),
        ("2026-11-24T07:29:59", "2026-11-24T07:30:00"),
        ("2026-03-28T23:00:00", "2026-03-29T07:30:00"),
        ("2026-10-24T23:00:00", "2026-10-25T07:30:00"),
        ("2026-12-31T23:00:00", "2027-01-01T07:30:00"),
    ],
)
def test_a_night_ends_by_the_clock_on_the_wall(at: str, pushed: str) -> None:
    said = push_from(KEPT, quiet(), amsterdam(at).astimezone(UTC), AMSTERDAM)
    assert said == amsterdam(pushed)


def test_a_night_is_as_long_as_the_clock_makes_it() -> None:
    lengths = []
    for day in ("2026-03-28", "2026-10-24", "2026-11-23"):
        begins = amsterdam(f"{day}T22:00:00").astimezone(UTC)
        lengths.append((push_from(KEPT, quiet(), begins, AMSTERDAM) - begins).total_seconds())
    assert [seconds / 3600 for seconds in lengths] == [8.5, 10.5, 9.5]


def test_quiet_hours_that_end_in_the_hour_that_never_comes_end_when_it_would_have() -> None:
    before = amsterdam("2026-03-29T01:30:00").astimezone(UTC)
    said = push_from(KEPT, quiet("01:00", "02:30"), before, AMSTERDAM)
    assert said == amsterdam("2026-03-29T03:30:00")


def test_an_hour_that_comes_twice_is_quiet_twice() -> None:
    first = amsterdam("2026-10-25T02:10:00").astimezone(UTC)
    for at in (first, first + timedelta(hours=1)):
        said = push_from(KEPT, quiet("01:00", "02:30"), at, AMSTERDAM)
        assert said == at + timedelta(minutes=20)


def test_people_are_reached_where_they_want_to_be_if_that_is_possible() -> None:
    assert pushed_through("phone", ("app", "phone")) == "phone"
    assert pushed_through("branch", ("app", "phone")) == "app"
    assert pushed_through(None, ("app", "phone")) == "app"
