"""Which takings become rows, and what their rows know."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest

from recommender.catalogue import Catalogue
from tests.training.snapshots.frames import Row, tables_of
from training.snapshots import SnapshotConfig, Snapshots, build_snapshots

FIRST_VIEW = {"at": "2026-01-05T10:00:00", "kind": "page_view", "domain": "housing"}


def holding(product: str, opened: str, closed: str | None = None, account: str = "a") -> Row:
    return {
        "account_id": account,
        "product_id": product,
        "opened_on": opened,
        "closed_on": closed,
    }


def built(
    catalogue: Catalogue, holdings: Sequence[Row], **config: object
) -> dict[str, tuple[str, set[str]]]:
    """For each target its day and what was held, as tokens."""
    tables = tables_of(catalogue, holdings=holdings, events=[FIRST_VIEW])
    rows = build_snapshots(tables, catalogue, SnapshotConfig.model_validate(config))
    return {
        rows.products[rows.target[k]]: (str(rows.moment[k])[:10], held(rows, k))
        for k in range(len(rows))
    }


def held(rows: Snapshots, k: int) -> set[str]:
    prefix = "holds:"
    return {token.removeprefix(prefix) for token in rows.tokens_of(k) if token.startswith(prefix)}


def test_a_row_sees_what_was_opened_before_its_day_and_not_yet_closed(catalogue: Catalogue) -> None:
    rows = built(
        catalogue,
        [
            holding("current_account", "2020-01-01"),
            holding("credit_card", "2021-01-01", "2026-02-10"),
            holding("travel_insurance", "2021-01-01", "2026-02-11"),
            holding("savings_account", "2026-02-10"),
            holding("term_deposit", "2026-02-10"),
            holding("mortgage", "2026-02-11"),
        ],
    )
    assert rows == {
        "savings_account": ("2026-02-10", {"current_account", "travel_insurance"}),
        "term_deposit": ("2026-02-10", {"current_account", "travel_insurance"}),
        "mortgage": ("2026-02-11", {"current_account", "savings_account", "term_deposit"}),
    }


def test_what_came_with_joining_or_before_the_first_event_is_no_row(catalogue: Catalogue) -> None:
    holdings = [
        holding("current_account", "2020-01-01"),
        holding("credit_card", "2025-12-31"),
        holding("mortgage", "2026-01-05"),
    ]
    assert list(built(catalogue, holdings)) == ["mortgage"]
    assert len(built(catalogue, holdings, skip_initial=False)) == 3


def test_the_window_includes_its_first_day_and_excludes_its_last(catalogue: Catalogue) -> None:
    holdings = [
        holding("credit_card", "2026-01-31"),
        holding("mortgage", "2026-02-01"),
        holding("term_deposit", "2026-02-28"),
        holding("savings_account", "2026-03-01"),
    ]
    window = {"window_from": date(2026, 2, 1), "window_until": date(2026, 3, 1)}
    assert set(built(catalogue, holdings, **window)) == {"mortgage", "term_deposit"}


def test_a_product_held_already_is_no_target_unless_it_may_be_held_twice(
    catalogue: Catalogue,
) -> None:
    twice = [holding("mortgage", "2026-02-01"), holding("mortgage", "2026-03-01")]
    assert built(catalogue, twice)["mortgage"][0] == "2026-02-01"
    item = catalogue.products["mortgage"].model_copy(update={"repeatable": True})
    freely = catalogue.model_copy(update={"products": {**catalogue.products, "mortgage": item}})
    assert built(freely, twice)["mortgage"] == ("2026-03-01", {"mortgage"})


def test_a_product_taken_again_after_it_was_closed_is_a_target_again(catalogue: Catalogue) -> None:
    again = [holding("mortgage", "2026-02-01", "2026-03-01"), holding("mortgage", "2026-03-01")]
    assert built(catalogue, again)["mortgage"] == ("2026-03-01", set())


def test_two_of_one_product_on_one_day_are_one_row(catalogue: Catalogue) -> None:
    tables = tables_of(
        catalogue, holdings=[holding("mortgage", "2026-02-01")] * 2, events=[FIRST_VIEW]
    )
    assert len(build_snapshots(tables, catalogue)) == 1


def test_without_order_every_holding_is_a_target_and_the_others_its_context(
    catalogue: Catalogue,
) -> None:
    holdings = [
        holding("mortgage", "2020-01-01"),
        holding("credit_card", "2024-01-01", "2025-01-01"),
        holding("savings_account", "2026-03-01"),
        holding("term_deposit", "2026-03-01"),
    ]
    rows = built(catalogue, holdings, holdings_order="unknown")
    day = "2026-03-02"
    assert rows == {
        "mortgage": (day, {"savings_account", "term_deposit"}),
        "savings_account": (day, {"mortgage", "term_deposit"}),
        "term_deposit": (day, {"mortgage", "savings_account"}),
    }


@pytest.mark.parametrize("order", ["time", "unknown"])
def test_nobody_who_took_anything_means_no_rows(catalogue: Catalogue, order: str) -> None:
    tables = tables_of(catalogue, holdings=[holding("mortgage", "2019-01-01", "2019-02-01")])
    config = SnapshotConfig.model_validate(
        {"holdings_order": order, "window_from": date(2026, 1, 1)}
    )
    rows = build_snapshots(tables, catalogue, config)
    assert len(rows) == 0
    assert rows.tokens.shape == (0, len(rows.vocabulary))
    assert len(rows.take([])) == 0


def test_flags_and_places_take_the_same_rows(snapshots: Snapshots) -> None:
    flags = snapshots.target == snapshots.target[0]
    by_flag, by_place = snapshots.take(flags), snapshots.take(flags.nonzero()[0])
    assert by_flag.moment.tolist() == by_place.moment.tolist()
    assert (by_flag.token_counts() == by_flag.tokens.sum(axis=0)).all()


def test_nothing_is_learnt_from_who_did_not_agree_to_it(catalogue: Catalogue) -> None:
    tables = tables_of(
        catalogue,
        accounts=[{"account_id": "a"}, {"account_id": "b", "consent_personalisation": False}],
        holdings=[
            holding("mortgage", "2026-02-01", account="a"),
            holding("credit_card", "2026-02-01", account="b"),
        ],
        events=[FIRST_VIEW],
    )
    targets = {
        consented_only: {
            rows.products[target]
            for rows in [
                build_snapshots(tables, catalogue, SnapshotConfig(consented_only=consented_only))
            ]
            for target in rows.target
        }
        for consented_only in (True, False)
    }
    assert targets == {True: {"mortgage"}, False: {"mortgage", "credit_card"}}
