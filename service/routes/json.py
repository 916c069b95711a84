"""JSON as every call answers it: for this caller, and not to be kept."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import msgspec
from fastapi import Response

from service.routes.recommendations import JSON_HEADERS

_HEADERS = {name.decode(): value.decode() for name, value in JSON_HEADERS}


def json_response(
    content: Any, status: int = 200, more: Mapping[str, str] = MappingProxyType({})
) -> Response:
    return Response(msgspec.json.encode(content), status, {**_HEADERS, **more})
