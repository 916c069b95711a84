"""One change of an alert on its way to one address, and how it is signed.

The form is that of Standard Webhooks (https://www.standardwebhooks.com): whoever is called checks
the signature, refuses an old timestamp, and passes over an id that came before.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Self
from zoneinfo import ZoneInfoNotFoundError

import msgspec

from recommender.account import Account, AlertStatus
from recommender.alerts.life import Change
from recommender.alerts.lookout import Lookout
from recommender.alerts.turning import push_from, pushed_through
from recommender.alerts.wording import alert_answer
from recommender.catalogue import Catalogue
from recommender.catalogue.alerts import QuietHours, zone_of
from service.alerts.standing import language_in


class Quiet(msgspec.Struct, frozen=True):
    """The quiet hours that a delivery keeps, on the clock of `zone`: as the catalogue has them."""

    begins: str
    ends: str
    zone: str

    @classmethod
    def of(cls, catalogue: Catalogue) -> Self | None:
        hours = catalogue.push.quiet_hours
        return None if hours is None else cls(hours.from_, hours.until, catalogue.timezone)

    def __post_init__(self) -> None:
        # so that what is decoded is right: msgspec makes a DecodeError of a ValueError
        try:
            self._rule()
        except (ZoneInfoNotFoundError, OSError) as error:
            raise ValueError(f"unknown time zone: {error}") from error

    def over(self, at: datetime) -> datetime:
        """The first instant from `at` on that is not quiet."""
        hours, zone = self._rule()
        return push_from(None, hours, at, zone)

    def _rule(self) -> tuple[QuietHours, tzinfo]:
        hours = QuietHours.model_validate({"from": self.begins, "until": self.ends})
        return hours, zone_of(self.zone)


class Delivery(msgspec.Struct, frozen=True):
    """`id` is the same whenever this change is sent; `body` is the JSON that is sent.

    `quiet`: when it may not be sent, at whichever attempt; None where it may be sent at any time.
    """

    id: str
    url: str
    account_id: str
    alert_id: str
    status: AlertStatus
    times: int
    body: str
    attempt: int = 0
    quiet: Quiet | None = None

    def pack(self) -> bytes:
        return _encoder.encode(self)

    def sent_from(self, now: float) -> float:
        """The first instant (seconds) from `now` on at which it may be sent."""
        if self.quiet is None:
            return now
        at = datetime.fromtimestamp(now, UTC)
        over = self.quiet.over(at)
        return over.timestamp() if over > at else now

    def headers(self, keys: Sequence[bytes], now: float) -> dict[str, str]:
        stamp = str(int(now))
        signed = f"{self.id}.{stamp}.{self.body}".encode()
        return {
            "content-type": "application/json",
            "user-agent": "raak",
            "webhook-id": self.id,
            "webhook-timestamp": stamp,
            "webhook-signature": " ".join(f"v1,{_signature(key, signed)}" for key in keys),
        }

    def backs_off_s(self, first_s: float, most_s: float) -> float:
        """How long until it is tried again: twice as long each time, give or take a half.

        Who shares a failure must not come back all at once, and the same delivery waits equally
        long wherever it is computed: chance comes from a hash.
        """
        digest = hashlib.blake2b(f"{self.id}/{self.url}/{self.attempt}".encode(), digest_size=4)
        chance: float = int.from_bytes(digest.digest(), "big") / 2**32
        return min(most_s, first_s * 2.0 ** min(self.attempt, 40)) * (0.5 + chance)


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Delivery)


def unpack_delivery(packed: bytes) -> Delivery:
    """Raises msgspec.DecodeError."""
    return _decoder.decode(packed)


def deliveries(
    account: Account, changes: Iterable[Change], urls: Iterable[str], lookout: Lookout
) -> list[tuple[float, bytes]]:
    """What to send of `changes`, each with the instant (seconds) from which it may be sent.

    Only what is raised can disturb anybody, so only that waits for the morning.
    """
    places = tuple(urls)
    made = (
        (change.at.timestamp(), _delivery(account, change, url, lookout))
        for change in changes
        if change.status is not AlertStatus.DELIVERED  # it is who is called that tells us that
        for url in places
    )
    return [(delivery.sent_from(at), delivery.pack()) for at, delivery in made]


def _delivery(account: Account, change: Change, url: str, lookout: Lookout) -> Delivery:
    return Delivery(
        # not how often it was raised: that starts anew once an alert is forgotten
        f"{change.alert_id}-{round(change.at.timestamp() * 1000)}-{change.status}",
        url,
        account.account_id,
        change.alert_id,
        change.status,
        change.times,
        _body(account, change, lookout),
        quiet=_quiet(change, lookout.catalogue),
    )


def _quiet(change: Change, catalogue: Catalogue) -> Quiet | None:
    kind = catalogue.alerts.get(change.kind)
    if kind is None or kind.quiet_hours == "exempt" or change.status is not AlertStatus.RAISED:
        return None
    return Quiet.of(catalogue)


def _body(account: Account, change: Change, lookout: Lookout) -> str:
    catalogue = lookout.catalogue
    language = language_in(catalogue, account.language)
    alert = None if change.alert is None else alert_answer(change.alert, language, catalogue)
    return msgspec.json.encode(
        {
            "type": f"alert.{change.status}",
            "timestamp": change.at,
            "data": {
                "account_id": account.account_id,
                "alert_id": change.alert_id,
                "kind": change.kind,
                "status": change.status,
                "times": change.times,
                "channel": pushed_through(account.channel_preference, catalogue.push.channels),
                "language": language,
                "alert": alert,
            },
        }
    ).decode()


def _signature(key: bytes, signed: bytes) -> str:
    return base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
