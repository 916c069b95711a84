"""Server-sent events of one account's alerts, for as long as a viewer watches and may.

`alerts` has all of them as they are, `alert` is one change, `end` says why no more will come. Each
of the first two has an id; who comes back with it as `Last-Event-ID` gets what came since, nothing
twice, and, where too much came since, all of them as they are.
https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import msgspec
from starlette.types import Receive, Scope, Send

from recommender.account import Account, AlertStatus, unpack
from recommender.alerts.life import Change
from recommender.alerts.wording import AlertAnswer, alert_answer
from recommender.errors import StateError
from recommender.live import Live
from service.alerts.bell import Bell
from service.alerts.config import AlertsConfig
from service.alerts.log_reader import LogReader, News
from service.alerts.sse import BEAT, Out, event
from service.alerts.standing import language_for, on_record
from service.auth.caller import Caller
from service.errors import Refused, StoreUnavailable, TooManyViewers
from service.one_write import CONNECTION
from service.problems import problem_of

logger = logging.getLogger(__name__)

AGAIN_S = 1.0
"""While Redis is away nothing can have come; so often it is tried again."""


class ChangeAnswer(msgspec.Struct, frozen=True):
    """The data of an `alert`; `alert` is there when it was raised, in the viewer's language."""

    alert_id: str
    kind: str
    status: AlertStatus
    times: int
    at: datetime
    alert: AlertAnswer | None


def worded(change: Change, language: str, live: Live) -> ChangeAnswer:
    alert = change.alert
    if alert is not None and alert.kind in live.catalogue.alerts:  # it may have left since
        told = alert_answer(alert, language, live.catalogue)
    else:
        told = None
    return ChangeAnswer(change.alert_id, change.kind, change.status, change.times, change.at, told)


@dataclass(slots=True)
class StreamTally:
    """Since the start of this process."""

    open: int = 0
    opened: int = 0
    refused: int = 0
    slow: int = 0


@dataclass
class Streams:
    """What all streams of a process share."""

    config: AlertsConfig
    logs: LogReader
    bell: Bell
    clock: Callable[[], float] = time.time
    tally: StreamTally = field(default_factory=StreamTally)

    @contextmanager
    def seat(self) -> Iterator[None]:
        """Raises TooManyViewers."""
        tally = self.tally
        if tally.open >= self.config.viewers:
            tally.refused += 1
            raise TooManyViewers("too many watch their alerts here; come back later")
        tally.open += 1
        tally.opened += 1
        try:
            yield
        finally:
            tally.open -= 1

    async def stop(self) -> None:
        await self.bell.stop()
        await self.logs.stop()


@dataclass
class Stream:
    """An ASGI response to one viewer.

    `admit` is asked again at every turn: it raises when the viewer's credentials are no longer
    good. `live` is what is in force at that moment; `wish` the language that was asked for.
    """

    streams: Streams
    account_id: str
    wish: str | None
    admit: Callable[[], Caller]
    live: Callable[[], Live]
    first: News

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            with self.streams.seat():
                await self._serve(scope, receive, send)
        except TooManyViewers as refused:
            await problem_of(refused).send(send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        connection = scope.get("extensions", {}).get(CONNECTION)
        closing = asyncio.Event() if connection is None else connection.closing
        watching = asyncio.ensure_future(
            self._watch(Out(send, self.streams.config.slow_s), closing)
        )
        leaving = asyncio.ensure_future(_left(receive))
        try:
            await asyncio.wait((watching, leaving), return_when=asyncio.FIRST_COMPLETED)
            if watching.done():
                watching.result()
        except TimeoutError:
            self.streams.tally.slow += 1
            logger.info("a viewer of alerts does not take what is sent, and is dropped")
            if connection is None:
                raise
            connection.abort()
        finally:
            for task in (watching, leaving):
                task.cancel()
            await asyncio.wait((watching, leaving))

    async def _watch(self, out: Out, closing: asyncio.Event) -> None:
        await out.start()
        last, reason = await self._tell(out, self.first), None
        # it listens from here on, and looks once more for what came before it did
        with self.streams.bell.heard_by(self.account_id) as rung:
            while reason is None:
                try:
                    last = await self._tell(
                        out, await self.streams.logs.after(self.account_id, last)
                    )
                    patience = self.streams.config.beat_s
                except StoreUnavailable:
                    patience = AGAIN_S
                reason = await self._wait(rung, closing, patience)
                if reason is None and not rung.is_set():
                    await out.send(BEAT)
                rung.clear()
        await out.end(event("end", {"reason": reason}))

    async def _tell(self, out: Out, news: News) -> str:
        """The id of the last change that the viewer has now."""
        live, now = self.live(), self.streams.clock()
        account = _account(self.account_id, news.state)
        language = language_for(account, self.wish, live)
        if news.changes is None:
            as_of = datetime.fromtimestamp(now, UTC)
            alerts = on_record(account, language, live, now)
            told = {"account_id": self.account_id, "as_of": as_of, "alerts": alerts}
            await out.send(event("alerts", told, news.last))
        for name, change in news.changes or ():
            await out.send(event("alert", worded(change, language, live), name))
        return news.last

    async def _wait(
        self, rung: asyncio.Event, closing: asyncio.Event, patience: float
    ) -> str | None:
        """Until there may be news, `patience` seconds at most. Why the stream must end, if so."""
        try:
            expires_at = self.admit().expires_at
        except Refused:
            return "your credentials are no longer good"
        if expires_at is not None:
            patience = min(patience, max(0.0, expires_at - self.streams.clock()))
        waits = [asyncio.ensure_future(one.wait()) for one in (rung, closing)]
        try:
            await asyncio.wait(waits, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waits:
                one.cancel()
        return "this server is stopping" if closing.is_set() else None


def _account(account_id: str, state: bytes | None) -> Account:
    """One that this version cannot read has no alerts until it is published again."""
    try:
        return Account.unknown(account_id) if state is None else unpack(state)
    except StateError as error:
        logger.warning("%s", error)
        return Account.unknown(account_id)


async def _left(receive: Receive) -> None:
    """Return when the viewer has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
