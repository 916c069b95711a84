"""What bookings say, live: one is told over HTTP, and the alerts that are asked for know it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from cli.embedded import EmbeddedValkey, free_port
from recommender.account import Account
from recommender.catalogue.alerts import zone_of
from service.auth.caller import Scope
from service.auth.keys import KeyRing, new_key, write_keys
from tests.end_to_end.test_alert_stream import is_ready, running, until
from tests.recommender.bank import bank
from tests.recommender.money.paid import banked, booking
from tests.service.bank import person, publish_bank

TODAY = datetime.now(UTC).astimezone(zone_of(bank().timezone)).date()
RENT, SALARY, BILL = -60_000, 150_000, -8_000


def four_weekly(due: date, amount: int, to: str) -> list[Any]:
    """Ten times, the next of which is due on `due`."""
    return [booking(due - timedelta(28 * cycle), amount, to) for cycle in range(10, 0, -1)]


def somebody() -> Account:
    """The rent leaves before the salary comes, and the balance will not do. Nobody announced it."""
    bookings = [
        *four_weekly(TODAY + timedelta(1), RENT, "Woonhuis Housing"),
        *four_weekly(TODAY + timedelta(2), SALARY, "Orchard Retail"),
        *four_weekly(TODAY, BILL, "Zonwind Energy"),
    ]
    known = banked(bookings, TODAY, 20_000)
    return msgspec.structs.replace(person("ann"), balance_minor=20_000, finances=known.finances)


class Bank:
    """The running service, as a back end and a frontend use it."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http
        self._told = 0

    def books(self, amount_minor: int, counterparty: str, balance_minor: int) -> None:
        self._told += 1
        event = {
            "event_id": f"booking-{self._told}",
            "at": datetime.now(UTC).isoformat(),
            "kind": "transaction",
            "account_id": "ann",
            "channel": "web",
            "amount_minor": amount_minor,
            "currency": "EUR",
            "counterparty": counterparty,
            "scheme": "transfer",
            "balance_minor": balance_minor,
        }
        answer = self._http.post("/v1/events", json=event)
        assert answer.json()["accepted"] == 1, answer.text

    def alerts(self) -> dict[str, str]:
        """Messages by kind."""
        told = self._http.get("/v1/accounts/ann/alerts").json()["alerts"]
        return {one["kind"]: one["message"] for one in told}

    def cares(self) -> bool:
        """Whether the remedy is shown."""
        answer = self._http.get("/v1/accounts/ann/recommendations?placement=home&channel=web")
        return "bridge_the_gap" in answer.text


@pytest.fixture
def service(valkey: EmbeddedValkey, tmp_path: Path) -> Iterator[Bank]:
    publish_bank(valkey.url, [somebody()])
    key, secret = new_key("bank", [Scope.ALERTS, Scope.EVENTS, Scope.RECOMMENDATIONS])
    write_keys(tmp_path / "keys.yaml", KeyRing([key]))
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    settings = {
        "RAAK_REDIS_URL": valkey.url,
        "RAAK_API_KEYS_FILE": str(tmp_path / "keys.yaml"),
        "RAAK_REDIS_TIMEOUT_MS": "2000",
        "RAAK_EVENTS_LOG_DIR": str(tmp_path / "log"),
    }
    with (
        running("serve", "--port", str(port), **settings),
        running("worker", **settings),
        httpx.Client(base_url=url, headers={"x-api-key": secret}, timeout=10.0) as http,
    ):
        until(lambda: is_ready(url), "the service did not come up")
        yield Bank(http)


def test_the_salary_withdraws_a_projected_shortfall_and_a_high_debit_raises_its_own(
    service: Bank,
) -> None:
    until(lambda: "shortfall_ahead" in service.alerts(), "the rent was not seen coming")
    assert "EUR 600.00 leaves for Woonhuis Housing" in service.alerts()["shortfall_ahead"]
    assert "short by about EUR 4" in service.alerts()["shortfall_ahead"]
    assert service.cares(), "the remedy comes with it"
    service.books(SALARY, "Orchard Retail", 170_000)
    until(lambda: "shortfall_ahead" not in service.alerts(), "the salary came in")
    assert not service.cares()
    service.books(5 * BILL // 2, "ZONWIND ENERGY B.V.", 150_000)
    until(lambda: "unusual_debit" in service.alerts(), "the bill was no news")
    assert "EUR 200.00" in service.alerts()["unusual_debit"]
    assert "EUR 80.00 at most" in service.alerts()["unusual_debit"]
