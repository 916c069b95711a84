"""Training learns from nobody whose last word about personalisation was a no."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.events import Event
from tests.recommender.bank import bank
from tests.recommender.events.told import NOW, event
from tests.training.events_to_tables import tables_with
from tests.training.snapshots.frames import tables_of
from training.accounts import build_accounts
from training.responses import ResponsesConfig, build_responses
from training.snapshots import SnapshotConfig, build_snapshots
from training.snapshots.consents import personalised
from training.tables import Tables

said = st.builds(
    lambda hours, wish: event(
        "preference_change",
        NOW - timedelta(hours=hours),
        about="consent",
        subject="personalisation",
        wish=wish,
    ),
    st.integers(0, 4),
    st.sampled_from(["yes", "no"]),
)
"""Few instants, so that words often meet."""


@given(st.lists(said, max_size=5), st.booleans())
def test_training_and_serving_agree_on_who_consents(words: list[Event], in_table: bool) -> None:
    tables = tables_with(words, bank(), consent_personalisation=in_table)
    (account,) = build_accounts(tables, bank(), NOW + timedelta(seconds=1))
    assert personalised(tables).tolist() == [account.consent.personalisation]


def of_one(in_table: bool, word: str) -> Tables:
    """One account that took what a decision showed, and then said that word."""
    offer = {"product_id": "mortgage", "decision_id": "d"}
    return tables_of(
        bank(),
        accounts=[{"consent_personalisation": in_table}],
        holdings=[{"product_id": "mortgage", "opened_on": "2026-02-01"}],
        events=[
            {"kind": "page_view", "at": "2026-01-01T12:00:00", "product_id": "mortgage"},
            {"kind": "impression", "at": "2026-02-01T12:00:00", **offer},
            {
                "kind": "preference_change",
                "at": "2026-03-01T12:00:00",
                "value": f"consent:personalisation:{word}",
            },
        ],
    )


@pytest.mark.parametrize("in_table", [True, False])
@pytest.mark.parametrize("word", ["yes", "no"])
def test_an_events_word_outweighs_the_table_in_snapshots_and_responses(
    in_table: bool, word: str
) -> None:
    tables = of_one(in_table, word)
    responses = build_responses(tables, bank(), ResponsesConfig(until=date(2026, 4, 1)))
    snapshots = build_snapshots(tables, bank(), SnapshotConfig())
    assert (len(responses), len(snapshots.target)) == ((1, 1) if word == "yes" else (0, 0))
