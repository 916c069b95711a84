"""Looking at what was served: it is decided again, and what came out is compared byte for byte."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

import msgspec

from recommender import keyspace
from recommender.decision import Decision, Versions, encode
from recommender.errors import RaakError
from recommender.keyspace import Asked
from recommender.live import Live
from service.decision_log.again import Again, decide_again
from service.decision_log.served import Served

logger = logging.getLogger(__name__)


class Check(StrEnum):
    EQUAL = "equal"
    """Decided again, the very bytes came out that were served."""
    DIFFERS = "differs"
    """Something else came out: then what was served is what is logged, with its whole body."""
    NO_BUNDLE = "no_bundle"
    """What was in force is gone, so it could not be decided again."""


class Offered(msgspec.Struct, frozen=True):
    """What the log needs of a recommendation in a body."""

    action_id: str
    rank: int
    product_id: str | None = None
    propensity: float | None = None


class Said(msgspec.Struct, frozen=True):
    """What the log needs of a body that was sent."""

    decision_id: str
    account_id: str
    as_of: datetime
    versions: Versions
    recommendations: tuple[Offered, ...]


class Inputs(msgspec.Struct, frozen=True):
    """What is sealed. `state` is as Redis had it, `decision` as `encode` gives it; `body` is there
    only when it is not what `decision` comes to.
    """

    key: str
    state: bytes
    decision: bytes | None
    body: bytes | None = None

    def pack(self) -> bytes:
        return msgspec.msgpack.encode(self)


@dataclass(frozen=True, slots=True)
class Reviewed:
    """One decision, ready to be logged. `decision` is the one that was shown, if that is known."""

    said: Said
    asked: Asked
    explain: bool
    shown_at: datetime
    body_sha256: str
    check: Check
    decision: Decision | None
    inputs: bytes


class NotServed(Exception):
    """The bytes on the stream are no served answer."""


_said = msgspec.json.Decoder(Said)
_inputs = msgspec.msgpack.Decoder(Inputs)


def unpack_inputs(packed: bytes) -> Inputs:
    """Raises msgspec.DecodeError."""
    return _inputs.decode(packed)


def review(
    served: Served, said: Said, shown_ms: int, live_of: Callable[[str], Live | None]
) -> Reviewed:
    """What to log of a served answer, of which the body says `said`. Raises ValueError."""
    asked = keyspace.asked(served.key)
    live = live_of(asked.version)
    again = None if live is None else _again(served, asked, said, live)
    equal = again is not None and again.body == served.body
    decision = again.decision if again is not None and equal else None
    inputs = Inputs(
        key=served.key,
        state=served.state,
        decision=None if decision is None else encode(decision),
        body=None if equal else served.body,
    )
    check = Check.EQUAL if equal else Check.NO_BUNDLE if live is None else Check.DIFFERS
    return Reviewed(
        said=said,
        asked=asked,
        explain=served.explain,
        shown_at=datetime.fromtimestamp(shown_ms / 1000, UTC),
        body_sha256=hashlib.sha256(served.body).hexdigest(),
        check=check,
        decision=decision,
        inputs=inputs.pack(),
    )


def read_said(body: bytes) -> Said:
    """Raises NotServed."""
    try:
        return _said.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise NotServed(str(error)) from None


def _again(served: Served, asked: Asked, said: Said, live: Live) -> Again | None:
    try:
        return decide_again(served.state, asked, said.as_of, live, explain=served.explain)
    except RaakError as error:
        logger.error("decision %s cannot be made again: %s", said.decision_id, error)  # noqa: TRY400
        return None
    except Exception:  # the last line of defence: the log must go on, and say that it differs
        logger.exception("a fault while making decision %s again", said.decision_id)
        return None
