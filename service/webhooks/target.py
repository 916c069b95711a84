"""An address that may be called, and the call itself, to where that address says it is.

The name is looked up once and the connection made to what was found, so that it cannot be checked
as one machine and called as another. Redirects are not followed.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from service.webhooks.in_time import Deadline, SocketInTime, addresses_of

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Refused(Exception):
    """The address leads to where nothing may be called; the text says where."""


@dataclass(frozen=True, slots=True)
class Target:
    host: str
    port: int
    path: str
    tls: bool

    @classmethod
    def of(cls, url: str, *, allow_loopback: bool) -> Self:
        """Raises ValueError, whose text never repeats the address: it may hold a key."""
        parts = urlsplit(url)
        tls = parts.scheme == "https"
        if not parts.hostname or parts.username is not None or parts.fragment:
            raise ValueError("a webhook is https://host/path, without a user and a fragment")
        if not tls and not (
            parts.scheme == "http" and allow_loopback and _is_loopback(parts.hostname)
        ):
            raise ValueError(
                "a webhook needs https; http only on this machine, with allow_loopback"
            )
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return cls(parts.hostname, parts.port or (443 if tls else 80), path, tls)

    def located(
        self, *, allow_private: bool, allow_loopback: bool, timeout_s: float | None = None
    ) -> str:
        """The address to connect to. Raises Refused, or OSError when there is none (in time).

        All that the name stands for must be allowed: which of them is used is not ours to say.
        """
        addresses = addresses_of(self.host, self.port, timeout_s)
        for address in addresses:
            known = ipaddress.ip_address(address.partition("%")[0])
            if not _may_be_called(known, allow_private, allow_loopback):
                raise Refused(f"{self.host} is {address}, which is not on the public network")
        return addresses[0]


def post(
    target: Target,
    address: str,
    headers: Mapping[str, str],
    body: bytes,
    timeout_s: float,
    trust: ssl.SSLContext,
) -> int:
    """The status of the answer; its body is not read. Raises OSError or HTTPException.

    `timeout_s` is for all of it, however often somebody sends a little.
    """
    connection = _Pinned(target, address, Deadline.after(timeout_s), trust)
    try:
        connection.request("POST", target.path, body, dict(headers))
        return connection.getresponse().status
    finally:
        connection.close()


class _Pinned(http.client.HTTPConnection):
    """Connects to the address that was checked; the name is for TLS and for the `Host` header."""

    def __init__(
        self, target: Target, address: str, deadline: Deadline, trust: ssl.SSLContext
    ) -> None:
        super().__init__(target.host, target.port)
        self._target = target
        self._address = address
        self._trust = trust
        self._deadline = deadline
        if target.tls:
            self.default_port = 443  # or the header would name the port

    def connect(self) -> None:
        where = (self._address, self._target.port)
        plain = socket.create_connection(where, self._deadline.left())
        self.sock = SocketInTime(plain, self._deadline)
        if self._target.tls:
            plain.settimeout(self._deadline.left())
            tls = self._trust.wrap_socket(plain, server_hostname=self._target.host)
            self.sock = SocketInTime(tls, self._deadline)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _may_be_called(address: Address, allow_private: bool, allow_loopback: bool) -> bool:  # noqa: FBT001
    inside = _inside(address)
    if inside.is_loopback:
        return allow_loopback
    if inside.is_link_local or inside.is_multicast or inside.is_unspecified or inside.is_reserved:
        return False
    return allow_private or inside.is_global


def _inside(address: Address) -> Address:
    """The IPv4 address that an IPv6 address stands for, where it does: ::ffff:127.0.0.1, say."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else address)
