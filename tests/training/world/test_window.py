from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from training.world.window import AHEAD, Window, shifted


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.integers(1, 60))
def test_months_follow_each_other_up_to_the_last_day(until: date, months: int) -> None:
    window = Window.before(until, months)
    assert len(window.edges) == months + AHEAD + 1
    assert (window.edges[1:] > window.edges[:-1]).all()
    assert window.first_day == shifted(until, -months)
    assert window.first_day + timedelta(days=window.until - window.start) == until
    assert window.month_of(window.edges[:-1]).tolist() == list(range(months + AHEAD))


def test_a_month_that_is_too_short_ends_on_its_last_day() -> None:
    assert shifted(date(2026, 3, 31), -1) == date(2026, 2, 28)
    assert shifted(date(2024, 1, 31), 1) == date(2024, 2, 29)
