from __future__ import annotations

import base64
import hmac
import json
import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PrivateFormat, PublicFormat
from pydantic import SecretStr, ValidationError

from service.auth.caller import OWN_ACCOUNT, Scope
from service.auth.tokens import TokenConfig, TokenVerifier, sign_token
from service.errors import Unauthenticated


def pair(algorithm: str) -> tuple[str, str]:
    """A private key and its public one, as PEM."""
    made: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
    match algorithm:
        case "RS256":
            made = rsa.generate_private_key(65537, 2048)
        case "ES256":
            made = ec.generate_private_key(ec.SECP256R1())
        case _:
            made = ed25519.Ed25519PrivateKey.generate()
    private = made.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    public = made.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return private, public.decode()


PAIRS = {algorithm: pair(algorithm) for algorithm in ("RS256", "ES256", "EdDSA")}
KEY = "k" * 64
CONFIG = TokenConfig(key=SecretStr(KEY))


def by(algorithm: str, key: str) -> TokenConfig:
    return TokenConfig.model_validate({"key": key, "algorithm": algorithm})


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


@pytest.mark.parametrize("algorithm", PAIRS)
def test_a_token_signed_elsewhere_is_accepted_by_its_public_key(algorithm: str) -> None:
    private, public = PAIRS[algorithm]
    verifier = TokenVerifier(by(algorithm, public))
    assert verifier.caller(token(algorithm, private)).account_id == "ann"


@pytest.mark.parametrize("algorithm", PAIRS)
def test_the_public_key_signs_nothing_that_is_accepted(algorithm: str) -> None:
    _, public = PAIRS[algorithm]
    head, body, _ = token(algorithm, PAIRS[algorithm][0]).split(".")
    shared = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT"}').rstrip(b"=").decode()
    for header in (head, shared):
        digest = hmac.new(public.encode(), f"{header}.{body}".encode(), "sha256").digest()
        signature = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        with pytest.raises(Unauthenticated):
            TokenVerifier(by(algorithm, public)).caller(f"{header}.{body}.{signature}")


@pytest.mark.parametrize("algorithm", PAIRS)
def test_another_pair_of_keys_is_refused(algorithm: str) -> None:
    (private, _), (_, public) = pair(algorithm), PAIRS[algorithm]
    with pytest.raises(Unauthenticated):
        TokenVerifier(by(algorithm, public)).caller(token(algorithm, private))


@pytest.mark.parametrize("algorithm", PAIRS)
def test_a_private_key_has_no_business_here(algorithm: str) -> None:
    private, _ = PAIRS[algorithm]
    with pytest.raises(ValidationError, match="PEM of a public key") as refusal:
        by(algorithm, private)
    assert private.splitlines()[1] not in str(refusal.value)


def test_a_public_key_for_another_algorithm_is_refused_at_the_start() -> None:
    for algorithm in PAIRS:
        for other in PAIRS.keys() - {algorithm}:
            with pytest.raises(ValidationError, match=f"PEM of a public key for {algorithm}"):
                by(algorithm, PAIRS[other][1])


@pytest.mark.parametrize("algorithm", PAIRS)
def test_a_public_key_that_cannot_be_parsed_is_refused_at_the_start(algorithm: str) -> None:
    with pytest.raises(ValidationError, match="PEM of a public key") as refusal:
        TokenConfig.model_validate({"key": "not a pem at all", "algorithm": algorithm})
    assert "not a pem at all" not in str(refusal.value)
