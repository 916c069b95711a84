"""The kinds of events, each with its own fields. Names are those of the input tables.

Strict: a field that the kind does not have, a number for a text or an instant without its zone is
refused. Instants are turned to UTC here, once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from recommender.account import Value
from recommender.catalogue.base import Channel
from recommender.tables import EventKind


def _utc(at: datetime) -> datetime:
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise ValueError("out of range") from None


Instant = Annotated[AwareDatetime, AfterValidator(_utc)]
EventId = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:~+-]{0,63}$")]
"""Chosen by the sender, best at random (a UUID): who repeats one is not heard again."""
Name = Annotated[str, Field(min_length=1, max_length=64)]
Text = Annotated[str, Field(min_length=1, max_length=200)]
Minor = Annotated[int, Field(ge=-(2**53), le=2**53)]
"""Money in minor units, signed."""


class Occurrence(BaseModel):
    """What every event has. `decision_id` is the decision that caused it."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, allow_inf_nan=False, hide_input_in_errors=True
    )

    kind: EventKind
    event_id: EventId
    account_id: Annotated[str, Field(min_length=1, max_length=128)]
    at: Instant
    channel: Channel
    decision_id: Name | None = None


class About(Occurrence):
    """Something about a product or a life domain. Without a domain it is the product's."""

    product_id: Name | None = None
    domain: Name | None = None


class PageView(About):
    kind: Literal[EventKind.PAGE_VIEW]


class Search(About):
    kind: Literal[EventKind.SEARCH]


class Click(About):
    kind: Literal[EventKind.CLICK]
    action_id: Name | None = None


class Shown(About):
    """About something that was shown: an offer is known by its product, all else by its action."""

    action_id: Name | None = None

    @model_validator(mode="after")
    def _has_a_subject(self) -> Self:
        if self.product_id is None and self.action_id is None:
            raise ValueError("say what was shown: product_id of an offer, else action_id")
        return self


class Impression(Shown):
    """It really was on the screen, not merely in the answer."""

    kind: Literal[EventKind.IMPRESSION]


class Dismiss(Shown):
    kind: Literal[EventKind.DISMISS]


class NotInterested(Shown):
    kind: Literal[EventKind.NOT_INTERESTED]


class Declined(Shown):
    kind: Literal[EventKind.DECLINED]


class Step(Occurrence):
    """A step on the way to a product."""

    product_id: Name
    domain: Name | None = None


class Start(Step):
    kind: Literal[EventKind.START]


class Submit(Step):
    kind: Literal[EventKind.SUBMIT]


class Taken(Step):
    """The person has the product from this day on."""

    kind: Literal[EventKind.TAKEN]


class Complaint(Occurrence):
    case_id: Name


class ComplaintOpened(Complaint):
    """`promised_at`: by when we said we would answer."""

    kind: Literal[EventKind.COMPLAINT_OPENED]
    promised_at: Instant | None = None


class ComplaintAnswered(Complaint):
    kind: Literal[EventKind.COMPLAINT_ANSWERED]


class ComplaintClosed(Complaint):
    kind: Literal[EventKind.COMPLAINT_CLOSED]


class Rating(Occurrence):
    kind: Literal[EventKind.RATING]
    value: Annotated[int, Field(ge=1, le=5)]
    product_id: Name | None = None


class Nps(Occurrence):
    """Would you recommend us, 0 (never) to 10."""

    kind: Literal[EventKind.NPS]
    value: Annotated[int, Field(ge=0, le=10)]


class ContextChange(Occurrence):
    """An attribute that the catalogue declares is `after` now; None is unknown."""

    kind: Literal[EventKind.CONTEXT_CHANGE]
    attribute: Name
    before: Value | None = None
    after: Value | None


class PreferenceChange(Occurrence):
    """What the person asks for from now on: the last word on each subject counts.

    About `consent` (to `personalisation` or `marketing`: yes, no), about `contact` (normal, less,
    none), or about a `domain`, `product` or `type` of product (more, normal, less, none).
    """

    kind: Literal[EventKind.PREFERENCE_CHANGE]
    about: Literal["consent", "contact", "domain", "product", "type"]
    subject: Name | None = None
    wish: Literal["yes", "no", "more", "normal", "less", "none"]

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        subjects, wishes = _MAKES_SENSE.get(self.about, (None, _ABOUT_A_SUBJECT))
        if self.wish not in wishes:
            raise ValueError(f"wish: about {self.about} it is {', '.join(wishes)}")
        if subjects is None and self.subject is None:
            raise ValueError(f"subject: which {self.about}?")
        if subjects is not None and self.subject not in subjects:
            what = ", ".join(one for one in subjects if one) or "left out"
            raise ValueError(f"subject: about {self.about} it is {what}")
        return self


_ABOUT_A_SUBJECT = ("more", "normal", "less", "none")
_MAKES_SENSE: dict[str, tuple[tuple[str | None, ...], tuple[str, ...]]] = {
    "consent": (("personalisation", "marketing"), ("yes", "no")),
    "contact": ((None,), ("normal", "less", "none")),
}
"""The subjects and wishes there are; about anything else any subject, which a catalogue knows."""


class Transaction(Occurrence):
    """A booking at `at`. `balance_minor` is the balance after it."""

    kind: Literal[EventKind.TRANSACTION]
    amount_minor: Minor
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]
    counterparty: Text
    scheme: Name
    description: Text | None = None
    balance_minor: Minor | None = None


class AboutAlert(Occurrence):
    """What became of an alert on its way to the person, or what the person did with it."""

    alert_id: Annotated[str, Field(pattern=r"^[0-9a-f]{20}$")]


class AlertDelivered(AboutAlert):
    """It reached a device or a letter box, seen or not."""

    kind: Literal[EventKind.ALERT_DELIVERED]


class AlertSeen(AboutAlert):
    kind: Literal[EventKind.ALERT_SEEN]


class AlertDismissed(AboutAlert):
    """The person wants it off the screen; it comes back if it gets materially worse."""

    kind: Literal[EventKind.ALERT_DISMISSED]


Event: TypeAlias = Annotated[
    PageView
    | Search
    | Click
    | Impression
    | Dismiss
    | NotInterested
    | Start
    | Submit
    | Taken
    | Declined
    | ComplaintOpened
    | ComplaintAnswered
    | ComplaintClosed
    | Rating
    | Nps
    | ContextChange
    | PreferenceChange
    | Transaction
    | AlertDelivered
    | AlertSeen
    | AlertDismissed,
    Field(discriminator="kind"),
]

_ONE: TypeAdapter[Event] = TypeAdapter(Event)
_MANY: TypeAdapter[list[Event]] = TypeAdapter(list[Event])


def parse_event(text: bytes | str) -> Event:
    """One event from JSON. Raises pydantic.ValidationError."""
    return _ONE.validate_json(text)


def parse_events(texts: Sequence[bytes]) -> list[Event | ValidationError]:
    """Each text as an event or as what is wrong with it.

    All at once costs a third of one by one, which is how it is done when there is a bad one.
    """
    try:
        events = _MANY.validate_json(b"[" + b",".join(texts) + b"]")
    except ValidationError:
        events = []
    return [*events] if len(events) == len(texts) else [_parsed(text) for text in texts]


def _parsed(text: bytes) -> Event | ValidationError:
    try:
        return _ONE.validate_json(text)
    except ValidationError as error:
        return error


def event_schema(reference: str) -> dict[str, Any]:
    """The JSON schema of any event; `reference` has `{model}` where a kind's name goes."""
    return _ONE.json_schema(ref_template=reference)
