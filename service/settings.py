"""Settings, from the environment: `RAAK_REDIS_URL`, `RAAK_JWT_KEY`, `RAAK_API_KEYS_FILE` ...

Nested names are the component's own: `RAAK_REDIS_TIMEOUT_MS` is `timeout_ms` of `RedisConfig`.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from service.alerts.config import AlertsConfig
from service.auth.tokens import TokenConfig
from service.decision_log.config import DecisionLogConfig
from service.events.config import EventsConfig
from service.store.link import RedisConfig
from service.webhooks.config import WebhooksConfig


class Settings(BaseSettings):
    """All that a deployment decides. Nothing here opens a door: without keys all are refused."""

    model_config = SettingsConfigDict(
        env_prefix="RAAK_",
        env_nested_delimiter="_",
        env_nested_max_split=1,
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
    )

    redis: RedisConfig = RedisConfig()
    jwt: TokenConfig = TokenConfig()
    events: EventsConfig = EventsConfig()
    alerts: AlertsConfig = AlertsConfig()
    webhooks: WebhooksConfig = WebhooksConfig()
    decisions: DecisionLogConfig = DecisionLogConfig()
    api_keys_file: Path | None = None
    """Written by `raak keys new`; read again when it changes."""
    live_copy: Path | None = None
    """A directory for the last good bundle, so that a restart without Redis still answers."""
    decision_ttl_s: int = Field(default=86_400, ge=1)
    """How long Redis keeps an answer at most; each also ends when it stops being true."""
