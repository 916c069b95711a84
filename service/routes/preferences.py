"""What a person asks for, and what changed in a person's life: both hold from the next request on.

GET, PUT  /v1/accounts/{account_id}/preferences
PATCH     /v1/accounts/{account_id}/context
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from uuid import uuid4

from fastapi import FastAPI, Request, Response
from pydantic import BaseModel, ConfigDict, RootModel

from recommender.account import Account, Value
from recommender.catalogue import Catalogue
from recommender.events import Event, stranger
from recommender.events.kinds import ContextChange, PreferenceChange
from recommender.events.preferences import FIELDS, NORMAL, preference_key, wish_of
from recommender.tables import EventKind
from service.auth.caller import Scope
from service.auth.gate import Gate
from service.body import parsed, read_body
from service.decisions import Decisions
from service.errors import BadRequest
from service.events.at_once import AtOnce
from service.query import account_id_from, refuse_parameters
from service.routes.json import json_response

Wished = Literal["more", "normal", "less", "none"]
Channel = Literal["web", "app", "branch", "phone"]


class Consents(BaseModel):
    """What is left out stays as it is."""

    model_config = ConfigDict(extra="forbid", strict=True)

    personalisation: bool | None = None
    marketing: bool | None = None


class Wanted(BaseModel):
    """A person's wishes: a domain, product or type that is left out is as for everyone.

    Consents, and how often we may speak at all, stay unless they are said: nobody lifts an
    objection by leaving it out.
    """

    model_config = ConfigDict(extra="forbid", strict=True)

    consent: Consents = Consents()
    contact: Literal["normal", "less", "none"] | None = None
    domains: dict[str, Wished] = {}
    products: dict[str, Wished] = {}
    types: dict[str, Wished] = {}
    channel: Channel = "web"

    def said(self) -> Iterator[tuple[str, str | None, str]]:
        """About what, of what, and what is wished, for all that is said here."""
        for name in ("personalisation", "marketing"):
            given: bool | None = getattr(self.consent, name)
            if given is not None:
                yield "consent", name, "yes" if given else "no"
        if self.contact is not None:
            yield "contact", None, self.contact
        for about, field in FIELDS.items():
            for subject, wish in getattr(self, field).items():
                yield about, subject, wish


Context = RootModel[dict[str, Value | None]]
"""Attributes by name; null is: no longer known."""


def add_preference_routes(app: FastAPI, gate: Gate, decisions: Decisions, at_once: AtOnce) -> None:
    path = "/v1/accounts/{account_id}/preferences"

    @app.get(path)
    async def preferences(account_id: str, request: Request) -> Response:
        account_id = _admitted(gate, request, Scope.PREFERENCES, account_id)
        live = decisions.in_force()
        account = await at_once.act(account_id, live.catalogue, lambda *_: ())
        return json_response(_preferences(account))

    @app.put(path)
    async def put_preferences(account_id: str, request: Request) -> Response:
        account_id = _admitted(gate, request, Scope.PREFERENCES, account_id)
        wanted = parsed(Wanted, await read_body(request))
        catalogue = decisions.in_force().catalogue
        nobody = Account.unknown(account_id)
        _refuse_strangers(_wishes(nobody, wanted.said(), wanted.channel, at_once), catalogue)

        def tell(account: Account, _: frozenset[str]) -> Sequence[Event]:
            return _wishes(account, _changed(account, wanted), wanted.channel, at_once)

        return json_response(_preferences(await at_once.act(account_id, catalogue, tell)))

    @app.patch("/v1/accounts/{account_id}/context")
    async def context(account_id: str, request: Request) -> Response:
        account_id = _admitted(gate, request, Scope.CONTEXT, account_id)
        changes = parsed(Context, await read_body(request)).root
        catalogue = decisions.in_force().catalogue

        def tell(account: Account, _: frozenset[str]) -> Sequence[Event]:
            return [_change(account, name, value, at_once) for name, value in changes.items()]

        _refuse_strangers(tell(Account.unknown(account_id), frozenset()), catalogue)
        account = await at_once.act(account_id, catalogue, tell)
        # who may write may not read for that: only what was sent is said back
        told = {name: value for name, value in account.attributes.items() if name in changes}
        return json_response({"account_id": account_id, "attributes": told})


def _admitted(gate: Gate, request: Request, scope: Scope, account_id: str) -> str:
    gate.admit_to(request.scope["headers"], scope, account_id)
    refuse_parameters(request.scope["query_string"])
    return account_id_from(account_id)


def _changed(account: Account, wanted: Wanted) -> Iterator[tuple[str, str | None, str]]:
    """What has to be said for `account` to be as `wanted`: nothing that it is already.

    A consent that a table gave or refused is said again, for what a table says may change.
    """
    wished = account.preferences
    for about, subject, wish in wanted.said():
        on_record = about != "consent" or preference_key(about, subject) in account.changed_at
        if wish != wish_of(account, about, subject) or not on_record:
            yield about, subject, wish
    for about, field in FIELDS.items():
        for subject in getattr(wished, field):
            if subject not in getattr(wanted, field):
                yield about, subject, NORMAL


def _wishes(
    account: Account,
    said: Iterator[tuple[str, str | None, str]],
    channel: Channel,
    at_once: AtOnce,
) -> list[Event]:
    return [
        PreferenceChange(
            kind=EventKind.PREFERENCE_CHANGE,
            about=about,  # type: ignore[arg-type]  # `Wanted` says nothing else
            subject=subject,
            wish=wish,  # type: ignore[arg-type]  # as above
            **_occurrence(account, preference_key(about, subject), channel, at_once),
        )
        for about, subject, wish in said
    ]


def _change(account: Account, name: str, after: Value | None, at_once: AtOnce) -> ContextChange:
    return ContextChange(
        kind=EventKind.CONTEXT_CHANGE,
        attribute=name,
        before=account.attributes.get(name),
        after=after,
        **_occurrence(account, name, "web", at_once),
    )


def _occurrence(account: Account, key: str, channel: Channel, at_once: AtOnce) -> dict[str, Any]:
    """After the last word on the subject, whatever clock that was told by: this one is the last."""
    at = datetime.fromtimestamp(at_once.clock(), UTC)
    said_at = account.changed_at.get(key)
    if said_at is not None:
        at = max(at, said_at + timedelta(microseconds=1))
    return {
        "event_id": uuid4().hex,
        "account_id": account.account_id,
        "at": at,
        "channel": channel,
    }


def _refuse_strangers(events: Sequence[Event], catalogue: Catalogue) -> None:
    """Raises BadRequest with everything that the catalogue does not know."""
    found = [
        (event, stranger(event, catalogue) or _unchangeable(event, catalogue)) for event in events
    ]
    mistakes = {_place(event): mistake for event, mistake in found if mistake is not None}
    if mistakes:
        raise BadRequest(mistakes)


def _unchangeable(event: Event, catalogue: Catalogue) -> str | None:
    """What nobody may change in passing: it is to check that people are treated alike."""
    if isinstance(event, ContextChange) and "audit" in catalogue.attributes[event.attribute].uses:
        return f"attribute: {event.attribute!r} is for audit only; it comes with the tables"
    return None


def _place(event: Event) -> str:
    """Where in the body an event was said."""
    if isinstance(event, PreferenceChange):
        return f"{FIELDS.get(event.about, event.about)}.{event.subject}"
    return event.attribute if isinstance(event, ContextChange) else event.kind


def _preferences(account: Account) -> dict[str, Any]:
    wished = account.preferences
    return {
        "account_id": account.account_id,
        "consent": {
            "personalisation": account.consent.personalisation,
            "marketing": account.consent.marketing,
        },
        "contact": wished.contact or NORMAL,
        **{field: getattr(wished, field) for field in FIELDS.values()},
    }
