"""The reads of concurrent requests share one round trip.

Whoever reads while a round trip is under way joins the next one, so the busier the service, the
less each read costs. A batch is ONE `MGET raak:live <state> <decision> <state> <decision> ...`;
fresh decisions leave behind it, so that a read does not wait for what is written meanwhile.

Failing is decided once for all: when a round trip takes longer than the timeout or the
connection breaks, everyone waiting fails at once, and every read after that fails without
waiting until Redis answers again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from redis.exceptions import ResponseError

from recommender import keyspace
from service.decision_log.config import DecisionLogConfig
from service.decision_log.outbox import Outbox, Record
from service.errors import StoreUnavailable
from service.store.link import FAILURES, Link, RedisConfig
from service.store.waiters import About, Made, Make, Read, Waiter, as_read, hand_out
from service.store.writes import WriteBehind

logger = logging.getLogger(__name__)

STALL_S = 0.01
"""A timer this late means that it was this process that stood still, not Redis."""

IDLE_FLUSH_S = 0.01
"""How long a write waits for a read to ride along with."""

JOINING_TURNS = 3
"""Turns of the event loop from an answer to the question that follows it: the answer is sent, the
question read, its task begun."""
MOST_JOINING_TURNS = 16
"""However many go on joining."""


class Reader:
    """Reads accounts' keys and tells `on_pointer` which version each round trip saw in force."""

    def __init__(
        self,
        config: RedisConfig,
        on_pointer: Callable[[bytes | None], None],
        outbox: Outbox | None = None,
    ) -> None:
        self._config = config
        self._on_pointer = on_pointer
        self._timeout_s = config.timeout_ms / 1000
        self.outbox = Outbox(DecisionLogConfig()) if outbox is None else outbox
        self._writes = WriteBehind(config.write_capacity, self.outbox)
        self._waiting: list[Waiter] = []
        self._batch: list[Waiter] = []
        self._link: Link | None = None
        self._pump: asyncio.Task[None] | None = None
        self._tending: asyncio.Task[None] | None = None
        self._afterwards: list[Callable[[], None]] = []
        self._flushing: asyncio.TimerHandle | None = None
        self._idle = True
        self._rose_at = 0.0
        self.round_trips = 0
        self.failures = 0
        self.writes_failed = 0

    @property
    def up(self) -> bool:
        return self._link is not None

    @property
    def writes_dropped(self) -> int:
        return self._writes.dropped

    async def start(self) -> None:
        """Try to connect once, then keep trying in the background. A Redis that is down is fine."""
        self._loop = asyncio.get_running_loop()
        self._fell = asyncio.Event()
        await self._rise()
        self._tending = self._loop.create_task(self._tend())

    async def stop(self) -> None:
        """Write what waits to be written, then fail whoever still reads."""
        await self.flush()
        if self._tending is not None:
            self._tending.cancel()
        if self._link is not None:
            await self._link.close()
            self._fail_everyone("this service is stopping")

    def read(self, state_key: str, decision_key: str) -> asyncio.Future[Read]:
        """One account's state and decision, as `ask` reads them."""
        return self.ask(state_key, decision_key, None, as_read)

    def ask(
        self, state_key: str, decision_key: str, about: About, make: Make[About, Made]
    ) -> asyncio.Future[Made]:
        """What `make` makes of one account's state and decision, one round trip away.

        `make` is called once for all who share the round trip: a dozen answers made together cost
        much less than each for itself. `about` is handed to it with what was read.

        Raises StoreUnavailable: at once when Redis is known to be down, else from the future.
        What `make` raises, everyone gets whom it was called for.
        """
        if self._link is None:
            raise StoreUnavailable("Redis is down")
        future: asyncio.Future[Made] = self._loop.create_future()
        self._waiting.append(Waiter(state_key, decision_key, make, about, future))
        if self._pump is None:
            self._pump = self._loop.create_task(self._run(self._link))
        return future

    def write_later(self, key: str, value: bytes, ttl_ms: int) -> None:
        """Written together with the next read, or shortly when nobody reads. May be lost."""
        self._writes.add(key, value, ttl_ms)
        self._flush_soon()

    def log_later(self, served: Record) -> None:
        """Put on the decision log's stream as `write_later` writes. Lost only if counted."""
        self.outbox.add(served)
        self._flush_soon()

    def afterwards(self, work: Callable[[], None]) -> None:
        """Do `work`, which may write and log, while Redis is at the next read: nobody waits.

        It must not raise: that would be a fault in somebody else's round trip.
        """
        self._afterwards.append(work)
        self._flush_soon()

    def _flush_soon(self) -> None:
        if self._flushing is None:
            self._flushing = self._loop.call_later(IDLE_FLUSH_S, self._flush_idle)

    def _flush_idle(self) -> None:
        """Make a round trip for what nobody's read took along."""
        self._flushing = None
        if self._to_write and self._link is not None:
            self._go()
            self._flush_soon()  # the round trip under way may have left without it

    @property
    def _to_write(self) -> bool:
        return bool(self._afterwards or self._writes)

    async def look(self) -> None:
        """Make one round trip for nobody: it tells `on_pointer` what is in force."""
        self._go()
        if self._pump is not None:
            await asyncio.wait([self._pump])

    async def flush(self) -> None:
        """Return when nothing waits to be written, or Redis fell."""
        while self._link is not None and (self._to_write or self._pump is not None):
            await self.look()

    def _go(self) -> None:
        if self._pump is None and self._link is not None:
            self._pump = self._loop.create_task(self._run(self._link))

    async def _run(self, link: Link) -> None:
        """Round trips, one after the other, until nobody waits."""
        try:
            await self._round_trip(link)
            while self._waiting:
                await self._joined()
                await self._round_trip(link)
        except FAILURES as error:
            self._fall(repr(error))
        except BaseException:
            if self._link is link:
                self._fall("a fault in this service")  # nobody is left waiting
            raise
        finally:
            if self._link is link:
                self._pump = None
            else:
                await link.close()

    async def _joined(self) -> None:
        """Return when nobody else is about to join.

        Whoever was just answered may ask again, and those who waited meanwhile would go without
        them: two halves that take turns. Together they cost less, for the processor's caches and
        branch predictor are cold after each change from computing to talking and back.
        """
        for turn in range(1, MOST_JOINING_TURNS + 1):
            before = len(self._waiting)
            if before >= self._config.most_reads:
                return
            await asyncio.sleep(0)
            if turn >= JOINING_TURNS and len(self._waiting) == before:
                return

    async def _round_trip(self, link: Link) -> None:
        most = self._config.most_reads
        batch, self._waiting = self._waiting[:most], self._waiting[most:]
        self._batch = batch
        keys = [key for waiter in batch for key in waiter[:2]]
        with self._in_time(link):
            await link.send(("MGET", keyspace.LIVE, *keys))
        # while Redis reads
        afterwards, self._afterwards = self._afterwards, []
        for work in afterwards:
            work()
        write = self._writes.take(self._config.most_writes)
        with self._in_time(link):
            if write is not None:
                await link.send(write)
            values = await link.reply()
        self._hand_out(batch, values)
        if write is not None:
            with self._in_time(link):
                await self._settle(link)

    @contextmanager
    def _in_time(self, link: Link) -> Iterator[None]:
        """Redis falls when what is awaited takes longer than the timeout."""
        due = self._loop.time() + self._timeout_s
        self._timer = self._loop.call_at(due, self._overdue, link, due, True)
        try:
            yield
        finally:
            self._timer.cancel()

    def _hand_out(self, batch: list[Waiter], values: list[bytes | None]) -> None:
        self.round_trips += 1
        self._idle = False
        self._on_pointer(values[0])
        hand_out(batch, values)
        self._batch = []

    async def _settle(self, link: Link) -> None:
        """Read the reply to the writes; a Redis that reads but cannot write still serves."""
        try:
            streamed = await link.reply()
        except ResponseError as error:
            if not self.writes_failed:
                logger.warning("Redis refuses to store decisions: %s", error)
            self.writes_failed += 1
            self.outbox.refuse()
        else:
            self.outbox.settle(streamed=bool(streamed))

    def _overdue(self, link: Link, due: float, benefit_of_doubt: bool) -> None:  # noqa: FBT001
        """The round trip took too long, unless the reply is here and we were the slow ones."""
        if benefit_of_doubt and self._loop.time() - due > STALL_S:
            self._timer = self._loop.call_later(STALL_S / 2, self._overdue, link, due, False)
        elif self._link is link:
            self._fall(f"no answer within {self._config.timeout_ms} ms")

    def _fall(self, why: str) -> None:
        """Redis is down from here on; whoever waits is told at once."""
        logger.warning("Redis is down: %s", why)
        self.failures += 1
        self._fail_everyone(why)
        self._fell.set()

    def _fail_everyone(self, why: str) -> None:
        waiters, self._batch, self._waiting = self._batch + self._waiting, [], []
        pump, self._pump, self._link = self._pump, None, None
        for waiter in waiters:
            if not waiter.future.done():
                waiter.future.set_exception(StoreUnavailable(why))
        if pump is not None and pump is not asyncio.current_task():
            pump.cancel()

    async def _tend(self) -> None:
        """Bring a fallen Redis back, and look at an idle one: its pointer may have moved."""
        probe_s = self._config.probe_ms / 1000
        while True:
            if self._link is None:
                await self._rise()
            elif self._idle:
                self._go()
            self._idle = True
            self._fell.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(probe_s):
                    await self._fell.wait()
            if self._loop.time() - self._rose_at < probe_s:  # it falls as soon as it rises
                await asyncio.sleep(probe_s)

    async def _rise(self) -> None:
        try:
            self._link = await Link.open(self._config, self._config.timeout_ms)
        except FAILURES as error:
            logger.debug("Redis is still down: %r", error)
        else:
            self._rose_at = self._loop.time()
            logger.info("Redis is up")
