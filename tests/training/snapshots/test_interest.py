"""Interest at a moment is the sum that `recommender.interests` states, whatever the order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recommender.account import Interest
from recommender.catalogue import Catalogue
from recommender.interests import level_at
from tests.training.snapshots.frames import tables_of
from training.snapshots.interest import interests_at
from training.snapshots.moments import Moments

START = datetime(2026, 1, 1, tzinfo=UTC)
SLOW = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

instants = st.integers(0, 60 * 4).map(lambda quarters: START + timedelta(hours=6 * quarters))
events = st.fixed_dictionaries(
    {
        "account_id": st.sampled_from(["a", "b"]),
        "at": instants,
        "kind": st.sampled_from(["page_view", "search", "start", "impression", "nps"]),
        "product_id": st.sampled_from([None, "mortgage", "car_loan"]),
        "domain": st.sampled_from([None, "housing", "saving"]),
    }
)
moments = st.tuples(st.sampled_from([0, 1]), instants)


@SLOW
@given(st.lists(events, min_size=1, max_size=30), st.lists(moments, min_size=1, max_size=12))
def test_every_level_is_the_sum_of_its_decayed_events(
    catalogue: Catalogue, seen: list[dict[str, object]], asked: list[tuple[int, datetime]]
) -> None:
    rows = [{**event, "at": f"{event['at']:%Y-%m-%dT%H:%M:%S}"} for event in seen]
    tables = tables_of(catalogue, accounts=[{}, {"account_id": "b"}], events=rows)
    account = np.array([one for one, _ in asked])
    at = np.array([one.replace(tzinfo=None) for _, one in asked], "datetime64[us]")
    unique, place = Moments.of(account, at)
    levels = interests_at(tables, catalogue, unique)
    for row, (owner, moment) in enumerate(asked):
        for column, product in enumerate(catalogue.products):
            expected = _sum(catalogue, seen, "ab"[owner], moment, product=product)
            assert levels.product[place[row], column] == pytest.approx(expected, abs=1e-8)
        for column, domain in enumerate(catalogue.domains):
            expected = _sum(catalogue, seen, "ab"[owner], moment, domain=domain)
            assert levels.domain[place[row], column] == pytest.approx(expected, abs=1e-8)


def _sum(
    catalogue: Catalogue,
    seen: list[dict[str, object]],
    account: str,
    moment: datetime,
    *,
    product: str | None = None,
    domain: str | None = None,
) -> float:
    total = 0.0
    for event in seen:
        at, viewed = event["at"], event["product_id"]
        assert isinstance(at, datetime)
        own = event["domain"] or (viewed and catalogue.products[str(viewed)].domain)
        if event["account_id"] == account and at < moment and (product or domain) in (viewed, own):
            weight = catalogue.interest.weights.get(str(event["kind"]), 0.0)
            total += level_at(Interest(weight, at), moment, catalogue.interest.half_life_days)
    return total


def test_a_level_at_an_edge_does_not_depend_on_the_moments_in_between(catalogue: Catalogue) -> None:
    view = {"at": "2026-01-01", "kind": "page_view", "domain": "housing"}
    tables = tables_of(catalogue, events=[view])
    half_life = int(catalogue.interest.half_life_days)
    days = np.datetime64("2026-01-01", "us") + np.arange(1, half_life + 1).astype("timedelta64[D]")
    column = list(catalogue.domains).index("housing")
    for between in range(half_life):
        asked, _ = Moments.of(np.zeros(half_life - between, np.int64), days[between:])
        assert interests_at(tables, catalogue, asked).domain[-1, column] == 0.5


def test_each_moment_knows_of_withdrawals_before_it_only(catalogue: Catalogue) -> None:
    """Views on days 1, 3 and 5; no on day 2, yes on day 4; asked at the end of each day."""
    view = {"kind": "page_view", "product_id": "mortgage"}
    rows = [{**view, "at": f"2026-01-0{day}T12:00:00"} for day in (1, 3, 5)]
    rows += [
        {
            "kind": "preference_change",
            "at": f"2026-01-0{day}T12:00:00",
            "value": f"consent:personalisation:{wish}",
        }
        for day, wish in ((2, "no"), (4, "yes"))
    ]
    tables = tables_of(catalogue, events=rows)
    days = np.datetime64("2026-01-01T12:00:01", "us") + np.arange(5).astype("timedelta64[D]")
    levels = interests_at(tables, catalogue, Moments.of(np.zeros(5, np.int64), days)[0])
    assert levels.product.max(axis=1) == pytest.approx([1, 0, 0, 0, 1], abs=1e-4)
