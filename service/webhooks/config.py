"""Where alerts are pushed to, how that is signed, and how long it is tried."""

from __future__ import annotations

import base64
import binascii
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from service.webhooks.target import Target

SECRET_PREFIX = "whsec_"  # noqa: S105  # it says which kind of secret follows
MIN_SECRET_BYTES = 24
NO_LIMIT = 1_000_000_000


class WebhooksConfig(BaseModel):
    """From the environment as `RAAK_WEBHOOKS_...`. Without `urls` nothing is pushed."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    urls: tuple[str, ...] = ()
    """The only addresses that are ever called, as a JSON list; each gets every change."""
    secret: SecretStr | None = None
    """`whsec_` and base64 of 24 bytes or more; two with a space between while one replaces the
    other: each signs."""
    allow_private: bool = False
    """Whether an address may be on a private network of one's own."""
    allow_loopback: bool = False
    """Whether it may be on this machine, then without TLS too: to try things."""
    ca_file: Path | None = None
    """Whom to trust beside the system's authorities: the PEM of one's own."""
    timeout_s: float = Field(default=5.0, gt=0, le=30)
    """For a whole call, from the lookup of its name to its answer."""
    attempts: int = Field(default=12, ge=1, le=50)
    """Then it is a dead letter."""
    first_s: float = Field(default=5.0, gt=0)
    """How long after the first failure it is tried again; twice as long after each one more."""
    most_s: float = Field(default=6 * 3600.0, gt=0)
    senders: int = Field(default=4, ge=1, le=64)
    """Calls that one worker makes at a time."""

    @model_validator(mode="after")
    def _can_be_called_and_signed(self) -> Self:
        for url in self.urls:
            Target.of(url, allow_loopback=self.allow_loopback)
        if self.urls and not self.keys:
            raise ValueError("urls need a secret, so that who is called can tell that it is you")
        return self

    @property
    def most_per_address(self) -> int:
        """Calls to one address at a time, by all workers together: who hangs keeps no other from
        being called. Where nobody else is listed there is nobody to keep.
        """
        return max(1, self.senders // 2) if len(set(self.urls)) > 1 else NO_LIMIT

    @property
    def keys(self) -> tuple[bytes, ...]:
        """Raises ValueError, whose text repeats no secret."""
        if self.secret is None:
            return ()
        return tuple(map(_key, self.secret.get_secret_value().split()))


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except binascii.Error:
        key = b""
    if not secret.startswith(SECRET_PREFIX) or len(key) < MIN_SECRET_BYTES:
        raise ValueError(
            f"a secret is {SECRET_PREFIX} and base64 of {MIN_SECRET_BYTES} bytes or more"
        )
    return key
