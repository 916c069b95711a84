"""Gathered writes: the same bytes in the same order, in fewer pieces, and none after the end."""

from __future__ import annotations

import asyncio
from typing import cast

from hypothesis import given
from hypothesis import strategies as st

from service.one_write import GatheringTransport


class Recorded(asyncio.Transport):
    """A transport that keeps what it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[bytes] = []
        self.closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        assert not self.closed
        self.pieces.append(bytes(data))

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed


turns = st.lists(st.lists(st.binary(min_size=1, max_size=9), max_size=4), max_size=5)


@given(turns)
def test_each_turn_leaves_as_one_piece_and_nothing_is_lost_or_reordered(
    written: list[list[bytes]],
) -> None:
    recorded = Recorded()

    async def scenario() -> None:
        transport = GatheringTransport(recorded, asyncio.get_running_loop())
        for turn in written:
            for data in turn:
                transport.write(data)
            await asyncio.sleep(0)

    asyncio.run(scenario())
    assert recorded.pieces == [b"".join(turn) for turn in written if turn]


def test_a_flush_sends_at_once_and_the_turns_end_sends_nothing_twice() -> None:
    recorded = Recorded()

    async def scenario() -> None:
        transport = GatheringTransport(recorded, asyncio.get_running_loop())
        transport.write(b"head")
        transport.write(b"body")
        transport.flush()
        assert recorded.pieces == [b"headbody"]
        await asyncio.sleep(0)

    asyncio.run(scenario())
    assert recorded.pieces == [b"headbody"]


def test_closing_sends_what_was_gathered_first() -> None:
    recorded = Recorded()

    async def scenario() -> None:
        transport = GatheringTransport(recorded, asyncio.get_running_loop())
        transport.write(b"head")
        transport.write(b"body")
        transport.close()
        await asyncio.sleep(0)

    asyncio.run(scenario())
    assert recorded.pieces == [b"headbody"]
    assert recorded.closed


def test_a_client_that_left_gets_nothing_more() -> None:
    recorded = Recorded()

    async def scenario() -> None:
        transport = GatheringTransport(recorded, asyncio.get_running_loop())
        transport.write(b"too late")
        recorded.close()
        await asyncio.sleep(0)

    asyncio.run(scenario())
    assert recorded.pieces == []


def test_the_rest_is_the_transports_own() -> None:
    recorded = Recorded()
    gathering = GatheringTransport(recorded, cast("asyncio.AbstractEventLoop", None))
    assert gathering.is_closing() is False
    assert gathering.get_extra_info("socket") is None
