"""An account's alerts as they stand, from a state that was read beside the usual way."""

from __future__ import annotations

from datetime import UTC, datetime

from recommender import keyspace
from recommender.account import Account, unpack
from recommender.alerts.life import shown
from recommender.alerts.wording import AlertAnswer, alert_answer
from recommender.catalogue import Catalogue
from recommender.decision import Alert
from recommender.errors import StateError
from recommender.live import Live
from service.errors import StoreUnavailable
from service.store.reader import Reader


def on_record(account: Account, language: str, live: Live, now: float) -> list[AlertAnswer]:
    """What is shown and was raised by a worker: what was not yet, will come as a change."""
    return [
        alert_answer(alert, language, live.catalogue)
        for alert in _shown(account, live, now)
        if alert.raised_at is not None
    ]


def language_for(account: Account, wish: str | None, live: Live) -> str:
    """The language asked for, else the person's own, else the catalogue's first."""
    return language_in(live.catalogue, wish, account.language)


def language_in(catalogue: Catalogue, *wishes: str | None) -> str:
    """The first of the wishes that the catalogue has, else its own first."""
    languages = catalogue.languages
    return next((one for one in wishes if one is not None and one in languages), languages[0])


async def raised_at(
    reader: Reader, account_id: str, alert_id: str, live: Live, now: float
) -> datetime | None:
    """When this account's alert was raised last, by the clock of who did; None: no such alert.

    What no worker raised yet is raised now. Raises StoreUnavailable.
    """
    pointer, state, _ = await reader.read(keyspace.state(account_id), keyspace.LIVE)
    if pointer is None:
        raise StoreUnavailable("Redis was emptied: what it does not know says nothing")
    if state is None:
        return None
    try:
        account = unpack(state)
    except StateError as error:
        raise StoreUnavailable(str(error)) from None
    for record in account.alerts:
        if record.alert_id == alert_id:
            return record.raised[-1]
    shows = any(one.alert_id == alert_id for one in _shown(account, live, now))
    return datetime.fromtimestamp(now, UTC) if shows else None


def _shown(account: Account, live: Live, now: float) -> tuple[Alert, ...]:
    at = datetime.fromtimestamp(now, UTC)
    return shown(*live.lookout.readable(account, at), at, live.lookout)
