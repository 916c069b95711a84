"""Bookings put away in buckets: each comes back once, with its own account, in its own order."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.money import bookings as module
from training.money.bookings import Bookings

FIRST = date(2026, 10, 30)
PEOPLE = [f"p{number}" for number in range(9)]

Rows = list[tuple[str, date, int, str, str | None, str | None, int | None]]

rows = st.lists(
    st.tuples(
        st.sampled_from(PEOPLE[:7]),  # two of them have none
        st.integers(0, 60).map(lambda days: FIRST + timedelta(days)),
        st.integers(-(10**12), 10**12),
        st.sampled_from(["EUR", "USD"]),
        st.sampled_from(["Zonwind", "Bakker", "Ünal & Co", "", None]),
        st.sampled_from(["card", "direct_debit", None]),
        st.none() | st.integers(-(2**62), 2**62),
    ),
    max_size=40,
)


def frame(some: Rows) -> pd.DataFrame:
    """As `read_tables` hands it on."""
    columns = [pd.Series([row[place] for row in some], dtype=object) for place in range(7)]
    table = pd.DataFrame(dict(zip(module.SCHEMA.names, columns, strict=True)))
    categories = pd.CategoricalDtype(pd.Index(PEOPLE, dtype="str"))
    return table.astype(
        {
            "account_id": categories,
            "booked_on": "datetime64[us]",
            "amount_minor": "int64",
            "currency": "category",
            "counterparty": "category",
            "scheme": "category",
            "balance_minor": "Int64",
        }
    )


def put_away(folder: str, some: Rows, cuts: list[int]) -> Bookings:
    """In pieces that end at `cuts`."""
    bookings = Bookings(Path(folder))
    edges = [0, *sorted(cut for cut in cuts if cut < len(some)), len(some)]
    for start, end in pairwise(edges):
        bookings.add(frame(some[start:end]))
    return bookings


def told(table: pd.DataFrame) -> Rows:
    """The rows of a frame as they were given."""
    return [
        tuple(None if pd.isna(value) else value for value in row)  # type: ignore[misc]
        for row in table.assign(booked_on=table["booked_on"].dt.date).itertuples(index=False)
    ]


@given(rows, st.lists(st.integers(0, 40), max_size=3))
def test_every_booking_comes_back_once_in_the_order_of_its_account(
    some: Rows, cuts: list[int]
) -> None:
    with pytest.MonkeyPatch.context() as patch, TemporaryDirectory() as folder:
        patch.setattr(module, "ACCOUNTS_IN_BUCKET", 4)
        bookings = put_away(folder, some, cuts)
        found = [told(bucket.read()) for bucket in bookings.buckets()]
        for bucket, its in zip(bookings.buckets(), found, strict=True):
            assert {row[0] for row in its} <= set(bucket.accounts)
        everything = [row for its in found for row in its]
        assert len(everything) == len(some)
        for person in PEOPLE:
            assert [row for row in everything if row[0] == person] == [
                row for row in some if row[0] == person
            ]
        assert bookings.until == max((row[1] for row in some), default=None)


@given(rows, st.lists(st.integers(0, 40), max_size=3), st.integers(1, 9), st.integers(1, 4))
def test_a_sample_is_of_so_many_who_have_bookings_however_they_came(
    some: Rows, cuts: list[int], bucket: int, size: int
) -> None:
    with pytest.MonkeyPatch.context() as patch, TemporaryDirectory() as folder:
        whole = put_away(folder, some, []).sample(size)
        patch.setattr(module, "ACCOUNTS_IN_BUCKET", bucket)
        with TemporaryDirectory() as other:
            pieces = put_away(other, some, cuts).sample(size)
    assert sorted(map(repr, told(pieces))) == sorted(map(repr, told(whole)))
    chosen = {row[0] for row in told(pieces)}
    assert len(chosen) == min(size, len({row[0] for row in some}))
    assert len(told(pieces)) == sum(row[0] in chosen for row in some)
