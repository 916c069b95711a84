"""Reasons are the tokens that raised a product most."""

from __future__ import annotations

import pytest

from recommender.reasons import MOST, gains_of, own_of, strongest
from tests.recommender.bank import bank_live


def test_the_strongest_raised_the_product_and_come_strongest_first() -> None:
    live = bank_live()
    sayable = tuple(live.sayable)
    for product_id in live.model.products:
        moved = live.model.contributions(sayable, [product_id])[:, 0]
        gain = dict(zip(sayable, moved.tolist(), strict=True))
        reasons = strongest(own_of(live.model.vocabulary, live), product_id, live)
        best = sorted((g for g in gain.values() if g > 0), reverse=True)[:MOST]
        assert [gain[token] for token in reasons] == best


def test_only_what_may_be_said_is_a_reason() -> None:
    live = bank_live()
    for product_id in live.model.products:
        assert (
            set(strongest(own_of(live.model.vocabulary, live), product_id, live))
            <= live.sayable.keys()
        )


def test_a_product_new_to_the_model_has_no_reasons() -> None:
    live = bank_live()
    assert not any(gains_of("brand_new", tuple(live.sayable), live.model).places)
    assert strongest(own_of(live.model.vocabulary, live), "brand_new", live) == ()


@pytest.mark.parametrize("known", [0, 1, 2])
def test_few_tokens_give_few_reasons(known: int) -> None:
    live = bank_live()
    for product_id in live.model.products:
        raising = [token for token in live.gains[product_id].tokens if token][:known]
        assert strongest(own_of(raising, live), product_id, live) == tuple(raising)
