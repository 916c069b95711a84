"""Sending what is due. At least once: a sender that dies is replaced, and says it again."""

from __future__ import annotations

import http.client
import logging
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import redis

from recommender import keyspace
from recommender.account import AlertStatus, unpack
from recommender.errors import StateError
from service.events.stream import RETRY_S, text
from service.webhooks.config import WebhooksConfig
from service.webhooks.delivery import Delivery, unpack_delivery
from service.webhooks.in_time import Deadline
from service.webhooks.tally import WebhookTally
from service.webhooks.target import Refused, Target, post

logger = logging.getLogger(__name__)

IDLE_S = 0.25
MOST_DEAD = 10_000
GONE = 410
"""Who answers so wants no more of this: it is not tried again."""

SLACK_S = 10.0
"""So much longer than its call may take a delivery is kept from others: Redis takes time too."""
MOVES = 256
"""How many that are due one step of Redis puts on the queues of their addresses."""

_LUA = Path(__file__).with_name("lua")


class Claimed(NamedTuple):
    """A delivery as it is on the queue of its address."""

    address: str
    packed: bytes


@dataclass
class Sender:
    """One of a worker's senders, with a connection of its own."""

    client: redis.Redis
    config: WebhooksConfig
    tally: WebhookTally = field(default_factory=WebhookTally)
    clock: Callable[[], float] = time.time

    def __post_init__(self) -> None:
        self._claim = self.client.register_script((_LUA / "claim.lua").read_text("utf-8"))
        self._settle = self.client.register_script((_LUA / "settle.lua").read_text("utf-8"))
        self._trust = ssl.create_default_context()
        if self.config.ca_file is not None:
            self._trust.load_verify_locations(self.config.ca_file)

    def run(self, stop: threading.Event) -> None:
        """Until `stop`."""
        while not stop.is_set():
            try:
                if not self.once():
                    stop.wait(IDLE_S)
            except redis.RedisError as error:
                logger.warning("Redis is away or refuses: %r", error)
                stop.wait(RETRY_S)

    def once(self) -> bool:
        """Send one that is due. False when there is nothing that may be sent now."""
        now, config = self.clock(), self.config
        keys = [keyspace.WEBHOOKS, keyspace.WEBHOOKS_ADDRESSES, keyspace.webhooks_due("")]
        until = now + config.timeout_s + SLACK_S
        said: Any = self._claim(keys, [now, until, config.most_per_address, MOVES, *config.urls])
        if said:
            address, packed = said
            self._deliver(Claimed(text(address), packed))
        return said is not None

    def _deliver(self, claimed: Claimed) -> None:
        try:
            delivery = unpack_delivery(claimed.packed)
        except msgspec.DecodeError as error:
            self._bury(claimed, claimed.packed, f"unreadable: {error}")
            return
        if delivery.url not in self.config.urls:
            self._bury(claimed, claimed.packed, "its address is no longer listed")
        elif self._withdrawn(delivery):
            self.tally.withdrawn += self._settled(claimed)
        elif (begins := delivery.sent_from(now := self.clock())) > now:
            # the queue was so long that the night came first
            self._settled(claimed, begins, claimed.packed)
        else:
            self._try(claimed, delivery)

    def _try(self, claimed: Claimed, delivery: Delivery) -> None:
        failed = self._sent(delivery)
        if failed is None:
            self.tally.sent += self._settled(claimed)
            return
        again = msgspec.structs.replace(delivery, attempt=delivery.attempt + 1)
        self.tally.failed += 1
        if again.attempt >= self.config.attempts or failed == _status(GONE):
            self._bury(claimed, again.pack(), failed)
            return
        now = self.clock()
        wait_s = delivery.backs_off_s(self.config.first_s, self.config.most_s)
        due = again.sent_from(now + wait_s)
        logger.info("webhook %s: %s; again in %.0f s", delivery.id, failed, due - now)
        self._settled(claimed, due, again.pack())

    def _sent(self, delivery: Delivery) -> str | None:
        """Why it was not taken; None when it was."""
        config = self.config
        try:
            deadline = Deadline.after(config.timeout_s)
            target = Target.of(delivery.url, allow_loopback=config.allow_loopback)
            address = target.located(
                allow_private=config.allow_private,
                allow_loopback=config.allow_loopback,
                timeout_s=deadline.left(),
            )
            headers = delivery.headers(config.keys, self.clock())
            body = delivery.body.encode()
            status = post(target, address, headers, body, deadline.left(), self._trust)
        except (Refused, OSError, ValueError, http.client.HTTPException) as error:
            return f"{type(error).__name__}: {error}"
        return None if 200 <= status < 300 else _status(status)

    def _withdrawn(self, delivery: Delivery) -> bool:
        """Whether there is nothing to tell any more: its cause went, or the person saw it."""
        if delivery.status is not AlertStatus.RAISED:
            return False
        state: Any = self.client.get(keyspace.state(delivery.account_id))
        if state is None:
            return True
        try:
            records = unpack(state).alerts
        except StateError:
            return False
        known = (delivery.alert_id, delivery.times)
        still = [one for one in records if (one.alert_id, one.times) == known]
        return not still or still[0].status not in (AlertStatus.RAISED, AlertStatus.DELIVERED)

    def _bury(self, claimed: Claimed, letter: bytes, reason: str) -> None:
        buried = self._settled(claimed, "", letter, reason[:500], MOST_DEAD)
        if buried:
            logger.warning("a webhook is given up: %s", reason)
        self.tally.dead += buried

    def _settled(self, claimed: Claimed, *outcome: bytes | str | float) -> int:
        queue = keyspace.webhooks_due(claimed.address)
        keys = [queue, keyspace.WEBHOOKS, keyspace.WEBHOOKS_DEAD]
        return int(str(self._settle(keys, [claimed.packed, *outcome])))


def _status(status: int) -> str:
    return f"it answered {status}"
