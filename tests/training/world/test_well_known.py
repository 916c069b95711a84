"""The people of the README are what the README says of them, whatever the day."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pytest

from tests.recommender.bank import bank
from training.world import World, generate
from training.world.people import SHORTFALL, WELL_KNOWN

DAYS = [date(2026, 11, 23), date(2028, 2, 29), date(2027, 3, 31)]


@pytest.fixture(scope="module", params=DAYS, ids=str)
def told(request: pytest.FixtureRequest) -> tuple[World, date]:
    return generate(bank(), accounts=30, months=12, seed=1, until=request.param), request.param


def of(frame: pd.DataFrame, account: str) -> pd.DataFrame:
    return frame[frame["account_id"] == account]


def test_the_student_is_eighteen_and_has_just_opened_an_account(told: tuple[World, date]) -> None:
    world, until = told
    student = of(world.accounts, "demo-student").iloc[0]
    assert (until - student["birth_date"].date()).days // 365.2425 == 18
    assert student[["occupation", "household", "housing", "income_band"]].tolist() == [
        "student", "with_parents", "with_parents", "none",
    ]  # fmt: skip
    held = of(world.holdings, "demo-student")
    assert held["product_id"].tolist() == ["student_account"]
    assert held["opened_on"].iloc[0].date() == until - timedelta(days=4)


def test_the_students_best_offer_is_saving_and_never_a_mortgage(told: tuple[World, date]) -> None:
    truth = of(told[0].truth, "demo-student").set_index("product_id")["acceptance"]
    assert truth.idxmax() == "savings_account"
    assert truth["mortgage"] == 0


def test_a_debit_in_three_days_is_more_than_the_shortfall_has(told: tuple[World, date]) -> None:
    world, until = told
    balance = of(world.transactions, "demo-shortfall")["balance_minor"].iloc[-1]
    assert balance == SHORTFALL.balance_minor
    coming = of(world.scheduled_payments, "demo-shortfall")
    soon = coming[coming["due_on"] <= pd.Timestamp(until + timedelta(days=3))]
    assert 0 < balance < -soon["amount_minor"].sum()


def test_one_complaint_is_open_and_answered_for(told: tuple[World, date]) -> None:
    world, until = told
    case = of(world.cases, "demo-complaint").iloc[0]
    assert (case["kind"], case["status"]) == ("complaint", "open")
    assert pd.isna(case["closed_at"])
    assert case["promised_at"] > pd.Timestamp(until)
    assert "complaint_opened" in of(world.events, "demo-complaint")["kind"].tolist()


def test_only_one_of_them_consents_to_nothing(told: tuple[World, date]) -> None:
    accounts = told[0].accounts.head(len(WELL_KNOWN)).set_index("account_id")
    consents = accounts[["consent_personalisation", "consent_marketing"]].any(axis=1)
    assert consents[~consents].index.tolist() == ["demo-no-consent"]


def test_all_of_them_have_a_story(told: tuple[World, date]) -> None:
    world, _ = told
    for person in WELL_KNOWN:
        assert len(of(world.events, person.account_id)) >= 3
        assert len(of(world.transactions, person.account_id)) >= 2
        assert len(of(world.scheduled_payments, person.account_id)) >= 1
        balances = of(world.transactions, person.account_id)["balance_minor"]
        assert balances.iloc[-1] == person.balance_minor
        assert balances.min() > -20_000
