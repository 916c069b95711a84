"""API keys: `raak_<id>_<secret>`. The file holds the SHA-256 of each secret, never the secret.

A fast hash suffices because a secret is 256 random bits: there is nothing to guess.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from service.auth.caller import Caller, Scope
from service.errors import ServiceError

PREFIX = "raak_"


class KeyFileError(ServiceError):
    """The file of API keys is missing or wrong; the text says where, and never quotes a secret."""


class NoKeyFile(KeyFileError):
    """It is not there, which is no fault in a service: then no key is accepted."""


class ApiKey(BaseModel):
    """One key as stored. `sha256` is the hex digest of the secret."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    id: str = Field(pattern=r"^[a-z0-9]{4,32}$")
    name: str = Field(min_length=1, max_length=100)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    scopes: frozenset[Scope]
    expires_at: datetime | None = None

    def expired(self, now: float) -> bool:
        return self.expires_at is not None and self.expires_at.timestamp() <= now


class KeyRing:
    """The keys in force, by id.

    A key that was found good is remembered as it was presented, in memory only and for as long as
    this ring is in force: a back end presents the same one with every request.
    """

    def __init__(self, keys: Iterable[ApiKey] = ()) -> None:
        self.keys = tuple(keys)
        self._by_id = {
            key.id: (key, bytes.fromhex(key.sha256), Caller(key.name, key.scopes))
            for key in self.keys
        }
        self._good: dict[str, tuple[ApiKey, Caller]] = {}
        """At most one text for each key."""

    def caller(self, presented: str, now: float) -> Caller | None:
        """Who holds the key `presented`; None when it is unknown, wrong or expired at `now`."""
        good = self._good.get(presented) or self._checked(presented)
        if good is None:
            return None
        key, caller = good
        return None if key.expired(now) else caller

    def _checked(self, presented: str) -> tuple[ApiKey, Caller] | None:
        if not presented.startswith(PREFIX):
            return None
        key_id, _, secret = presented.removeprefix(PREFIX).partition("_")
        found = self._by_id.get(key_id)
        if found is None:
            return None
        key, digest, caller = found
        presented_digest = hashlib.sha256(secret.encode()).digest()
        if not hmac.compare_digest(presented_digest, digest):
            return None
        return self._good.setdefault(presented, (key, caller))

    def with_key(self, key: ApiKey) -> KeyRing:
        return KeyRing((*self.keys, key))

    def without(self, key_id: str) -> KeyRing:
        return KeyRing(key for key in self.keys if key.id != key_id)


def new_key(
    name: str, scopes: Iterable[Scope], expires_at: datetime | None = None
) -> tuple[ApiKey, str]:
    """A fresh key, and the text to hand over: it is shown once and cannot be read back."""
    key_id, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    key = ApiKey(
        id=key_id,
        name=name,
        sha256=hashlib.sha256(secret.encode()).hexdigest(),
        scopes=frozenset(scopes),
        expires_at=expires_at,
    )
    return key, f"{PREFIX}{key_id}_{secret}"


class _KeysDocument(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    keys: tuple[ApiKey, ...] = ()


def read_keys(path: Path) -> KeyRing:
    """The keys in a YAML (or JSON) file.

    Raises KeyFileError: the file cannot be read, or lacks the shape that `write_keys` gives;
    NoKeyFile: it is not there.
    """
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        keys = _KeysDocument.model_validate(document or {}).keys
    except (FileNotFoundError, NotADirectoryError):
        raise NoKeyFile(f"there is no file of API keys {path}; `raak keys new` makes it") from None
    except OSError as error:
        raise KeyFileError(f"cannot read API keys from {path}: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError):
        raise KeyFileError(f"{path} is not YAML or JSON") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise KeyFileError(f"{path}: {where}: {first['msg']}") from None
    ids = [key.id for key in keys]
    if len(set(ids)) < len(ids):
        raise KeyFileError(f"{path}: two keys have the same id")
    return KeyRing(_in_utc(key) for key in keys)


def write_keys(path: Path, ring: KeyRing) -> None:
    """Replace the file at once, readable by its owner only."""
    document = {"keys": [_as_plain(key) for key in ring.keys]}
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:  # noqa: PTH123  # only os.open takes the mode
        yaml.safe_dump(document, file, sort_keys=False)
    fresh.replace(path)


def _as_plain(key: ApiKey) -> dict[str, object]:
    plain = key.model_dump(mode="json", exclude_none=True)
    plain["scopes"] = sorted(plain["scopes"])
    return plain


def _in_utc(key: ApiKey) -> ApiKey:
    if key.expires_at is None or key.expires_at.tzinfo is not None:
        return key
    return key.model_copy(update={"expires_at": key.expires_at.replace(tzinfo=UTC)})
