"""Reading a batch of events: what is wrong with one never spoils the others."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple, Self

import msgspec
from pydantic import ValidationError

from recommender.catalogue import Catalogue
from recommender.events import Event, parse_events, stranger
from recommender.rules.names import suggestion
from recommender.tables import EventKind
from service.account_id import is_account_id
from service.auth.caller import Caller
from service.errors import BadRequest
from service.events.config import EventsConfig

MOST_EVENT_BYTES = 8_192
"""Far more than any event needs; spaces count."""

OWN_KINDS = frozenset(
    {
        EventKind.PAGE_VIEW,
        EventKind.SEARCH,
        EventKind.CLICK,
        EventKind.IMPRESSION,
        EventKind.DISMISS,
        EventKind.NOT_INTERESTED,
        EventKind.DECLINED,
        EventKind.START,
        EventKind.SUBMIT,
        EventKind.RATING,
        EventKind.NPS,
        EventKind.ALERT_DELIVERED,
        EventKind.ALERT_SEEN,
        EventKind.ALERT_DISMISSED,
    }
)
"""What a person's own browser may tell. The rest are facts that only a back end states."""

RANDOM_ID = re.compile(
    r"[0-9a-f]{8}(-?)[0-9a-f]{4}\1[47][0-9a-f]{3}\1[89ab][0-9a-f]{3}\1[0-9a-f]{12}", re.IGNORECASE
)
"""A UUID of version 4 or 7, with hyphens or without. Ids are one space for all senders, so a person
who may choose them could use up those that the bank is about to send of others."""

KINDS = tuple(kind.value for kind in EventKind)

Raw = msgspec.Raw
_ARRAY = msgspec.json.Decoder(list[Raw])
_OBJECT = msgspec.json.Decoder(dict[str, Raw])
_LOOSE = msgspec.json.Decoder(dict[str, object])


class Good(NamedTuple):
    """An event to be taken: where it stood in the batch, and its own bytes."""

    position: int
    event_id: str
    account_id: str
    text: bytes


class Bad(NamedTuple):
    """An event that is refused, and why. Its id, if it has a readable one."""

    position: int
    event_id: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Border:
    """What an event must pass: known names, a plausible instant, an account the caller may name."""

    catalogue: Catalogue
    config: EventsConfig
    caller: Caller
    earliest: datetime
    latest: datetime

    @classmethod
    def at(cls, now: float, catalogue: Catalogue, config: EventsConfig, caller: Caller) -> Self:
        """`now` in seconds since 1970."""
        return cls(
            catalogue,
            config,
            caller,
            datetime.fromtimestamp(now - config.window_s, UTC),
            datetime.fromtimestamp(now + config.ahead_s, UTC),
        )

    def objection(self, event: Event) -> str | None:
        """Why `event` is refused; None when it is not."""
        if is_account_id(event.account_id) is None:
            return "account_id: letters, digits or any of . _ ~ @ + : -"
        if self.caller.account_id is not None:
            if event.account_id != self.caller.account_id:
                return "account_id: not the account of this token"
            if event.kind not in OWN_KINDS:
                return f"kind: only a back end may tell {event.kind}"
            if RANDOM_ID.fullmatch(event.event_id) is None:
                return "event_id: a person's token needs a random UUID (version 4 or 7) an event"
        return self._bad_time(event.at) or stranger(event, self.catalogue)

    def _bad_time(self, at: datetime) -> str | None:
        if at > self.latest:
            return f"at: more than {self.config.ahead_s} s in the future"
        if at < self.earliest:
            return f"at: more than {self.config.window_hours} hours ago, too late to be taken once"
        return None


def read_batch(body: bytes, border: Border) -> list[Good | Bad]:
    """One verdict an event, in their order.

    The body is one event, a JSON array of events, or `{"events": [...]}`. Raises BadRequest when
    it is none of these, or holds no event or too many.
    """
    raws = _split(body)
    if not 1 <= len(raws) <= border.config.most:
        raise BadRequest({"events": f"send 1 to {border.config.most} events, not {len(raws)}"})
    texts = [bytes(raw) for raw in raws]
    return [
        _verdict(position, text, event, border)
        for position, (text, event) in enumerate(zip(texts, parse_events(texts), strict=True))
    ]


def _split(body: bytes) -> list[Raw]:
    """The events' own texts. Half a surrogate pair, which only one event has, spoils no other."""
    try:
        return _split_strictly(body)
    except msgspec.DecodeError as error:
        first = str(error)
    try:
        loose = json.dumps(json.loads(body), ensure_ascii=False)
        return _split_strictly(loose.encode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError):  # msgspec's own error is a ValueError
        raise BadRequest({"body": f"the body is no JSON of events: {first}"}) from None


def _split_strictly(body: bytes) -> list[Raw]:
    try:
        if body.lstrip()[:1] == b"[":
            return _ARRAY.decode(body)
        fields = _OBJECT.decode(body)
        if "events" not in fields:
            return [Raw(body)]
        if len(fields) > 1:
            strange = next(name for name in fields if name != "events")
            raise BadRequest({strange[:40]: f"unknown field {strange[:40]!r} beside events"})
        return _ARRAY.decode(fields["events"])
    except (UnicodeDecodeError, RecursionError):
        raise BadRequest({"body": "the body is no JSON of events"}) from None


def _verdict(
    position: int, text: bytes, event: Event | ValidationError, border: Border
) -> Good | Bad:
    if isinstance(event, ValidationError):
        return Bad(position, _id_in(text), _mistakes(event))
    if len(text) > MOST_EVENT_BYTES:
        return Bad(position, event.event_id, f"longer than {MOST_EVENT_BYTES} bytes")
    objection = border.objection(event)
    if objection is not None:
        return Bad(position, event.event_id, objection)
    return Good(position, event.event_id, event.account_id, text)


def _id_in(text: bytes) -> str | None:
    try:
        found = _LOOSE.decode(text).get("event_id")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return found[:64] if isinstance(found, str) else None


def _mistakes(error: ValidationError) -> str:
    """Every mistake of one event in a line; never what was sent, but for the name of a kind."""
    return "; ".join(
        map(_mistake, error.errors(include_url=False, include_input=False))  # type: ignore[arg-type]
    )


def _mistake(mistake: dict[str, object]) -> str:
    context = mistake.get("ctx")
    if mistake["type"] == "union_tag_invalid" and isinstance(context, dict):
        kind = str(context["tag"])[:40]
        return f"kind: unknown {kind!r}; {suggestion(kind, KINDS)}"
    if mistake["type"] == "union_tag_not_found":
        return "kind: missing"
    place = mistake["loc"]
    fields = [str(part) for part in place] if isinstance(place, tuple) else []
    named = [part[:40] for part in fields if part not in KINDS]
    said = str(mistake["msg"]).removeprefix("Value error, ")
    return ": ".join([*named, said])
