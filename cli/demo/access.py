"""What the demo hands out: one API key for a back end, tokens for the well-known people."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from service.auth.caller import Scope
from service.auth.keys import KeyRing, new_key, write_keys
from service.auth.tokens import TokenConfig, sign_token

TOKEN_LIFETIME_S = 3600


@dataclass(frozen=True, slots=True)
class Access:
    """Credentials of this run only: the next run makes others."""

    api_key: str
    keys_file: Path
    tokens: TokenConfig
    signing_key: str

    @classmethod
    def fresh(cls, folder: Path) -> Access:
        """Make a key for a back end and a signing key; only the hash goes to `folder`."""
        key, text = new_key("demo back end", frozenset(Scope))
        keys_file = folder / "api-keys.yaml"
        write_keys(keys_file, KeyRing([key]))
        signing_key = secrets.token_urlsafe(48)
        return cls(text, keys_file, TokenConfig(key=SecretStr(signing_key)), signing_key)

    def token(self, account_id: str) -> str:
        """What the bank's login would give to this person's browser, valid for an hour."""
        return sign_token(self.tokens, account_id, TOKEN_LIFETIME_S)

    def settings(self) -> dict[str, str]:
        """For the service's environment."""
        return {"RAAK_API_KEYS_FILE": str(self.keys_file), "RAAK_JWT_KEY": self.signing_key}
