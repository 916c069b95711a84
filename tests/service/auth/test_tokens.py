from __future__ import annotations

import base64
import json
import time
from typing import Any

import jwt
import pytest
from pydantic import SecretStr, ValidationError

from service.auth.caller import OWN_ACCOUNT, Scope
from service.auth.tokens import TokenConfig, TokenVerifier, sign_token
from service.errors import Unauthenticated

KEY = "k" * 64
CONFIG = TokenConfig(key=SecretStr(KEY))


def token(algorithm: str = "HS256", key: str = KEY, **changes: Any) -> str:
    now = int(time.time())
    claims = {"sub": "ann", "aud": "raak", "iat": now, "exp": now + 60} | changes
    kept = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(kept, key, algorithm=algorithm)


def unsigned() -> str:
    now = int(time.time())
    parts = [{"alg": "none", "typ": "JWT"}, {"sub": "ann", "aud": "raak", "exp": now + 60}]
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in parts]
    return b".".join([*encoded, b""]).decode()


def test_a_token_speaks_for_its_account_only() -> None:
    caller = TokenVerifier(CONFIG).caller(sign_token(CONFIG, "ann", 60))
    assert caller.account_id == "ann"
    assert caller.scopes == OWN_ACCOUNT


def test_a_token_names_its_scopes_and_unknown_ones_grant_nothing() -> None:
    verifier = TokenVerifier(CONFIG)
    caller = verifier.caller(token(scope="accounts:read admin everything"))
    assert caller.scopes == {Scope.ACCOUNTS}
    assert verifier.caller(token(scope="")).scopes == frozenset()


@pytest.mark.parametrize(
    "bad",
    [
        token(exp=int(time.time()) - 60),
        token(exp=None),
        token(aud=None),
        token(aud="another service"),
        token(sub=None),
        token(sub="{braces}"),
        token(sub=""),
        token(key="x" * 32),
        token(algorithm="HS512"),
        token(exp=int(time.time()) + 7200),
        token(iat=None, exp=int(time.time()) + 7200),
        token(iat=int(time.time()) - 7200),
        token(nbf=int(time.time()) + 600),
        unsigned(),
        "not.a.token",
        "",
        "é" * 10,
    ],
)
def test_a_token_that_is_not_quite_right_is_refused(bad: str) -> None:
    with pytest.raises(Unauthenticated) as refusal:
        TokenVerifier(CONFIG).caller(bad)
    assert not bad or bad not in str(refusal.value)


def test_the_issuer_is_checked_when_one_is_configured() -> None:
    config = TokenConfig(key=SecretStr(KEY), issuer="bank")
    assert TokenVerifier(config).caller(sign_token(config, "ann", 60)).account_id == "ann"
    with pytest.raises(Unauthenticated):
        TokenVerifier(config).caller(sign_token(CONFIG, "ann", 60))


def test_without_a_key_no_token_is_accepted() -> None:
    with pytest.raises(Unauthenticated):
        TokenVerifier(TokenConfig()).caller(token())


def test_a_token_that_was_verified_still_ends_when_it_says() -> None:
    now = time.time()
    verifier = TokenVerifier(CONFIG, clock=lambda: now)
    presented = sign_token(CONFIG, "ann", 60, now=now - 58)
    assert verifier.caller(presented).account_id == "ann"
    now += 2 + CONFIG.leeway_s
    with pytest.raises(Unauthenticated):
        verifier.caller(presented)


def test_remembered_tokens_are_bounded() -> None:
    config = TokenConfig(key=SecretStr(KEY), cache_size=10)
    verifier = TokenVerifier(config)
    tokens = [sign_token(config, f"account-{number}", 60) for number in range(50)]
    for presented in tokens * 2:
        verifier.caller(presented)
    assert len(verifier._verified) == 10


def test_a_short_shared_key_is_refused_at_the_start() -> None:
    with pytest.raises(ValidationError, match="32 bytes") as refusal:
        TokenConfig(key=SecretStr("short and secret"))
    assert "short and secret" not in str(refusal.value)


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
def test_a_public_key_that_cannot_be_parsed_is_refused_at_the_start(algorithm: str) -> None:
    pytest.importorskip("cryptography")
    with pytest.raises(ValidationError, match="PEM of a public key") as refusal:
        TokenConfig.model_validate({"key": "not a pem at all", "algorithm": algorithm})
    assert "not a pem at all" not in str(refusal.value)
