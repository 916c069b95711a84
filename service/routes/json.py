"""JSON as every call answers it: for this caller, and not to be kept."""

from __future__ import annotations

from typing import Any

import msgspec
from fastapi import Response

from service.routes.recommendations import JSON_HEADERS

_HEADERS = {name.decode(): value.decode() for name, value in JSON_HEADERS}


def json_response(content: Any) -> Response:
    return Response(msgspec.json.encode(content), headers=_HEADERS)
