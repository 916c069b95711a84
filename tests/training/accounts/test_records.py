"""The last bookings of everybody, told in pieces: what a look at all of them at once would say."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.recommender.bank import bank
from tests.training.snapshots.frames import tables_of
from training.accounts.records import Booked

BANK = bank()
AT = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
TODAY = date(2026, 11, 21)
"""The bank's clock is an hour ahead."""
PEOPLE = ["ann", "bob", "cem"]

rows = st.lists(
    st.fixed_dictionaries(
        {
            "account_id": st.sampled_from(PEOPLE[:2]),  # the third has no bookings
            "booked_on": st.integers(-3, 1).map(lambda days: TODAY + timedelta(days)),
            "amount_minor": st.just(-1),
            "currency": st.sampled_from(["EUR", "USD"]),
            "balance_minor": st.none() | st.integers(-(2**52), 2**52),
        }
    ),
    max_size=12,
)


@given(rows, st.integers(0, 12))
def test_the_last_booking_counts_however_the_pieces_are_cut(
    happened: list[dict[str, object]], cut: int
) -> None:
    accounts = [{"account_id": name} for name in PEOPLE]
    told = [{**row, "booked_on": f"{row['booked_on']}"} for row in happened]
    transactions = tables_of(BANK, accounts=accounts, transactions=told).transactions
    booked = Booked(BANK, AT)
    booked.add(transactions.iloc[:cut])
    booked.add(transactions.iloc[cut:])
    for name, balance, until in zip(PEOPLE, booked.balances, booked.until, strict=True):
        own = [row for row in happened if row["account_id"] == name and row["currency"] == "EUR"]
        own = [row for row in own if row["booked_on"] <= TODAY]  # type: ignore[operator]
        stated = [row for row in own if row["balance_minor"] is not None]
        stated.sort(key=lambda row: row["booked_on"])  # type: ignore[arg-type,return-value]
        assert balance == (stated[-1]["balance_minor"] if stated else None)
        assert until == max((row["booked_on"] for row in own), default=None)  # type: ignore[type-var]
