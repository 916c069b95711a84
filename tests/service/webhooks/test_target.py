"""Only what is listed is called, only over TLS, and never a machine inside."""

from __future__ import annotations

import datetime as dt
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import SecretStr, ValidationError

from cli.serve import read_settings
from recommender.errors import RaakError
from service.webhooks.config import WebhooksConfig
from service.webhooks.target import Refused, Target, post
from tests.service.webhooks.receiving import receiving

SECRET = "whsec_" + "QUJD" * 8


def stands_for(*addresses: str) -> Callable[..., object]:
    """A name service that knows one answer."""
    return lambda *_, **__: [(socket.AF_INET, None, 6, "", (one, 443)) for one in addresses]


@pytest.mark.parametrize(
    "url",
    [
        "http://bank.example/hooks",
        "http://127.0.0.1/hooks",
        "http://[::1]/hooks",
        "ftp://bank.example/",
        "https:///hooks",
        "https://user:secret@bank.example/",
        "https://bank.example/#there",
        "https://bank.example:99999/",
        "javascript:alert(1)",
        "",
    ],
)
def test_a_bad_address_is_refused_at_the_start_without_being_repeated(url: str) -> None:
    with pytest.raises(ValidationError) as caught:
        WebhooksConfig(urls=(url,), secret=SecretStr(SECRET))
    assert "secret@" not in str(caught.value)


@pytest.mark.parametrize("secret", [None, "QUJD" * 8, "whsec_QUJD", "whsec_???"])
def test_without_a_good_secret_nobody_is_called(secret: str | None) -> None:
    with pytest.raises(ValidationError, match="secret"):
        WebhooksConfig(
            urls=("https://bank.example/",), secret=None if secret is None else SecretStr(secret)
        )


def test_it_is_set_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAAK_WEBHOOKS_URLS", '["https://bank.example/hooks"]')
    with pytest.raises(RaakError, match="RAAK_WEBHOOKS: urls need a secret"):
        read_settings()
    monkeypatch.setenv("RAAK_WEBHOOKS_SECRET", SECRET)
    assert read_settings().webhooks.urls == ("https://bank.example/hooks",)


@pytest.mark.parametrize(
    ("address", "private", "loopback", "allowed"),
    [
        ("93.184.215.14", False, False, True),
        ("2606:2800:21f::1", False, False, True),
        ("10.1.2.3", False, False, False),
        ("10.1.2.3", True, False, True),
        ("192.168.0.9", False, True, False),
        ("100.64.0.1", False, False, False),
        ("127.0.0.1", False, False, False),
        ("127.0.0.1", True, False, False),
        ("127.0.0.1", False, True, True),
        ("::1", True, False, False),
        ("::ffff:127.0.0.1", True, False, False),
        ("::ffff:10.0.0.1", False, False, False),
        ("2002:7f00:1::", True, False, False),
        ("64:ff9b::a00:1", True, False, False),
        ("169.254.169.254", True, True, False),
        ("fe80::1%eth0", True, True, False),
        ("0.0.0.0", True, True, False),
        ("224.0.0.1", True, True, False),
        ("fd00::1", False, False, False),
    ],
)
def test_where_a_name_leads_decides_whether_it_is_called(
    address: str, private: bool, loopback: bool, allowed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", stands_for(address))
    target = Target.of("https://bank.example/", allow_loopback=False)
    if allowed:
        found = target.located(allow_private=private, allow_loopback=loopback)
        assert found == address
        return
    with pytest.raises(Refused, match=r"bank\.example is"):
        target.located(allow_private=private, allow_loopback=loopback)


def test_one_bad_address_among_good_ones_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", stands_for("93.184.215.14", "127.0.0.1"))
    target = Target.of("https://bank.example/", allow_loopback=False)
    with pytest.raises(Refused):
        target.located(allow_private=False, allow_loopback=False)


def test_a_name_that_is_not_found_in_time_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked, over = threading.Event(), threading.Event()

    def silent(*_: object, **__: object) -> object:
        asked.set()
        over.wait(20.0)
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", silent)
    target = Target.of("https://bank.example/", allow_loopback=False)
    with pytest.raises(TimeoutError, match="not looked up in time"):
        target.located(allow_private=False, allow_loopback=False, timeout_s=0.1)
    assert asked.is_set()
    over.set()


def certificate(folder: Path, name: str) -> tuple[Path, ssl.SSLContext]:
    """A certificate that signs itself, for `name`: the file to trust, and the server's side."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (folder / "cert.pem").write_bytes(pem)
    (folder / "both.pem").write_bytes(private + pem)
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(folder / "both.pem")
    return folder / "cert.pem", serving


def test_the_name_is_checked_though_the_address_is_called(tmp_path: Path) -> None:
    trusted, serving = certificate(tmp_path, "localhost")
    trust = ssl.create_default_context(cafile=trusted)
    with receiving(serving) as receiver:
        target = Target.of(receiver.url, allow_loopback=True)
        assert post(target, "127.0.0.1", {"a": "b"}, b"{}", 5.0, trust) == 204
        assert receiver.calls[0].headers["host"] == f"localhost:{target.port}"
        other = Target.of(receiver.url.replace("localhost", "bank.example"), allow_loopback=True)
        with pytest.raises(ssl.SSLCertVerificationError):
            post(other, "127.0.0.1", {}, b"{}", 5.0, trust)
        with pytest.raises(ssl.SSLCertVerificationError):
            post(target, "127.0.0.1", {}, b"{}", 5.0, ssl.create_default_context())
    assert ipaddress.ip_address("127.0.0.1").is_loopback
