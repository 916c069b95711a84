"""POST /v1/accounts/{account_id}/contacts: what is about to be shown asks for its place first.

The one budget of all channels is spent here, when something is shown, not when it is decided.
Each action is granted once; who asks again after a timeout gets the same grant.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Literal, NamedTuple

from fastapi import FastAPI, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from recommender.account import Account
from recommender.decision import Withheld
from recommender.events import Event, fold
from recommender.events.kinds import Impression, Name
from recommender.live import Live
from recommender.showing import objection, why_not
from recommender.tables import EventKind
from service.auth.caller import Scope
from service.auth.gate import Gate
from service.body import parsed, read_body
from service.decisions import Decisions
from service.errors import BadRequest
from service.events.at_once import AtOnce
from service.query import account_id_from, refuse_parameters
from service.routes.json import json_response

PATH = "/v1/accounts/{account_id}/contacts"
GRANTED, REFUSED = "granted", "refused"


class Showing(BaseModel):
    """The actions of a decision that are about to be shown."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    decision_id: Name
    action_ids: Annotated[list[Name], Field(min_length=1, max_length=20)]
    channel: Literal["web", "app", "branch", "phone"]


class Verdict(NamedTuple):
    """`stopped` is what stands against it; `event` what is told when nothing does."""

    action_id: str
    stopped: Withheld | None
    event: Event | None


def add_contact_routes(app: FastAPI, gate: Gate, decisions: Decisions, at_once: AtOnce) -> None:
    @app.post(PATH)
    async def contacts(account_id: str, request: Request) -> Response:
        gate.admit_to(request.scope["headers"], Scope.CONTACTS, account_id)
        refuse_parameters(request.scope["query_string"])
        account_id = account_id_from(account_id)
        showing = parsed(Showing, await read_body(request))
        live = decisions.in_force()
        _refuse_strangers(showing, live)
        verdicts: list[Verdict] = []

        def tell(account: Account, before: frozenset[str]) -> Sequence[Event]:
            verdicts[:] = judged(showing, account, before, _now(account, at_once), live)
            return [one.event for one in verdicts if one.event is not None]

        event_ids = [event_id(account_id, showing, one) for one in showing.action_ids]
        account = await at_once.act(account_id, live.catalogue, tell, event_ids)
        at = _now(account, at_once)
        results = [_result(one, account, at, live) for one in verdicts]
        return json_response(
            {"account_id": account_id, "decision_id": showing.decision_id, "results": results}
        )


def _now(account: Account, at_once: AtOnce) -> datetime:
    """Not before the last contact: one that another worker's clock put ahead counts, too."""
    now = datetime.fromtimestamp(at_once.clock(), UTC)
    return max([now, *(contact.at for contact in account.contacts)])


def judged(
    showing: Showing, account: Account, before: frozenset[str], at: datetime, live: Live
) -> list[Verdict]:
    """One action after the other: each that is granted counts against the next.

    `before` are ids of events that were taken already.
    """
    verdicts = []
    for action_id in dict.fromkeys(showing.action_ids):
        event = _impression(showing, account.account_id, action_id, at, live)
        if event.event_id in before:
            verdicts.append(Verdict(action_id, None, None))
            continue
        stopped = objection(account, action_id, showing.channel, at, live)
        verdicts.append(Verdict(action_id, stopped, event if stopped is None else None))
        if stopped is None:
            account = fold(account, event, live.catalogue)
    return verdicts


def event_id(account_id: str, showing: Showing, action_id: str) -> str:
    """The same whenever the same showing is asked for."""
    cause = f"{account_id}/{showing.decision_id}/{action_id}"
    return f"shown-{hashlib.blake2b(cause.encode(), digest_size=16).hexdigest()}"


def _impression(
    showing: Showing, account_id: str, action_id: str, at: datetime, live: Live
) -> Impression:
    candidate = live.funnel.candidate(action_id)
    return Impression(
        kind=EventKind.IMPRESSION,
        event_id=event_id(account_id, showing, action_id),
        account_id=account_id,
        at=at,
        channel=showing.channel,
        decision_id=showing.decision_id,
        product_id=candidate.product_id if candidate else None,
        action_id=action_id,
    )


def _refuse_strangers(showing: Showing, live: Live) -> None:
    known = live.catalogue.every_action
    strange = [
        one for one in showing.action_ids if one not in known and live.funnel.candidate(one) is None
    ]
    if strange:
        raise BadRequest({"action_ids": f"action_ids: the catalogue has no {strange[0][:40]!r}"})


def _result(verdict: Verdict, account: Account, at: datetime, live: Live) -> dict[str, str]:
    if verdict.stopped is None:
        return {"action_id": verdict.action_id, "status": GRANTED}
    language = account.language or live.catalogue.languages[0]
    if language not in live.catalogue.languages:
        language = live.catalogue.languages[0]
    return {
        "action_id": verdict.action_id,
        "status": REFUSED,
        "stage": verdict.stopped.stage,
        "rule": verdict.stopped.rule,
        "text": why_not(verdict.stopped, account, at, language, live),
    }
