"""A request's body: bounded, and read strictly, with every mistake named."""

from __future__ import annotations

from typing import TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError

from service.errors import BadRequest, TooLarge

MOST_BYTES = 65_536
"""For calls about one account."""

Model = TypeVar("Model", bound=BaseModel)


async def read_body(request: Request, most: int = MOST_BYTES) -> bytes:
    """Raises TooLarge, at the latest when one byte too many has come."""
    stated = request.headers.get("content-length", "")
    if stated.isdecimal() and int(stated) > most:
        raise TooLarge(f"the body is larger than {most} bytes")
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > most:
            raise TooLarge(f"the body is larger than {most} bytes")
        parts.append(part)
    return b"".join(parts)


def parsed(model: type[Model], body: bytes) -> Model:
    """Raises BadRequest with all mistakes; what was sent is not repeated."""
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        mistakes = error.errors(include_url=False, include_input=False, include_context=False)
        raise BadRequest(
            {
                ".".join(str(part)[:40] for part in one["loc"]) or "body": (
                    f"{'.'.join(str(part)[:40] for part in one['loc']) or 'body'}: {one['msg']}"
                )
                for one in mistakes
            }
        ) from None
