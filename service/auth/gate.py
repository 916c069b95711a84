"""The gate: from a request's headers to the caller, and whether the caller may."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Protocol

from service.auth.caller import Caller, Scope
from service.auth.keys import PREFIX
from service.auth.refusals import Refusals
from service.auth.tokens import TokenVerifier
from service.errors import Forbidden, NotFound, Unauthenticated

Headers = Iterable[tuple[bytes, bytes]]


class Keys(Protocol):
    """Knows API keys: a `KeyRing`, or a `KeyFile` that is followed."""

    def caller(self, presented: str, now: float) -> Caller | None: ...


class Gate:
    """Closed unless opened: without keys and without a token key everyone is refused."""

    def __init__(
        self, keys: Keys, tokens: TokenVerifier, clock: Callable[[], float] = time.time
    ) -> None:
        self._keys = keys
        self._tokens = tokens
        self._clock = clock
        self._refusals = Refusals()

    def caller(self, headers: Headers) -> Caller:
        """Raises Unauthenticated. Takes `Authorization: Bearer` and `X-API-Key`, ASGI headers."""
        try:
            return self._presented(headers)
        except Unauthenticated as refusal:
            self._refusals.note(refusal)
            raise

    def _presented(self, headers: Headers) -> Caller:
        for name, value in headers:
            if name == b"authorization":
                scheme, _, credentials = value.decode("latin-1").partition(" ")
                if scheme.lower() != "bearer":
                    raise Unauthenticated("credentials must be a Bearer token or key")
                return self._bearer(credentials.strip())
            if name == b"x-api-key":
                return self._holder(value.decode("latin-1").strip())
        raise Unauthenticated("credentials are missing")

    def _bearer(self, credentials: str) -> Caller:
        if credentials.startswith(PREFIX):
            return self._holder(credentials)
        return self._tokens.caller(credentials)

    def _holder(self, key: str) -> Caller:
        caller = self._keys.caller(key, self._clock()) if key.startswith(PREFIX) else None
        if caller is None:
            raise Unauthenticated("the API key is not valid")
        return caller

    def admit(self, headers: Headers, scope: Scope) -> Caller:
        """The caller, who holds `scope` for all accounts.

        Raises Unauthenticated or Forbidden.
        """
        caller = self.caller(headers)
        if scope not in caller.scopes or caller.account_id is not None:
            raise Forbidden(f"this needs the scope {scope}")
        return caller

    def admit_to(self, headers: Headers, scope: Scope, account_id: str) -> Caller:
        """The caller, who may ask `scope` about this account.

        Raises Unauthenticated, Forbidden, or NotFound: to a token for one account every other
        account looks as if it did not exist, whether it does or not.
        """
        caller = self.caller(headers)
        if caller.account_id is not None and caller.account_id != account_id:
            raise NotFound
        if scope not in caller.scopes:
            raise Forbidden(f"this needs the scope {scope}")
        return caller
