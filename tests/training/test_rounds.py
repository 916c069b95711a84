"""The mean of several fits, over what is known now and what was known in earlier weeks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.acceptance import Acceptance
from recommender.catalogue import Catalogue
from recommender.model import Model
from tests.training.rows import made_up
from training.hybrid import Hybrid, HybridConfig
from training.lightfm_fit import FactorisationConfig
from training.rounds import RoundsConfig, known, mean_acceptance, mean_model
from training.snapshots import Snapshots

QUICK = FactorisationConfig(dimensions=4, epochs=3)
PRODUCTS = ("mortgage", "annuity", "card")


def model(seed: int, vocabulary: tuple[str, ...], dimensions: int = 4) -> Model:
    rng = np.random.default_rng(seed)
    return Model(
        version=f"2026-11-01-{seed}",
        features_digest="f",
        vocabulary=vocabulary,
        products=PRODUCTS,
        token_vectors=rng.normal(size=(len(vocabulary), dimensions)),
        product_vectors=rng.normal(size=(len(PRODUCTS), dimensions)),
        product_bias=rng.normal(size=len(PRODUCTS)),
        calibration_scale=float(rng.uniform(0.5, 2)),
        calibration_offset=rng.normal(size=len(PRODUCTS)),
    )


ONE = model(1, ("a", "b", "c"))
OTHER = model(2, ("d", "c", "a"), dimensions=3)
TOKENS = st.lists(st.sampled_from("abcde"), unique=True)


@given(TOKENS)
def test_the_log_odds_of_the_mean_are_the_mean_of_the_log_odds(tokens: list[str]) -> None:
    mean = np.mean([one.logits(tokens) for one in (ONE, OTHER)], axis=0)
    assert mean_model([ONE, OTHER]).logits(tokens) == pytest.approx(mean, abs=1e-5)


@given(TOKENS)
def test_what_was_learnt_of_responses_is_averaged_alike(tokens: list[str]) -> None:
    rng = np.random.default_rng(3)
    models = (ONE, OTHER)
    learnt = [Acceptance(rng.normal(size=(3, 3)), rng.normal(size=3)) for _ in models]
    whole = mean_model(models)
    (served,) = mean_acceptance(models, learnt, whole.vocabulary).log_odds(
        [whole.known_rows(tokens)]
    )
    pairs = zip(models, learnt, strict=True)
    each = [next(iter(own.log_odds([one.known_rows(tokens)]))) for one, own in pairs]
    assert served == pytest.approx(np.mean(each, axis=0), abs=1e-5)


def test_the_mean_of_one_is_itself_and_other_means_have_other_versions() -> None:
    assert mean_model([ONE]) is ONE
    versions = {mean_model(each).version for each in ([ONE], [ONE, OTHER], [OTHER, ONE])}
    assert len(versions) == 3


@given(st.lists(st.integers(0, 60), min_size=1), st.integers(0, 5))
def test_what_is_known_later_includes_what_was_known_before(days: list[int], weeks: int) -> None:
    moments = (np.datetime64("2026-11-01T09:00") + np.array(days, "timedelta64[D]")).astype(
        "M8[us]"
    )
    now, before = known(moments, weeks_ago=weeks), known(moments, weeks_ago=weeks + 1)
    assert not (before & ~now).any()
    assert known(moments, weeks_ago=0).all()


def test_a_week_later_what_was_known_is_known_as_a_week_ago() -> None:
    days = np.arange("2026-11-02", "2026-11-30", dtype="M8[D]").astype("M8[us]")
    first = days[:-7]
    assert (days[known(days, weeks_ago=1)] == first).all()
    assert (days[known(days, weeks_ago=2)] == first[known(first, weeks_ago=1)]).all()


def few(catalogue: Catalogue) -> Snapshots:
    """Rows of four weeks, the last of which has a hundred rows."""
    made = made_up(1, rows=800, accounts=300)
    day = np.repeat([0, 7, 14, 21], [550, 75, 75, 100]).astype("timedelta64[D]")
    moment = (np.datetime64("2026-11-02") + day).astype("M8[us]")
    products = tuple(catalogue.products)[: len(made.products)]
    return replace(made, products=products, moment=moment)


def fitted(rows: Snapshots, catalogue: Catalogue, rounds: RoundsConfig) -> Hybrid:
    config = HybridConfig(factorisation=QUICK, rounds=rounds)
    return Hybrid.fit(rows, catalogue, config, seed=1)


def test_what_a_round_learnt_is_what_a_fit_made_a_week_ago(catalogue: Catalogue) -> None:
    """So successive weeks share all rounds but one, with no artefact handed on."""
    rows = few(catalogue)
    config = RoundsConfig(weeks=3, fits=2)
    now = fitted(rows, catalogue, config).rounds
    ago = fitted(rows.take(np.arange(700)), catalogue, config).rounds
    assert [one.version for one in now[1:]] == [one.version for one in ago[:2]]
    assert now[0].version != ago[0].version


def test_rounds_go_back_as_far_as_there_are_rows_enough(catalogue: Catalogue) -> None:
    rows = few(catalogue)
    assert len(fitted(rows, catalogue, RoundsConfig(weeks=9, fits=1)).rounds) == 4
    early = rows.take(np.arange(550))
    assert len(fitted(early, catalogue, RoundsConfig(weeks=9, fits=1)).rounds) == 1


def test_with_many_rows_one_fit_is_made_as_if_there_were_no_rounds(catalogue: Catalogue) -> None:
    rows = few(catalogue)
    many = fitted(rows, catalogue, RoundsConfig(many_rows=len(rows)))
    alone = fitted(rows, catalogue, RoundsConfig(weeks=1, fits=1))
    assert len(many.rounds) == 1
    assert many.model.version == many.rounds[0].version == alone.model.version


def test_fits_of_other_seeds_agree_more_when_each_is_a_mean(catalogue: Catalogue) -> None:
    rows = few(catalogue)

    def apart(rounds: RoundsConfig) -> float:
        config = HybridConfig(factorisation=QUICK, rounds=rounds)
        one, other = (
            Hybrid.fit(rows, catalogue, config, seed=seed).propensities(rows) for seed in (1, 50)
        )
        return float(np.abs(one - other).mean())

    assert apart(RoundsConfig(weeks=1, fits=6)) < 0.7 * apart(RoundsConfig(weeks=1, fits=1))


@given(st.integers(0, 2_000), st.integers(0, 2_000), st.floats(0, 1))
def test_a_recipe_is_tried_as_it_serves_on_whatever_part_of_the_rows(
    rows: int, many: int, part: float
) -> None:
    settled = RoundsConfig(many_rows=many).settled(rows)
    assert (int(rows * part) < settled.many_rows) is (rows < many)
