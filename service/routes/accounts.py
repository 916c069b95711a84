"""One account for those who help its owner: the whole picture."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request, Response

from recommender.account import Account
from recommender.answer import Answer
from recommender.explanation import for_the_person
from recommender.live import Live
from service.auth.caller import Scope
from service.auth.gate import Gate
from service.decisions import Decisions, Picture
from service.errors import NotFound
from service.named import named
from service.query import account_id_from
from service.routes.json import json_response


def add_account_routes(app: FastAPI, gate: Gate, decisions: Decisions) -> None:
    @app.get("/v1/accounts/{account_id}")
    async def account(account_id: str, request: Request) -> Response:
        caller = gate.admit_to(request.scope["headers"], Scope.ACCOUNTS, account_id)
        live = decisions.in_force()
        question = decisions.question(request.scope["query_string"], live)
        picture = await decisions.picture(account_id_from(account_id), question, live)
        if picture.missing:
            raise NotFound
        said = picture.answer
        if caller.is_the_person:
            said = for_the_person(said, picture.live)
        return json_response(_whole(picture, said))


def _whole(picture: Picture, said: Answer) -> dict[str, Any]:
    """What is known and what is decided. What is unknown for want of Redis is null."""
    account = picture.account
    return {
        "profile": None if account is None else _profile(account, picture.live),
        **{name: getattr(said, name) for name in said.__struct_fields__},
    }


def _profile(account: Account, live: Live) -> dict[str, Any]:
    """The account's fields by name, without attributes that are for audits only."""
    declared = live.catalogue.attributes
    profile: dict[str, Any] = named(account)
    profile["attributes"] = {
        name: value
        for name, value in account.attributes.items()
        if name in declared and set(declared[name].uses) != {"audit"}
    }
    return profile
