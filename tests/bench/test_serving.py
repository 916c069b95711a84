"""What is measured of serving is not measured across the bank's midnight."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from bench.serving.measure import TAKES, wait_s
from recommender.days import Days

BEGINS = datetime(2026, 11, 26, tzinfo=UTC)


@given(st.integers(0, 86_400))
def test_after_the_wait_the_day_lasts_for_all_of_it(seconds: int) -> None:
    days, now = Days(ZoneInfo("Europe/Amsterdam")), BEGINS + timedelta(seconds=seconds)
    waited = wait_s(days, now)
    assert 0 <= waited < TAKES.total_seconds()
    assert days.ends(now + timedelta(seconds=waited)) >= now + timedelta(seconds=waited) + TAKES
