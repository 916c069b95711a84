"""The ledger's laws: champion, challenger and the way back follow from the moves alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.errors import ArtefactError
from recommender.registry import Ledger, Move, MoveKind, read_ledger


class Story:
    """Moves one second apart."""

    def __init__(self) -> None:
        self.ledger = Ledger()

    def tell(self, kind: MoveKind, version: str) -> None:
        at = f"2026-11-23T00:{len(self.ledger.moves):04d}"
        move = Move(at, kind, version, "somebody", previous=self.ledger.champion)
        self.ledger = self.ledger.after(move)


def told(*moves: tuple[MoveKind, str]) -> Ledger:
    story = Story()
    for kind, version in moves:
        story.tell(kind, version)
    return story.ledger


ADDED, PROMOTED, BACK, REFUSED = (
    MoveKind.ADDED,
    MoveKind.PROMOTED,
    MoveKind.ROLLED_BACK,
    MoveKind.REFUSED,
)


def test_what_is_added_is_the_challenger_and_nobody_is_champion() -> None:
    ledger = told((ADDED, "a"), (ADDED, "b"))
    assert (ledger.champion, ledger.challenger, ledger.before) == (None, "b", None)


def test_promoting_makes_champion_and_leaves_no_challenger() -> None:
    ledger = told((ADDED, "a"), (PROMOTED, "a"))
    assert (ledger.champion, ledger.challenger) == ("a", None)


def test_a_refusal_changes_neither() -> None:
    ledger = told((ADDED, "a"), (PROMOTED, "a"), (ADDED, "b"), (REFUSED, "b"))
    assert (ledger.champion, ledger.challenger) == ("a", "b")


def test_going_back_twice_goes_back_two_promotions() -> None:
    three = told((PROMOTED, "a"), (PROMOTED, "b"), (PROMOTED, "c"))
    assert three.before == "b"
    once = told((PROMOTED, "a"), (PROMOTED, "b"), (PROMOTED, "c"), (BACK, "b"))
    assert (once.champion, once.before) == ("b", "a")
    assert told((PROMOTED, "a")).before is None


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=12))
def test_rolling_back_to_the_end_always_ends(versions: list[str]) -> None:
    story = Story()
    for version in dict.fromkeys(versions):
        story.tell(PROMOTED, version)
    distinct = len(dict.fromkeys(versions))
    for _ in range(distinct - 1):
        before = story.ledger.before
        assert before is not None
        story.tell(BACK, before)
    assert story.ledger.before is None
    assert story.ledger.champion == versions[0]


def test_a_version_that_was_promoted_twice_is_gone_back_to_twice() -> None:
    story = Story()
    for version in "abca":
        story.tell(PROMOTED, version)
    gone = []
    while (before := story.ledger.before) is not None:
        story.tell(BACK, before)
        gone.append(before)
    assert gone == ["c", "b", "a"]


@given(st.lists(st.sampled_from([*"abc", None]), max_size=30))
def test_promotions_and_rollbacks_are_a_stack(steps: list[str | None]) -> None:
    story, stack = Story(), list[str]()
    for version in steps:
        if version is not None:
            story.tell(PROMOTED, version)
            stack += [version] if stack[-1:] != [version] else []
        elif (before := story.ledger.before) is not None:
            story.tell(BACK, before)
            stack.pop()
        assert story.ledger.champion == (stack[-1] if stack else None)
        assert story.ledger.before == (stack[-2] if len(stack) > 1 else None)


def test_moves_that_are_known_are_not_told_twice() -> None:
    ledger = told((ADDED, "a"), (PROMOTED, "a"))
    assert ledger.after(*ledger.moves) == ledger


def test_a_ledger_reads_back_as_it_was_written() -> None:
    ledger = told((ADDED, "a"), (PROMOTED, "a"), (REFUSED, "b"))
    assert read_ledger(ledger.encode(), "here") == ledger


@pytest.mark.parametrize("content", [b"", b"{", b'{"moves": 3}', b'{"schema": 2}', b'{"x": 1}'])
def test_a_damaged_ledger_is_named(content: bytes) -> None:
    with pytest.raises(ArtefactError, match=r"^models/registry\.json: "):
        read_ledger(content, "models/registry.json")
