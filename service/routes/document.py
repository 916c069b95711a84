"""The calls that change one account, in the OpenAPI document; bodies are the models' own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from service.routes.contacts import GRANTED, REFUSED, Showing
from service.routes.preferences import Context, Wanted

Json = dict[str, Any]

_PROBLEM: Json = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
_MORE_REFUSALS = {
    "413": "The body is larger than it may be",
    "503": "Nothing is published yet, or Redis did not say that it is done; send it again",
}


def account_calls(account: Json, refusals: Mapping[str, str]) -> Json:
    """By path; `account` is the parameter, `refusals` are those of all calls."""
    told = {**refusals, **_MORE_REFUSALS}

    def call(summary: str, answer: Json, body: type[BaseModel] | None = None) -> Json:
        stated = told if body is not None else {**refusals, "503": _MORE_REFUSALS["503"]}
        responses: Json = {
            "200": {"description": "OK", "content": {"application/json": {"schema": answer}}},
            **{
                status: {"description": text, "content": _PROBLEM}
                for status, text in stated.items()
            },
        }
        operation: Json = {"summary": summary, "parameters": [account], "responses": responses}
        if body is not None:
            content = {"application/json": {"schema": _schema(body)}}
            operation["requestBody"] = {"required": True, "content": content}
        return operation

    wishes = _answer("consent", "contact", "domains", "products", "types")
    return {
        "/v1/accounts/{account_id}/preferences": {
            "get": call("What the person asked for", wishes),
            "put": call("All that the person asks for; it holds at once", wishes, Wanted),
        },
        "/v1/accounts/{account_id}/context": {
            "patch": call(
                "What changed in the person's life; it counts at once",
                _answer("attributes"),
                Context,
            )
        },
        "/v1/accounts/{account_id}/contacts": {
            "post": call("Ask whether actions may be shown now, and count them", _grants(), Showing)
        },
    }


def _schema(model: type[BaseModel]) -> Json:
    """In one piece: a small model's own definitions stand where they are used."""
    schema = model.model_json_schema()
    definitions = schema.pop("$defs", {})
    for field in schema.get("properties", {}).values():
        name = str(field.pop("$ref", "")).rpartition("/")[2]
        if name:
            field.update(definitions[name])
    return schema


def _answer(*names: str) -> Json:
    return {"type": "object", "required": ["account_id", *names]}


def _grants() -> Json:
    text = {"type": "string"}
    result = {
        "type": "object",
        "required": ["action_id", "status"],
        "properties": {
            "action_id": text,
            "status": {"enum": [GRANTED, REFUSED]},
            **dict.fromkeys(("stage", "rule", "text"), text),
        },
    }
    return {
        "type": "object",
        "required": ["account_id", "decision_id", "results"],
        "properties": {
            "account_id": text,
            "decision_id": text,
            "results": {"type": "array", "items": result},
        },
    }
