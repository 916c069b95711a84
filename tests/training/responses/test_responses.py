"""Offers that were shown, what people took of them, and what a model learns of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pytest

from recommender.artefact import read_artefact
from recommender.catalogue import Catalogue
from tests.training.snapshots.frames import as_tables
from training.hybrid import HybridConfig
from training.lightfm_fit import FactorisationConfig
from training.responses import (
    AcceptanceConfig,
    Responses,
    ResponsesConfig,
    build_responses,
    response_weeks,
)
from training.tables import Tables
from training.train import TrainConfig, TrainedModel, train
from training.world import generate

DAY = date(2026, 11, 2)
NOW = datetime(2026, 11, 23, tzinfo=UTC)
SHOWN = pd.Timestamp("2026-11-02 23:30")
QUICK = TrainConfig(hybrid=HybridConfig(factorisation=FactorisationConfig(dimensions=8, epochs=4)))


@pytest.fixture(scope="module")
def bank(catalogue: Catalogue) -> Tables:
    made = generate(catalogue, accounts=450, months=12, seed=5, until=date(2026, 11, 23))
    return as_tables(made.frames(), catalogue)


def offered(
    tables: Tables, rows: list[tuple[int, str, bool]], *, decided: bool = True, days: int = 0
) -> Tables:
    """`tables` after each (row of accounts, product, taken) was shown, and answered later."""
    ids = tables.accounts["account_id"].tolist()
    events, holdings = [], []
    for number, (account, product, taken) in enumerate(rows):
        about = {
            "account_id": ids[account],
            "product_id": product,
            "channel": "web",
            "decision_id": f"d{number}" if decided else None,
        }
        events.append({**about, "event_id": f"shown{number}", "kind": "impression", "at": SHOWN})
        if taken:
            at = SHOWN + pd.Timedelta(days=days, minutes=5)
            events.append({**about, "event_id": f"taken{number}", "kind": "taken", "at": at})
            opened = {"account_id": ids[account], "product_id": product, "opened_on": at.floor("D")}
            holdings.append(opened)
    return replace(
        tables,
        events=_with(tables.events, events),
        holdings=_with(tables.holdings, holdings),
    )


def _with(table: pd.DataFrame, rows: list[dict[str, object]]) -> pd.DataFrame:
    if not rows:
        return table
    fresh = pd.DataFrame(rows).reindex(columns=table.columns).astype(table.dtypes.to_dict())
    return pd.concat([table, fresh], ignore_index=True)


def consenting(tables: Tables) -> list[int]:
    return np.flatnonzero(tables.accounts["consent_personalisation"].to_numpy()).tolist()


def settled(tables: Tables, catalogue: Catalogue) -> Responses:
    return build_responses(tables, catalogue, ResponsesConfig(until=date(2026, 11, 23)))


def test_an_offer_is_taken_if_the_same_decision_says_so(bank: Tables, catalogue: Catalogue) -> None:
    one, other, *_ = consenting(bank)
    shown = [(one, "mortgage", True), (other, "mortgage", False)]
    found = settled(offered(bank, shown), catalogue)
    assert sorted(found.taken.tolist()) == [False, True]
    assert {tuple(catalogue.products)[place] for place in found.product} == {"mortgage"}


def test_what_nobody_decided_to_show_is_no_offer(bank: Tables, catalogue: Catalogue) -> None:
    assert len(settled(bank, catalogue)) == 0
    shown = offered(bank, [(consenting(bank)[0], "mortgage", True)], decided=False)
    assert len(settled(shown, catalogue)) == 0


def test_nothing_is_learnt_from_who_did_not_agree(bank: Tables, catalogue: Catalogue) -> None:
    others = np.flatnonzero(~bank.accounts["consent_personalisation"].to_numpy()).tolist()
    assert len(settled(offered(bank, [(others[0], "mortgage", True)]), catalogue)) == 0


def test_an_answer_after_the_time_to_answer_is_none(bank: Tables, catalogue: Catalogue) -> None:
    late = offered(bank, [(consenting(bank)[0], "mortgage", True)], days=8)
    assert settled(late, catalogue).taken.tolist() == [False]


def test_an_offer_that_may_still_be_answered_does_not_count_even_if_taken(
    bank: Tables, catalogue: Catalogue
) -> None:
    shown = offered(bank, [(consenting(bank)[0], "mortgage", True)])
    young = ResponsesConfig(until=date(2026, 11, 5))
    assert len(build_responses(shown, catalogue, young)) == 0


def test_the_answer_is_not_among_what_is_known_of_the_account(
    bank: Tables, catalogue: Catalogue
) -> None:
    """Holdings are dated by day, so what was opened in answer lies before the offer."""
    held = set(bank.holdings.loc[bank.holdings["product_id"] == "funeral_insurance", "account_id"])
    ids = bank.accounts["account_id"].tolist()
    free = next(row for row in consenting(bank) if ids[row] not in held)
    found = settled(offered(bank, [(free, "funeral_insurance", True)]), catalogue)
    known = [found.vocabulary[column] for column in found.tokens.indices]
    assert known
    assert "holds:funeral_insurance" not in known


def liked(bank: Tables, product: str, other: str) -> Tables:
    """Everyone is shown both and takes the first."""
    rows = consenting(bank)
    return offered(bank, [(k, product, True) for k in rows] + [(k, other, False) for k in rows])


def trained(tables: Tables, catalogue: Catalogue) -> TrainedModel:
    return train(tables, catalogue, QUICK, created_at=NOW, with_trials=False)


def test_without_responses_the_model_is_the_same_to_the_byte(
    bank: Tables, catalogue: Catalogue
) -> None:
    few = offered(bank, [(row, "mortgage", False) for row in consenting(bank)[:20]])
    plain, after = trained(bank, catalogue), trained(few, catalogue)
    assert after.model.acceptance is None
    assert after.files["model.safetensors"] == plain.files["model.safetensors"]


def test_what_is_accepted_rises_and_what_is_refused_falls(
    bank: Tables, catalogue: Catalogue
) -> None:
    tables = liked(bank, "estate_planning", "savings_account")
    model = read_artefact(trained(tables, catalogue).files)
    assert model.acceptance is not None
    found = settled(tables, catalogue)
    for row in range(20):
        tokens = [found.vocabulary[column] for column in found.tokens[row].indices]
        chances = dict(zip(model.products, model.propensities(tokens, set()), strict=True))
        assert chances["estate_planning"] > chances["savings_account"]


def test_equal_responses_make_equal_models_whatever_the_truth_is(
    bank: Tables, catalogue: Catalogue
) -> None:
    """Training is given tables, and no table has the truth: shuffling it changes no byte."""
    tables = liked(bank, "mortgage", "annuity")
    first = trained(tables, catalogue)
    world = generate(catalogue, accounts=450, months=12, seed=5, until=date(2026, 11, 23))
    world.truth["acceptance"] = np.random.default_rng(1).permutation(world.truth["acceptance"])
    again = as_tables(world.frames(), catalogue)
    assert trained(liked(again, "mortgage", "annuity"), catalogue).files == first.files


def test_responses_that_insist_on_nothing_leave_the_models_order(
    bank: Tables, catalogue: Catalogue
) -> None:
    """Boundless doubt: no agreement is enough, and only how likely an offer is taken is learnt."""
    tables = liked(bank, "estate_planning", "savings_account")
    doubtful = TrainConfig(hybrid=QUICK.hybrid, acceptance=AcceptanceConfig(doubt=1e9))
    model = train(tables, catalogue, doubtful, created_at=NOW, with_trials=False).model
    assert model.acceptance is not None
    found = settled(tables, catalogue)
    for row in range(50):
        tokens = [found.vocabulary[column] for column in found.tokens[row].indices]
        next_taken = replace(model, acceptance=None).propensities(tokens, set())
        accepted = model.propensities(tokens, set())
        assert np.argsort(accepted).tolist() == np.argsort(next_taken).tolist()


def test_a_week_tells_what_was_shown_what_was_taken_and_its_value_per_offer(
    bank: Tables, catalogue: Catalogue
) -> None:
    one, other, third, *_ = consenting(bank)
    shown = [(one, "mortgage", True), (other, "mortgage", False), (third, "annuity", False)]
    (week,) = response_weeks(settled(offered(bank, shown), catalogue), catalogue)
    assert (week.monday, week.offers, week.taken) == (DAY, 3, 1)
    assert week.value.value == pytest.approx(catalogue.products["mortgage"].value / 3)
    assert week.value.low <= week.value.value <= week.value.high


def test_where_nothing_was_shown_there_are_no_weeks(bank: Tables, catalogue: Catalogue) -> None:
    assert response_weeks(settled(bank, catalogue), catalogue) == ()
