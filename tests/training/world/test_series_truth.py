"""The truth of what recurs agrees with what is booked."""

from __future__ import annotations

from datetime import date
from functools import cache

import numpy as np
import pandas as pd

from tests.recommender.bank import bank
from training.world import World, generate
from training.world.people import WELL_KNOWN
from training.world.plans import payment_plans

UNTIL = date(2026, 11, 23)


@cache
def world(noise: float) -> World:
    return generate(bank(), accounts=200, months=15, seed=3, until=UNTIL, noise=noise)


def test_without_noise_every_execution_carries_the_payees_name() -> None:
    made = world(0.0)
    truth = made.series_truth.astype({"account_id": "str", "counterparty": "str"})
    truth = truth[truth["scheme"] != "card"]
    booked = made.transactions[made.transactions["scheme"] != "card"]
    keys = ["account_id", "counterparty"]
    told = booked.astype(dict.fromkeys(keys, "str")).groupby(keys).size()
    assert (truth.groupby(keys)["executions"].sum() - told).abs().max() == 0


def test_noise_renames_misses_and_ends_some() -> None:
    tidy, untidy = world(0.0), world(2.0)
    assert len(set(untidy.transactions["counterparty"])) > len(
        set(tidy.transactions["counterparty"])
    )
    assert tidy.series_truth["price_changed_on"].notna().mean() < 0.2
    assert untidy.series_truth["price_changed_on"].notna().mean() > 0.2


def test_noise_changes_nothing_but_money() -> None:
    tidy, untidy = world(0.0), world(2.0)
    for name in ("accounts", "holdings", "events", "cases", "truth"):
        pd.testing.assert_frame_equal(getattr(tidy, name), getattr(untidy, name))


def test_a_series_starts_in_the_window_and_is_due_after_it_or_has_ended() -> None:
    truth = world(1.0).series_truth
    assert (truth["started_on"] < pd.Timestamp(UNTIL)).all()
    due = truth["next_due_on"].dropna()
    assert (due >= pd.Timestamp(UNTIL)).all()
    assert truth["next_due_on"][truth["ended_on"].notna()].isna().all()
    assert set(truth["period"]) == {"weekly", "four_weekly", "monthly", "quarterly", "yearly"}


def test_plans_after_the_window_are_the_scheduled_payments() -> None:
    plans = payment_plans(bank(), accounts=200, months=15, seed=3, until=UNTIL)
    ahead = plans[plans["due_on"] >= pd.Timestamp(UNTIL)]
    known = [one.account_id for one in WELL_KNOWN]
    scheduled = world(1.0).scheduled_payments
    scheduled = scheduled[~scheduled["account_id"].isin(known)]
    columns = ["account_id", "due_on", "amount_minor", "counterparty"]
    texts = {"account_id": "str", "counterparty": "str"}
    one, other = (
        frame.astype(texts)[columns].sort_values(columns, ignore_index=True)
        for frame in (ahead, scheduled)
    )
    pd.testing.assert_frame_equal(one, other)
    assert np.all(plans["amount_minor"] < 0)
