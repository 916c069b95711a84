"""Gathered writes: the same bytes in the same order, in fewer pieces, and none after the end."""

from __future__ import annotations

import asyncio
import re
import socket
from typing import cast

import pytest
import uvicorn
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Message, Receive, Scope, Send

from service.one_write import WHOLE, AnswerWhole, GatheringTransport, OneWriteProtocol


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


BODY = b'{"answer": "whole"}'
HEAD = b"content-type: application/json\r\ncontent-length: %d\r\n" % len(BODY)
HEADERS = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(BODY))]
ASKED = b"GET /%b HTTP/1.1\r\nhost: here\r\n\r\n"


class BothWays:
    """Answers `/whole` whole where it can, `/wrapped` as under a middleware, and everything else
    piece by piece; counts what left whole.
    """

    def __init__(self) -> None:
        self.whole = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        del receive
        answer_whole: AnswerWhole = scope["extensions"][WHOLE]

        async def wrapped(message: Message) -> None:
            await send(message)

        through = wrapped if scope["path"] == "/wrapped" else send
        if scope["path"] != "/pieces" and answer_whole(through, HEAD, BODY):
            self.whole += 1
            return
        await through({"type": "http.response.start", "status": 200, "headers": HEADERS})
        await through({"type": "http.response.body", "body": BODY})


def exchanged(*requests: bytes) -> tuple[list[bytes], int]:
    """All that one connection gets for these bytes, each sent at once, then nothing more; without
    the dates. And how many answers left whole.
    """
    app = BothWays()

    async def scenario() -> list[bytes]:
        config = uvicorn.Config(
            app, http=OneWriteProtocol, lifespan="off", log_config=None, access_log=False
        )
        server = uvicorn.Server(config)
        with socket.create_server(("127.0.0.1", 0)) as listening:
            serving = asyncio.create_task(server.serve([listening]))
            reader, writer = await asyncio.open_connection(*listening.getsockname())
            said = []
            for request in requests:
                writer.write(request)
                methods = re.findall(rb"(\w+) /\w+ HTTP/1", request)
                said.append(b"".join([await answered(reader, method) for method in methods]))
            writer.close()
            server.should_exit = True
            await serving
        return said

    return asyncio.run(scenario()), app.whole


async def answered(reader: asyncio.StreamReader, method: bytes) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    body = b"" if method == b"HEAD" else await reader.readexactly(len(BODY))
    return re.sub(rb"date: [^\r]*", b"date: then", head) + body


def test_a_whole_answer_is_the_one_that_is_sent_piece_by_piece() -> None:
    whole, pieces = ASKED % b"whole", ASKED % b"pieces"
    (first, second, third), left_whole = exchanged(whole, pieces, whole)
    assert first == second == third
    assert first.startswith(b"HTTP/1.1 200 OK\r\n")
    assert left_whole == 2


def test_requests_that_come_in_one_piece_are_answered_in_order() -> None:
    one = exchanged(ASKED % b"pieces")[0][0]
    (said,), left_whole = exchanged(2 * (ASKED % b"whole" + ASKED % b"pieces") + ASKED % b"whole")
    assert said == 5 * one
    assert left_whole == 1  # the last; while the others are answered, more wait behind them


def test_who_asks_for_the_head_gets_no_body() -> None:
    asked = ASKED.replace(b"GET", b"HEAD")
    (said, *others), left_whole = exchanged(asked % b"whole", asked % b"pieces", ASKED % b"pieces")
    assert said == others[0] == others[1].removesuffix(BODY)
    assert left_whole == 0


def test_who_wraps_the_servers_send_sees_what_is_sent() -> None:
    (wrapped, pieces), left_whole = exchanged(ASKED % b"wrapped", ASKED % b"pieces")
    assert wrapped == pieces
    assert left_whole == 0


@pytest.mark.parametrize(
    "request_",
    [b"GET /whole HTTP/1.0\r\n\r\n", ASKED[:-2] % b"whole" + b"connection: close\r\n\r\n"],
)
def test_who_wants_the_connection_closed_is_answered_as_ever(request_: bytes) -> None:
    (said,), left_whole = exchanged(request_)
    assert b"connection: close" in said
    assert left_whole == 0
