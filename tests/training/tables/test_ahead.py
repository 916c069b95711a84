"""Reading a piece ahead changes when pieces are made, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.tables.ahead import one_ahead


@given(st.lists(st.integers(), max_size=20))
def test_all_pieces_come_in_their_order(pieces: list[int]) -> None:
    assert list(one_ahead(iter(pieces))) == pieces


def test_no_more_than_one_is_made_ahead() -> None:
    made: list[int] = []

    def pieces() -> Iterator[int]:
        for number in range(10):
            made.append(number)
            yield number

    for number in one_ahead(pieces()):
        assert len(made) <= number + 2


def test_what_goes_wrong_is_told_after_the_pieces_before_it() -> None:
    def pieces() -> Iterator[int]:
        yield 1
        raise OSError("the disk is gone")

    ahead = one_ahead(pieces())
    assert next(ahead) == 1
    with pytest.raises(OSError, match="disk"):
        next(ahead)
