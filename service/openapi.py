"""The OpenAPI document, by hand: what we check by hand, a generator cannot know.

The answer's schema is read from `recommender.answer`, so that it cannot differ from what is sent.
"""

from __future__ import annotations

from typing import Any

import msgspec

from recommender.alerts.wording import AlertAnswer
from recommender.answer import Answer
from recommender.request import MAX_LIMIT
from service.access.held import Export
from service.account_id import PATTERN
from service.alerts.document import alert_calls
from service.alerts.stream import ChangeAnswer
from service.erasure.receipt import Receipt
from service.events.document import event_call, event_schemas
from service.problems import MEDIA_TYPE
from service.routes.document import account_calls

Json = dict[str, Any]

REFUSALS = {
    "401": "No credentials, or bad ones",
    "403": "The credentials lack the scope",
    "404": "No such account for this caller",
    "422": "The question is wrong; `errors` names each mistake",
    "503": "Nothing is published yet; try again after `Retry-After` seconds",
}


def document() -> Json:
    """OpenAPI 3.1."""
    (answer, alert, receipt, export, _), schemas = msgspec.json.schema_components(
        (Answer, AlertAnswer, Receipt, Export, ChangeAnswer),
        ref_template="#/components/schemas/{name}",
    )
    return {
        "openapi": "3.1.0",
        "info": {"title": "Raak", "version": "1"},
        "paths": _with_rights(_paths(answer, alert), receipt, export),
        "components": {
            "schemas": {**schemas, **event_schemas(), "Problem": _problem()},
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
            },
        },
        "security": [{"bearer": []}, {"key": []}],
    }


def _paths(answer: Json, alert: Json) -> Json:
    account = _parameter("account_id", {"type": "string", "pattern": PATTERN}, where="path")
    language = _parameter("language", {"type": "string"}, "default: the account's own")
    question = [
        account,
        _parameter("placement", {"type": "string"}, "default: home"),
        _parameter("channel", {"type": "string"}, "default: web"),
        _parameter("limit", {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT}),
        language,
        _parameter(
            "explain",
            {"type": "boolean"},
            "also say what is withheld, and why; "
            "a token that names its scopes needs recommendations:explain among them",
        ),
    ]
    alerts = {
        "type": "object",
        "required": ["account_id", "as_of", "degraded", "alerts"],
        "properties": {
            "account_id": {"type": "string"},
            "as_of": {"type": "string", "format": "date-time"},
            "degraded": {"type": "boolean"},
            "alerts": {"type": "array", "items": alert},
        },
    }
    picture = {"allOf": [answer, {"type": "object", "required": ["profile"]}]}
    anything: Json = {"type": "object"}
    return {
        "/v1/accounts/{account_id}/recommendations": _get(
            "What to show this person now", answer, question, all_but=()
        ),
        "/v1/accounts/{account_id}/alerts": _get(
            "What this person needs to know now", alerts, [account, language], all_but=()
        ),
        **alert_calls(account, language, REFUSALS),
        "/v1/accounts/{account_id}": _get(
            "The whole picture, for advisers", picture, question, all_but=()
        ),
        **account_calls(account, REFUSALS),
        "/v1/events": {"post": event_call(REFUSALS)},
        **_model_calls(anything),
        "/v1/catalogue": _get("The catalogue in force", anything, [], all_but=("404",)),
        "/health/live": _open("Is the process alive", all_but=tuple(REFUSALS)),
        "/health/ready": _open("Can it answer", all_but=("401", "403", "404", "422")),
    }


def _with_rights(paths: Json, receipt: Json, export: Json) -> Json:
    """And what people may ask about themselves."""
    account = _parameter("account_id", {"type": "string", "pattern": PATTERN}, where="path")
    receipt_id = _parameter("receipt_id", {"type": "string"}, where="path")
    erase = _get("Erase an account from every store, for good", receipt, [account], ("404",))
    read = _get("The receipt of an erasure, as it stands", receipt, [receipt_id], ())
    held = _get("All that is held about an account, for its owner", export, [account], ())
    for call in (erase["get"], read["get"], held["get"]):
        call["responses"]["503"]["description"] = "Redis is away: ask again, which does no harm"
    for call in (erase["get"], read["get"]):
        call["responses"]["202"] = {
            "description": "A log is still to be done: the receipt so far; `Location` has the rest",
            "content": call["responses"]["200"]["content"],
        }
    one = {**paths["/v1/accounts/{account_id}"], "delete": erase["get"]}
    return {
        **paths,
        "/v1/accounts/{account_id}": one,
        "/v1/accounts/{account_id}/export": held,
        "/v1/erasures/{receipt_id}": read,
    }


def _model_calls(anything: Json) -> Json:
    """For operators: what is on offer, and putting one of them in force."""
    version = _parameter("version", {"type": "string"}, where="path")
    known = _get("Models on offer, and what was put in force", anything, [], all_but=("404",))
    promote = _get("Put a model in force that is on offer", anything, [version], all_but=())["get"]
    problem = promote["responses"]["404"]["content"]
    promote["responses"]["409"] = {
        "description": "It does not fit the catalogue in force; nothing changed",
        "content": problem,
    }
    for call in (known["get"], promote):
        call["responses"]["503"]["description"] = "Nothing is published yet, or Redis is away"
    return {"/v1/models": known, "/v1/models/{version}/promote": {"post": promote}}


def _get(summary: str, schema: Json, parameters: list[Json], all_but: tuple[str, ...]) -> Json:
    problem = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    responses: Json = {
        "200": {"description": "OK", "content": {"application/json": {"schema": schema}}}
    }
    for status, description in REFUSALS.items():
        if status not in all_but:
            responses[status] = {"description": description, "content": problem}
    return {"get": {"summary": summary, "parameters": parameters, "responses": responses}}


def _open(summary: str, all_but: tuple[str, ...]) -> Json:
    path = _get(summary, {"type": "object"}, [], all_but)
    path["get"]["security"] = []
    return path


def _parameter(name: str, schema: Json, description: str = "", where: str = "query") -> Json:
    parameter: Json = {"name": name, "in": where, "schema": schema, "required": where == "path"}
    if description:
        parameter["description"] = description
    return parameter


def _problem() -> Json:
    """RFC 9457, and our extension member `errors`."""
    text = {"type": "string"}
    mistake = {"type": "object", "properties": {"parameter": text, "detail": text}}
    return {
        "type": "object",
        "required": ["type", "title", "status"],
        "properties": {
            "type": text,
            "title": text,
            "status": {"type": "integer"},
            "detail": text,
            "errors": {"type": "array", "items": mistake},
        },
    }
