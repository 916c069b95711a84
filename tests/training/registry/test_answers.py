"""What the gate measures of answers: by what serving ranks by, with honest intervals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from recommender.acceptance import Acceptance
from recommender.model import Model
from tests.recommender.models import small_model
from training.registry import answers as module
from training.registry.answers import Answers, Figure
from training.responses import Responses

VOCABULARY = tuple(f"token:{number}" for number in range(6))
PRODUCTS = tuple("abcd")
OFFERS = 25

seeds = st.integers(0, 1_000)


def shown(seed: int, products: tuple[str, ...] = PRODUCTS) -> Responses:
    """Offers of products that were not held, in another order of tokens, one of them unknown."""
    random = np.random.default_rng(seed)
    product = random.integers(0, len(products), OFFERS)
    held = random.random((OFFERS, len(products))) < 0.3
    held[np.arange(OFFERS), product] = False
    return Responses(
        tokens=csr_matrix((random.random((OFFERS, 6)) < 0.5).astype(np.float32)),
        vocabulary=(*VOCABULARY[:0:-1], "token:new"),
        product=product,
        taken=random.random(OFFERS) < 0.5,
        account=random.integers(0, 9, OFFERS).astype(np.int32),
        held=csr_matrix(held),
        moment=np.zeros(OFFERS, dtype="datetime64[us]"),
    )


def model(seed: int, *, accepts: bool) -> Model:
    plain = small_model(VOCABULARY, PRODUCTS, seed=seed)
    random = np.random.default_rng(seed)
    shape = (len(VOCABULARY), len(PRODUCTS))
    acceptance = Acceptance(random.normal(size=shape), random.normal(size=len(PRODUCTS)))
    return replace(plain, acceptance=acceptance if accepts else None)


def served(asked: Model, offers: Responses, products: tuple[str, ...]) -> list[float]:
    """The propensity of what was shown, as a request would be answered."""
    found = []
    for row, place in enumerate(offers.product.tolist()):
        tokens = [offers.vocabulary[column] for column in offers.tokens[row].indices]
        held = {products[column] for column in offers.held[row].indices}
        chances = asked.propensities(tokens, held)
        found.append(chances[asked.columns[products[place]]])
    return found


@given(seeds)
def test_the_chances_are_those_that_serving_ranks_by(seed: int) -> None:
    products = PRODUCTS[::-1]
    offers = shown(seed, products)
    learnt, plain = model(seed, accepts=True), model(seed, accepts=False)
    accepted = Answers.of(learnt, offers, products)
    assert accepted.promises
    assert 1 / (1 + np.exp(-accepted.log_odds)) == pytest.approx(served(learnt, offers, products))
    before = Answers.of(plain, offers, products)
    assert not before.promises
    assert np.exp(before.log_odds) == pytest.approx(served(plain, offers, products))


@given(seeds, st.integers(1, OFFERS), st.booleans())
def test_how_many_are_looked_at_at_once_does_not_matter(
    seed: int, at_once: int, accepts: bool
) -> None:
    asked, offers = model(seed, accepts=accepts), shown(seed)
    whole = Answers.of(asked, offers, PRODUCTS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "AT_ONCE", at_once)
        parts = Answers.of(asked, offers, PRODUCTS)
    assert parts.log_odds == pytest.approx(whole.log_odds)


@pytest.mark.parametrize("accepts", [True, False])
def test_a_product_that_a_model_does_not_know_stands_last(accepts: bool) -> None:
    products = (*PRODUCTS, "new")
    offers = shown(0, products)
    said = Answers.of(model(0, accepts=accepts), offers, products).log_odds
    unknown = offers.product == len(PRODUCTS)
    assert unknown.any()
    assert said[unknown].max() < said[~unknown].min()
    assert np.isfinite(said).all()


def test_where_nothing_was_shown_there_are_no_answers() -> None:
    nothing = shown(0).take(np.zeros(OFFERS, dtype=np.bool_))
    assert len(Answers.of(model(0, accepts=True), nothing, PRODUCTS)) == 0


@st.composite
def said(draw: st.DrawFn) -> Answers:
    """Both answers occur; log odds often tie."""
    more = draw(st.lists(st.booleans(), max_size=20))
    taken = np.array([True, False, *more])
    odds = draw(st.lists(st.integers(-3, 3), min_size=len(taken), max_size=len(taken)))
    account = draw(st.lists(st.integers(0, 4), min_size=len(taken), max_size=len(taken)))
    return Answers(np.array(odds, np.float64), taken, np.array(account, np.int32), promises=True)


@given(said())
def test_order_is_the_share_of_pairs_in_the_right_order(answers: Answers) -> None:
    ahead = answers.log_odds[answers.taken][:, None] - answers.log_odds[~answers.taken]
    pairs = (ahead > 0).mean() + 0.5 * (ahead == 0).mean()
    assert answers.order().value == pytest.approx(pairs)


@given(said())
def test_turning_the_log_odds_round_turns_the_order_round(answers: Answers) -> None:
    turned = replace(answers, log_odds=-answers.log_odds)
    assert turned.order().value == pytest.approx(1 - answers.order().value)


@given(said())
def test_a_scale_changes_no_order(answers: Answers) -> None:
    wider = replace(answers, log_odds=3 * answers.log_odds + 1)
    assert wider.order().less(answers.order()).estimate(answers.account).value == 0.0


@given(said())
def test_the_pulls_of_all_offers_cancel(answers: Answers) -> None:
    for figure in (answers.order(), answers.log_loss()):
        assert figure.pulls.sum() == pytest.approx(0.0, abs=1e-12)


def alike(seed: int, accounts: int = 300, each: int = 4) -> Answers:
    """Answers of one person are alike, whatever is shown and whatever was said of it."""
    random = np.random.default_rng(seed)
    account = np.repeat(np.arange(accounts, dtype=np.int32), each)
    odds = np.repeat(random.normal(size=accounts), each) - 1.0
    mood = np.repeat(random.normal(scale=2.0, size=accounts), each)
    taken = random.random(len(account)) < 1 / (1 + np.exp(-odds - mood))
    return Answers(odds, taken, account, promises=True)


@pytest.mark.parametrize("measure", [Answers.order, Answers.log_loss])
def test_intervals_are_as_wide_as_figures_of_other_people_vary(
    measure: Callable[[Answers], Figure],
) -> None:
    found = [measure(alike(seed)) for seed in range(200)]
    spread = np.std([figure.value for figure in found])
    account = alike(0).account
    arms = [one.estimate(account) for one in found]
    width = np.mean([arm.high - arm.low for arm in arms]) / (2 * 1.96)
    assert width == pytest.approx(spread, rel=0.2)
