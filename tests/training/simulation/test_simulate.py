"""What a simulation says is what `decide` decides, whoever counts and in however many pieces."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from recommender.catalogue import Catalogue
from recommender.decide import decide
from recommender.decision import Decision
from recommender.errors import TableError
from recommender.live import open_bundle
from recommender.request import Request
from tests.service.bank import bundle
from tests.training.simulation.conftest import (
    AT,
    NO_CREDIT_BELOW_40,
    before,
    changed,
    sides,
)
from training.accounts import build_accounts
from training.simulation import Scene, Simulation, cut, simulate
from training.simulation.figures import Change
from training.tables import read_tables

Simulated = Callable[..., Simulation]


@pytest.fixture(scope="module")
def found(simulated: Simulated) -> Simulation:
    return simulated(changed(NO_CREDIT_BELOW_40))


def test_equal_inputs_give_equal_bytes_whatever_the_number_of_processes(
    simulated: Simulated, found: Simulation
) -> None:
    assert simulated(changed(NO_CREDIT_BELOW_40), processes=2).encode() == found.encode()


def test_in_one_bucket_or_in_many_the_same_is_counted(
    simulated: Simulated, found: Simulation
) -> None:
    whole = simulated(changed(NO_CREDIT_BELOW_40), each=1000)
    for name in ("accounts", "changed", "stages", "rules", "products", "life_stages", "examples"):
        assert getattr(whole, name) == getattr(found, name)


Decided = tuple[list[Decision], list[Decision]]


@pytest.fixture(scope="module")
def decided(directory: Path, catalogue: Catalogue) -> Decided:
    """What everybody is shown before and after."""
    scene = Scene.of(changed(NO_CREDIT_BELOW_40))
    read = read_tables(directory, catalogue, now=AT)
    accounts = list(build_accounts(read, catalogue, AT))
    was, now = (
        [decide(account, Request(AT), live) for account in accounts]
        for live in (scene.before, scene.after)
    )
    return was, now


def test_all_that_competes_is_a_contact_and_has_a_value(
    catalogue: Catalogue, found: Simulation, decided: Decided
) -> None:
    for side in ("before", "after"):
        shown = [item for one in decided[side == "after"] for item in one.shown]
        guidance = [
            item
            for item in shown
            if not item.product_id and catalogue.every_action[item.action_id].purpose == "marketing"
        ]
        assert guidance, "somebody is shown an article that competes with offers"
        competing = [item for item in shown if item.product_id is not None] + guidance
        assert getattr(found.totals.contacts, side) == len(competing)
        terms = [item.arbitration for item in competing if item.arbitration is not None]
        value = sum(one.propensity * one.value for one in terms)
        assert getattr(found.totals.value, side) == pytest.approx(value, abs=1e-5)


def test_what_is_counted_is_what_decide_decides(found: Simulation, decided: Decided) -> None:
    was, now = decided
    assert found.accounts == found.of == len(was)
    shown = [Counter(item.product_id for one in side for item in one.shown) for side in (was, now)]
    for row in found.products:
        assert (row.shown.before, row.shown.after) == tuple(side[row.product_id] for side in shown)
        assert row.gains - row.loses == row.shown.by
    moved = {product for product in shown[0] | shown[1] if shown[0][product] != shown[1][product]}
    assert moved - {None} <= {row.product_id for row in found.products}
    stopped = [
        Counter((item.stage.value, item.rule) for one in side for item in one.withheld)
        for side in (was, now)
    ]
    assert {(row.stage, row.rule): row.withheld for row in found.rules} == {
        key: Change(stopped[0][key], stopped[1][key])
        for key in stopped[0] | stopped[1]
        if stopped[0][key] != stopped[1][key]
    }
    assert found.changed == sum(
        [item.action_id for item in a.shown] != [item.action_id for item in b.shown]
        for a, b in zip(was, now, strict=True)
    )


def test_groups_add_up_to_everybody(found: Simulation) -> None:
    for groups in (found.life_stages, *(audit.groups for audit in found.audits)):
        assert sum(group.accounts for group in groups) == found.accounts
        for name in ("offered", "contacts", "care", "alerts"):
            whole = getattr(found.totals, name)
            parts = [getattr(group.totals, name) for group in groups]
            assert sum(part.before for part in parts) == whole.before
            assert sum(part.after for part in parts) == whole.after


def test_the_funnel_ends_with_the_offers_that_are_shown(
    found: Simulation, decided: Decided
) -> None:
    last = found.stages[-1]
    offers = [
        sum(item.product_id is not None for one in side for item in one.shown) for side in decided
    ]
    assert [last.left.before, last.left.after] == offers


def test_tables_begin_with_the_largest_change(found: Simulation) -> None:
    for changes in (
        [row.shown for row in found.products],
        [row.withheld for row in found.rules],
    ):
        sizes = [abs(change.by) for change in changes]
        assert sizes == sorted(sizes, reverse=True)


def test_a_rule_that_now_withholds_is_named_with_an_example(found: Simulation) -> None:
    lost = [one for one in found.examples if one.rule == "policy.below_40"]
    assert lost
    for one in lost:
        assert not one.gained
        assert one.title in one.before
        assert one.title not in one.after
        assert "40" in one.text


def test_no_change_is_no_difference(simulated: Simulated) -> None:
    found = simulated(sides(before().catalogue))
    assert found.nothing_differs
    assert not found.products
    assert not found.examples


def test_another_model_changes_what_is_shown_and_no_rule_of_the_catalogue(
    simulated: Simulated,
) -> None:
    found = simulated(sides(before().catalogue, open_bundle(*bundle(1)).artefact))
    assert found.changed
    assert {row.stage for row in found.rules} <= {"slotted"}
    assert found.before.model != found.after.model


def test_a_catalogue_that_reads_the_tables_otherwise_reads_them_for_its_side_only(
    simulated: Simulated,
) -> None:
    """Half-lives are read from the tables: a new one gives other interests, after only."""
    text = before().catalogue
    assert "half_life_days: 7" in text
    found = simulated(sides(text.replace("half_life_days: 7", "half_life_days: 90")))
    assert found.accounts == 250
    assert not found.one_sided
    assert found.changed


def test_a_sample_is_the_same_each_time_and_part_of_a_larger_one(
    directory: Path, catalogue: Catalogue, tmp_path: Path
) -> None:
    def ids(size: int | None, name: str) -> set[str]:
        buckets = cut(directory, (catalogue,), tmp_path / name, size, each=40)
        assert buckets.of == 250
        read = [pd.read_parquet(one / "accounts.parquet") for one in buckets.directories]
        return {account_id for frame in read for account_id in frame["account_id"]}

    small, again, large = ids(50, "a"), ids(50, "b"), ids(120, "c")
    assert len(small) == 50
    assert small == again
    assert small < large
    assert ids(None, "d") > large


def test_buckets_have_every_row_once_and_those_of_an_account_together(
    directory: Path, catalogue: Catalogue, tmp_path: Path
) -> None:
    buckets = cut(directory, (catalogue,), tmp_path, each=40)
    assert len(buckets.directories) == 7
    home: dict[str, Path] = {}
    for name, count in buckets.rows.items():
        rows = 0
        for one in buckets.directories:
            frame = pd.read_parquet(one / f"{name}.parquet")
            rows += len(frame)
            for account_id in frame["account_id"].unique():
                assert home.setdefault(account_id, one) == one
        assert rows == count == len(pd.read_parquet(directory / f"{name}.parquet"))


def test_too_many_rows_that_break_the_contract_stop_it(
    directory: Path, catalogue: Catalogue, tmp_path: Path
) -> None:
    broken = tmp_path / "tables"
    broken.mkdir()
    for path in directory.glob("*.parquet"):
        (broken / path.name).write_bytes(path.read_bytes())
    holdings = pd.read_parquet(directory / "holdings.parquet")
    holdings["product_id"] = "no_such_product"
    holdings.to_parquet(broken / "holdings.parquet")
    change = changed(NO_CREDIT_BELOW_40)
    buckets = cut(broken, (catalogue,), tmp_path / "buckets", each=60)
    with pytest.raises(TableError, match=r"holdings: more than 1.0% of .* product_id"):
        simulate(buckets, change)
