"""One meaning of a feature: what training learnt from is what serving asks about."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC

import numpy as np

from recommender.catalogue import Catalogue
from recommender.features import FeatureSpec
from recommender.situation import facts_at
from recommender.tables import CONSENT_PERSONALISATION
from recommender.tokens import Tokens
from tests.recommender.accounts import DAYS
from training.accounts import build_accounts
from training.snapshots import Snapshots, snapshots_at
from training.tables import Tables


def assert_served_alike(snapshots: Snapshots, tables: Tables, catalogue: Catalogue) -> None:
    """As if all had agreed to personalisation: of others, accounts have no interests at all."""
    agreed = tables.accounts.assign(**{CONSENT_PERSONALISATION: True})
    tables = replace(tables, accounts=agreed)
    spec = FeatureSpec.from_catalogue(catalogue)
    tokens_of = Tokens(spec)
    for moment in np.unique(snapshots.moment):
        at = moment.astype("datetime64[us]").item().replace(tzinfo=UTC)
        accounts = list(build_accounts(tables, catalogue, at))
        for row in np.flatnonzero(snapshots.moment == moment).tolist():
            account = accounts[snapshots.account[row]]
            facts = facts_at(account, at, DAYS, catalogue.interest.half_life_days)
            tokens = tokens_of(facts, account.account_id)
            assert sorted(snapshots.tokens_of(row)) == sorted(tokens), (account, at)
            labels = [spec.label(name, facts.values.get(name)) for name in spec.life_stage]
            assert snapshots.life_stage[row] == "/".join(labels)
            held = {snapshots.products[k] for k in snapshots.held[[row]].indices}
            assert held == {name for name in facts.holds if not catalogue.products[name].repeatable}


def test_a_row_has_the_tokens_of_its_account_built_for_its_moment(
    snapshots: Snapshots, world: Tables, catalogue: Catalogue
) -> None:
    days = np.random.default_rng(1).choice(np.unique(snapshots.moment), 15, replace=False)
    sample = snapshots.take(np.isin(snapshots.moment, days))
    assert len(sample) > 20
    assert_served_alike(sample, world, catalogue)


def test_so_has_a_row_asked_for_at_any_instant(world: Tables, catalogue: Catalogue) -> None:
    everyone = np.tile(np.arange(len(world.accounts)), 2)
    moments = np.array(["2026-05-09T13:45:10.000001", "2026-11-23"], "datetime64[us]")
    rows = snapshots_at(world, catalogue, everyone, np.repeat(moments, len(world.accounts)))
    assert (rows.account == everyone).all()
    assert_served_alike(rows, world, catalogue)


def test_with_identity_a_row_names_its_account(world: Tables, catalogue: Catalogue) -> None:
    features = catalogue.features.model_copy(update={"identity": True, "holdings": False})
    known = catalogue.model_copy(update={"features": features})
    moment = np.full(9, np.datetime64("2026-11-23"))
    assert_served_alike(snapshots_at(world, known, np.arange(9), moment), world, known)


def test_no_row_holds_its_target_and_no_token_comes_twice(snapshots: Snapshots) -> None:
    assert not snapshots.held[np.arange(len(snapshots)), snapshots.target].any()
    assert (snapshots.tokens.data == 1).all()
    assert snapshots.tokens.has_canonical_format
    assert len(set(snapshots.vocabulary)) == len(snapshots.vocabulary)


def test_rows_ascend_by_account_and_moment(snapshots: Snapshots) -> None:
    order = np.lexsort((snapshots.target, snapshots.moment, snapshots.account))
    assert (order == np.arange(len(snapshots))).all()
