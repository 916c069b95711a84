"""Attributes as they were: today's value, walked back through the changes."""

from __future__ import annotations

from datetime import date

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recommender.catalogue import Catalogue
from recommender.tables import context_change
from recommender.years import full_years as full_years_of_one
from tests.training.snapshots.frames import tables_of
from training.snapshots.context import attributes_at, full_years
from training.snapshots.moments import Moments

dates = st.dates(date(1900, 1, 1), date(2026, 11, 23))


@given(dates, dates)
def test_a_column_of_years_is_the_years_of_each(since: date, day: date) -> None:
    column = full_years(np.array([since], "datetime64[us]"), np.array([day], "datetime64[D]"))
    assert column.tolist() == [full_years_of_one(since, day)]


def test_an_unknown_date_is_an_unknown_age() -> None:
    assert np.isnan(
        full_years(np.array(["NaT"], "datetime64[us]"), np.array(["2026-01-01"], "M8[D]"))
    )


jobs = st.sampled_from(["student", "employed", "unemployed", ""])
children = st.sampled_from(["", "0", "1", "2"])
cars = st.sampled_from(["", "no", "yes"])
histories = st.lists(
    st.tuples(st.integers(1, 9), st.tuples(jobs, children, cars)), min_size=1, max_size=6
)
NAMES = ("occupation", "children", "has_car")


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(histories)
def test_walking_back_finds_what_was_noted_at_the_time(
    catalogue: Catalogue, history: list[tuple[int, tuple[str, str, str]]]
) -> None:
    """Days 1..9 of May; each entry says what holds from then on. All begins unknown."""
    history = sorted(history, key=lambda entry: entry[0])
    events, now = [], ("", "", "")
    for day, state in history:
        for name, before, after in zip(NAMES, now, state, strict=True):
            if before != after:
                value = context_change(name, before, after)
                at = f"2026-05-0{day}T00:00:00"
                events.append({"at": at, "kind": "context_change", "value": value})
        now = state
    tables = tables_of(catalogue, accounts=[_as_row(now)], events=events or [_noise()])
    days = np.arange("2026-05-01", "2026-05-12", dtype="datetime64[D]")
    moments, _ = Moments.of(np.zeros(len(days), np.int64), days)
    found = attributes_at(tables, catalogue, moments)
    for row, day in enumerate(range(1, 12)):
        # A change at the moment itself is not known yet.
        known = [state for since, state in history if since < day]
        state = known[-1] if known else ("", "", "")
        for name, text in zip(NAMES, state, strict=True):
            assert _text(found[name][row], catalogue, name) == text, (name, day)


def _as_row(state: tuple[str, str, str]) -> dict[str, object]:
    job, count, car = state
    return {
        "occupation": job or None,
        "children": int(count) if count else None,
        "has_car": car == "yes" if car else None,
    }


def _noise() -> dict[str, object]:
    return {"at": "2026-05-01", "kind": "nps", "value": "9"}


def _text(number: float, catalogue: Catalogue, name: str) -> str:
    if np.isnan(number):
        return ""
    if name == "children":
        return str(int(number))
    return ("no", "yes")[int(number)] if name == "has_car" else _job(catalogue, int(number))


def _job(catalogue: Catalogue, place: int) -> str:
    return catalogue.attributes["occupation"].values[place]
