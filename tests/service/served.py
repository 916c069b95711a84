"""The application as a caller meets it, in this process, on a real Valkey."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr
from starlette.routing import Route

from service.alerts.config import AlertsConfig
from service.app import Application, create_app
from service.auth.caller import OWN_ACCOUNT, Scope
from service.auth.keys import KeyRing, new_key, write_keys
from service.auth.tokens import TokenConfig, sign_token
from service.decision_log.config import DecisionLogConfig
from service.decisions import Decisions
from service.events.config import EventsConfig
from service.settings import Settings
from service.store.link import RedisConfig
from tests.service.conftest import until

TOKENS = TokenConfig(key=SecretStr("k" * 32))


@dataclass(frozen=True)
class Served:
    app: Application
    client: httpx.AsyncClient
    keys: dict[Scope | None, str]

    @property
    def decisions(self) -> Decisions:
        return self.app.recommendations.decisions

    def key(self, scope: Scope | None = None) -> dict[str, str]:
        """Headers of a back end that holds this one scope, or all of them."""
        return {"x-api-key": self.keys[scope]}

    async def sees(self, version: str) -> None:
        """Return when this version is in force here."""
        follower = self.decisions.follower
        await until(lambda: follower.live is not None and follower.live.version == version)

    def routes(self) -> list[str]:
        """The paths of every call there is."""
        return [route.path for route in self.app.routes if isinstance(route, Route)]

    async def get(self, path: str, headers: dict[str, str] | None = None) -> httpx.Response:
        return await self.client.get(path, headers=headers)

    async def ask(self, account_id: str, query: str = "") -> dict[str, Any]:
        """A person's recommendations, as that person's browser asks for them."""
        path = f"/v1/accounts/{account_id}/recommendations{query}"
        response = await self.get(path, token(account_id))
        assert response.status_code == 200, response.text
        said: dict[str, Any] = response.json()
        return said


def token(account_id: str, scopes: Iterable[Scope] | None = None) -> dict[str, str]:
    """Headers of a browser with a token for this account."""
    signed = sign_token(TOKENS, account_id, 60, OWN_ACCOUNT if scopes is None else scopes)
    return {"authorization": f"Bearer {signed}"}


@asynccontextmanager
async def served(
    url: str,
    folder: Path,
    events: EventsConfig | None = None,
    decisions: DecisionLogConfig | None = None,
    alerts: AlertsConfig | None = None,
    **redis_options: Any,
) -> AsyncIterator[Served]:
    """Started and stopped as a server would; timeouts are generous unless a test is about time."""
    made = {scope: new_key("test", [scope]) for scope in Scope} | {None: new_key("all", Scope)}
    write_keys(folder / "keys.yaml", KeyRing(key for key, _ in made.values()))
    options = {"timeout_ms": 2000, "probe_ms": 20} | redis_options
    settings = Settings(
        redis=RedisConfig(url=SecretStr(url), **options),
        jwt=TOKENS,
        events=events or EventsConfig(),
        decisions=decisions or DecisionLogConfig(),
        alerts=alerts or AlertsConfig(),
        api_keys_file=folder / "keys.yaml",
        live_copy=folder / "copy",
    )
    app = create_app(settings)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://raak") as client,
    ):
        yield Served(app, client, {scope: text for scope, (_, text) in made.items()})
