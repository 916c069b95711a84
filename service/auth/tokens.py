"""Tokens for browsers: signed JWTs that live shortly and speak for one account (`sub`).

The algorithm is pinned by the configuration, never taken from the token (RFC 8725, 3.1).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any, Literal, Self

import jwt
from jwt.algorithms import has_crypto
from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from service.account_id import is_account_id
from service.auth.caller import OWN_ACCOUNT, Caller, Scope
from service.errors import Unauthenticated

Algorithm = Literal["HS256", "HS384", "HS512", "RS256", "ES256", "EdDSA"]

MIN_SHARED_KEY_BYTES = {"HS256": 32, "HS384": 48, "HS512": 64}
"""RFC 7518, 3.2: as long as the hash, or it is the weakest part."""


class TokenConfig(BaseModel):
    """How tokens are checked. Without `key` no token is accepted."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    key: SecretStr | None = None
    """The shared secret for HS*, else the PEM of the public key."""
    algorithm: Algorithm = "HS256"
    audience: str = "raak"
    issuer: str | None = None
    max_lifetime_s: int = Field(default=3600, ge=1)
    """A token that lives longer than this is refused: it could not be called back."""
    leeway_s: int = Field(default=5, ge=0, le=60)
    """Between two machines' clocks."""
    cache_size: int = Field(default=4096, ge=0)
    """Verified tokens that are remembered until they expire."""

    @model_validator(mode="after")
    def _key_fits_algorithm(self) -> Self:
        if self.key is None:
            return self
        shortest = MIN_SHARED_KEY_BYTES.get(self.algorithm)
        if shortest is not None:
            if len(self.key.get_secret_value().encode()) < shortest:
                raise ValueError(f"the key must have {shortest} bytes or more")
        elif not has_crypto:
            raise ValueError(f"{self.algorithm} needs the package `cryptography`")
        else:
            _check_public(self.key, self.algorithm)
        return self


def _check_public(key: SecretStr, algorithm: Algorithm) -> None:
    """Raises ValueError unless `key` is a PEM that `algorithm` can verify with."""
    reader = jwt.get_algorithm_by_name(algorithm)
    try:
        parsed = reader.prepare_key(key.get_secret_value())
    except (ValueError, TypeError, jwt.InvalidKeyError):
        parsed = None
    if parsed is None or hasattr(parsed, "sign"):  # a private key has no business here
        raise ValueError(f"the key must be the PEM of a public key for {algorithm}")


class TokenVerifier:
    """Turns a token into the caller it speaks for; remembers those it verified."""

    def __init__(self, config: TokenConfig, clock: Callable[[], float] = time.time) -> None:
        self._config = config
        self._clock = clock
        self._verified: dict[str, tuple[float, Caller]] = {}

    def caller(self, token: str) -> Caller:
        """Raises Unauthenticated when the token is not one we accept at this moment."""
        known = self._verified.get(token)
        if known is not None:
            expires_at, caller = known
            if self._clock() < expires_at:
                return caller
            del self._verified[token]
        expires_at, caller = self._verify(token)
        self._remember(token, expires_at, caller)
        return caller

    def _verify(self, token: str) -> tuple[float, Caller]:
        config, now = self._config, self._clock()
        if config.key is None:
            raise Unauthenticated("tokens are not accepted here")
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                config.key.get_secret_value(),
                algorithms=[config.algorithm],
                audience=config.audience,
                issuer=config.issuer,
                leeway=config.leeway_s,
                options={"require": ["exp", "aud", "sub"]},
            )
        except jwt.InvalidTokenError:
            raise Unauthenticated("the token is not valid") from None
        expires_at = float(claims["exp"])
        if expires_at + config.leeway_s <= now:
            raise Unauthenticated("the token is not valid")
        issued_at = min(float(claims.get("iat", now)), now)
        if expires_at - issued_at > config.max_lifetime_s + config.leeway_s:
            raise Unauthenticated(f"the token lives longer than {config.max_lifetime_s} s")
        if not is_account_id(claims["sub"]):
            raise Unauthenticated("the token's subject is not an account id")
        ends = expires_at + config.leeway_s
        return ends, Caller("token", _scopes(claims), claims["sub"], ends)

    def _remember(self, token: str, expires_at: float, caller: Caller) -> None:
        if self._config.cache_size == 0:
            return
        if len(self._verified) >= self._config.cache_size:
            del self._verified[next(iter(self._verified))]  # the one verified longest ago
        self._verified[token] = (expires_at, caller)


def sign_token(
    config: TokenConfig,
    account_id: str,
    lifetime_s: int,
    scopes: Iterable[Scope] = OWN_ACCOUNT,
    now: float | None = None,
) -> str:
    """A token for `account_id`, as a bank's own login would issue it. Needs a shared key (HS*)."""
    if config.key is None or not config.algorithm.startswith("HS"):
        raise ValueError("signing needs a shared key")
    issued_at = int(time.time() if now is None else now)
    claims = {
        "sub": account_id,
        "aud": config.audience,
        "iat": issued_at,
        "exp": issued_at + lifetime_s,
        "scope": " ".join(sorted(scopes)),
    }
    if config.issuer is not None:
        claims["iss"] = config.issuer
    return jwt.encode(claims, config.key.get_secret_value(), algorithm=config.algorithm)


def _scopes(claims: dict[str, Any]) -> frozenset[Scope]:
    """The scopes a token names (RFC 8693, 4.2); those unknown to us grant nothing."""
    if "scope" not in claims:
        return OWN_ACCOUNT
    known = {scope.value: scope for scope in Scope}
    named = str(claims["scope"]).split()
    return frozenset(known[name] for name in named if name in known)
