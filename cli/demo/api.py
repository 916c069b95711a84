"""Asking the running service, with what Python brings along."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

TIMEOUT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Reply:
    """A status and the JSON that came with it."""

    status: int
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Api:
    """One caller of the service at `base`; `headers` carry its credentials."""

    base: str
    headers: dict[str, str]

    def recommendations(self, account_id: str, **parameters: str) -> Reply:
        """GET the account's recommendations."""
        return self.get(path(account_id, **parameters))

    def get(self, target: str) -> Reply:
        return self._ask(target, None)

    def post(self, target: str, content: object) -> Reply:
        """POST `content` as JSON."""
        return self._ask(target, json.dumps(content).encode())

    def _ask(self, target: str, body: bytes | None) -> Reply:
        request = urllib.request.Request(self.base + target, body, self.headers)  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as response:  # noqa: S310
                return Reply(response.status, json.load(response))
        except urllib.error.HTTPError as refused:
            with refused:
                return Reply(refused.code, json.load(refused))


def path(account_id: str, **parameters: str) -> str:
    """The path of an account's recommendations, with its query."""
    query = f"?{urlencode(parameters)}" if parameters else ""
    return f"/v1/accounts/{quote(account_id, safe='')}/recommendations{query}"
