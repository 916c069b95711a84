"""Care before commerce, seen on one person: before something goes wrong, while it is, and after.

What happens is told to the running service as a back end would, and undone at the end.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import click

from cli.demo.access import Access
from cli.demo.api import Api, path
from cli.demo.conversation import print_answer, verdict
from cli.demo.questions import PLACEMENT, Body, Expectation, offers

SEEN_SECONDS = 20.0
"""How long something that was told may take to show; a worker needs milliseconds."""

QUERY = {"placement": PLACEMENT, "channel": "web", "language": "en"}
SHORTFALL, HAPPY = "demo-shortfall", "demo-retiring"
PLENTY_MINOR = 400_000


@dataclass(frozen=True, slots=True)
class Scene:
    """What happened, and what must then be seen within seconds."""

    told: str
    event: dict[str, Any] | None
    expected: Expectation


def sells(body: Body) -> bool:
    return bool(offers(body))


def first_is(action_id: str) -> Callable[[Body], bool]:
    return lambda body: bool(body["recommendations"][0]["action_id"] == action_id)


def complaint(account_id: str) -> Iterator[Scene]:
    """Opened, and closed again."""
    case = {"account_id": account_id, "case_id": f"demo-{uuid4().hex[:8]}"}
    remedy_first = first_is("complaint_status")
    yield Scene("On an ordinary day", None, ("there are offers", sells))
    yield Scene(
        "A complaint is opened",
        {"kind": "complaint_opened", **case},
        (
            "the complaint comes first and nothing is sold",
            lambda body: remedy_first(body) and not sells(body),
        ),
    )
    yield Scene(
        "The complaint is closed", {"kind": "complaint_closed", **case}, ("offers are back", sells)
    )


def shortfall(account_id: str, balance_minor: int) -> Iterator[Scene]:
    """A debit is larger than the balance; then money comes in, and goes out again."""
    remedy_first = first_is("bridge_the_gap")
    short: Expectation = (
        "the remedy comes first and there is an alert",
        lambda body: remedy_first(body) and bool(body["alerts"]),
    )
    yield Scene("A debit ahead is larger than the balance", None, short)
    yield Scene(
        "The salary comes in",
        booking(account_id, PLENTY_MINOR, balance_minor + PLENTY_MINOR),
        (
            "the alert is gone, and so is the remedy",
            lambda body: not remedy_first(body) and not body["alerts"],
        ),
    )
    yield Scene(
        "And is spent the same day", booking(account_id, -PLENTY_MINOR, balance_minor), short
    )


def booking(account_id: str, amount_minor: int, balance_minor: int) -> dict[str, Any]:
    return {
        "kind": "transaction",
        "account_id": account_id,
        "amount_minor": amount_minor,
        "currency": "EUR",
        "counterparty": "The employer" if amount_minor > 0 else "A shop",
        "scheme": "salary" if amount_minor > 0 else "card",
        "balance_minor": balance_minor,
    }


def tell_story(base: str, access: Access) -> bool:
    """Play both scenes at the service at `base`; True when every answer is as it must be."""
    api = Api(base, {"X-API-Key": access.api_key, "Content-Type": "application/json"})
    balance = api.get(f"/v1/accounts/{SHORTFALL}").body["profile"]["balance_minor"]
    right = True
    for title, account_id, scenes in (
        ("The same person, with and without an open complaint", HAPPY, complaint(HAPPY)),
        (
            "The same person, with and without a shortfall ahead",
            SHORTFALL,
            shortfall(SHORTFALL, balance),
        ),
    ):
        click.secho(f"\n{title}: {account_id}", bold=True)
        for scene in scenes:
            right &= _play(scene, account_id, api)
    return right


def _play(scene: Scene, account_id: str, api: Api) -> bool:
    click.echo(f" {scene.told}:")
    words, holds = scene.expected
    if scene.event is not None:
        # Each a little later than the last: of two bookings at one instant none is the last.
        at = datetime.now(UTC) + timedelta(milliseconds=1)
        event = {"event_id": uuid4().hex, "at": at.isoformat(), "channel": "web", **scene.event}
        if api.post("/v1/events", event).body.get("accepted") != 1:
            return verdict("the event is accepted", holds=False)
    body = _seen(account_id, api, holds)
    print_answer(body)
    return verdict(words, holds=holds(body))


def _seen(account_id: str, api: Api, holds: Callable[[Body], bool]) -> Body:
    """The answer once it is as expected, or the last one in time."""
    deadline = time.monotonic() + SEEN_SECONDS
    while True:
        body = api.get(path(account_id, **QUERY)).body
        if holds(body) or time.monotonic() > deadline:
            return body
        time.sleep(0.05)
