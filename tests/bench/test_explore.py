"""Exploration shows only what `decide` lets through, each with its exact probability."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import msgspec
import pytest

from bench.loop.explore import _draw, explore
from recommender.decide import decide
from recommender.decision import ActionKind, Arbitration, Shown
from recommender.request import MAX_LIMIT, Request
from tests.recommender.accounts import AT
from tests.recommender.bank import bank_live
from tests.recommender.test_decide import STUDENT


def offer(name: str, score: float) -> Shown:
    return Shown(
        f"offer.{name}", ActionKind.OFFER, "saving", 1, name, score,
        Arbitration(score, 1.0, 1.0, 1.0, score),
    )  # fmt: skip


def test_the_probability_of_an_offer_is_how_often_it_is_drawn() -> None:
    offers = [offer("a", 0.5), offer("b", 0.3), offer("c", 0.2)]
    marks = [(step + 0.5) / 1000 for step in range(1000)]
    drawn = [_draw(offers, 1, 1.0, [mark])[0] for mark in marks]
    counts = Counter(one.product_id for one in drawn)
    said = {one.product_id: one.probability for one in drawn}
    assert {name: count / 1000 for name, count in counts.items()} == pytest.approx(said, abs=2e-3)


def test_cold_temperature_shows_what_decide_shows_first() -> None:
    live = bank_live()
    first = decide(STUDENT, Request(AT), live)
    cold = explore(STUDENT, Request(AT), live, temperature=0.01)
    assert [one.action_id for one in cold.shown[:1]] == [one.action_id for one in first.shown[:1]]


def test_only_what_decide_would_show_is_drawn_and_the_same_question_has_the_same_answer() -> None:
    live = bank_live()
    for days in range(20):
        request = Request(AT + timedelta(days=days))
        allowed = decide(STUDENT, msgspec.structs.replace(request, limit=MAX_LIMIT), live)
        found = explore(STUDENT, request, live, temperature=1.0)
        assert {one.action_id for one in found.shown} <= {one.action_id for one in allowed.shown}
        assert all(0 < one.probability <= 1 for one in found.shown)
        assert found == explore(STUDENT, request, live, temperature=1.0)
