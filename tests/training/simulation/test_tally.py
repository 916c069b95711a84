"""Counting is the same in one go and in parts; nobody is lost and nobody counted twice."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.account import Account
from recommender.decide import decide
from recommender.request import Request
from tests.recommender.accounts import AT, accounts
from tests.recommender.bank import bank_live
from training.simulation.audit import audit
from training.simulation.figures import Group
from training.simulation.rows import totals
from training.simulation.tally import Both, Side, Tally

cells = st.tuples(st.sampled_from(["student", "retired"]), st.sampled_from(["f", "m"]))


def tally_of(people: list[tuple[Account, tuple[str, ...]]]) -> Tally:
    tally, request = Tally(), Request(AT)
    for account, cell in people:
        before, after = (decide(account, request, bank_live(seed)) for seed in (0, 1))
        tally.count(account, cell, before, after)
    return tally


@settings(max_examples=30)
@given(st.lists(st.tuples(accounts, cells), max_size=6), st.integers(0, 6))
def test_parts_add_up_to_the_whole(people: list[tuple[Account, tuple[str, ...]]], cut: int) -> None:
    parts = tally_of(people[:cut])
    parts.add(tally_of(people[cut:]))
    whole = tally_of(people)
    assert parts.moves == whole.moves
    assert parts.withheld_before == whole.withheld_before
    assert (parts.changed, parts.reordered) == (whole.changed, whole.reordered)
    assert {move: one.order for move, one in parts.examples.items()} == {
        move: one.order for move, one in whole.examples.items()
    }
    assert {cell: both.accounts for cell, both in parts.cells.items()} == {
        cell: both.accounts for cell, both in whole.cells.items()
    }


@settings(max_examples=30)
@given(st.lists(st.tuples(accounts, cells), max_size=6))
def test_gains_less_losses_are_the_change_of_what_is_shown(
    people: list[tuple[Account, tuple[str, ...]]],
) -> None:
    tally = tally_of(people)
    by = dict.fromkeys({move.action_id for move in tally.moves}, 0)
    for move, count in tally.moves.items():
        by[move.action_id] += count if move.gained else -count
    for action_id, change in by.items():
        before, after = (
            sum(getattr(both, side).shown.get(action_id, 0) for both in tally.cells.values())
            for side in ("before", "after")
        )
        assert after - before == change


def shown_to(*groups: tuple[int, int, int]) -> dict[str, Both]:
    """Accounts, and how many of them are shown the one product before and after."""
    return {
        f"group {place}": Both(
            accounts, Side(offered=was, shown={"x": was}), Side(offered=now, shown={"x": now})
        )
        for place, (accounts, was, now) in enumerate(groups)
    }


def audited(counts: dict[str, Both]) -> tuple[float | None, bool, bool]:
    groups = [Group(name, both.accounts, totals(both, {})) for name, both in counts.items()]
    (row,) = audit("gender", groups, counts, {"x": "X"}).products
    return row.rate.after.value, row.rate.before.uneven, row.rate.after.uneven


def test_a_group_that_is_shown_much_less_is_marked_unless_chance_explains_it() -> None:
    assert audited(shown_to((1000, 500, 500), (1000, 500, 300))) == (0.6, False, True)
    assert audited(shown_to((1000, 5, 5), (1000, 5, 3))) == (0.6, False, False)
    assert audited(shown_to((1000, 500, 500), (1000, 500, 450))) == (0.9, False, False)


def test_a_group_of_few_is_not_compared() -> None:
    assert audited(shown_to((1000, 500, 500), (20, 10, 0))) == (None, False, False)
