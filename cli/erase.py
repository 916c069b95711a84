"""`raak erase`: one account out of every store, with a receipt."""

from __future__ import annotations

import importlib.util
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click
import redis

from cli.serve import read_settings
from cli.worker import decision_log_dir
from recommender.errors import RaakError
from service.settings import Settings

if TYPE_CHECKING:
    from service.erasure.erase import Erasure
    from service.erasure.receipt import Receipt, Store

INCOMPLETE = 3
"""Exit code while a log is still to be done: neither a fault (1) nor bad input (2)."""


@click.command()
@click.argument("account_id", required=False)
@click.option("--receipt", "receipt_id", help="Show this receipt as it stands, and erase nothing.")
@click.option(
    "--wait",
    "wait_s",
    default=60.0,
    show_default=True,
    type=click.FloatRange(min=0),
    help="Seconds to wait for the worker that writes the logs.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the receipt as JSON.")
def command(account_id: str | None, receipt_id: str | None, wait_s: float, as_json: bool) -> None:  # noqa: FBT001  # click's signature
    """Erase ACCOUNT_ID from Redis, the event log, the decision log and future training, for good.

    The logs are done by the `raak worker` that writes them or, when none does and RAAK_EVENTS_...
    and RAAK_DECISIONS_... say where they are, here. Killed or refused anywhere, run it again. Ends
    with 3 while a log is still to be done: a worker does it when it next runs.
    """
    if (account_id is None) == (receipt_id is None):
        raise RaakError("give an ACCOUNT_ID, or --receipt ID")
    from service.events.stream import connect
    from service.store.cluster import refuse_cluster

    settings = read_settings()
    url = settings.redis.url.get_secret_value()
    refuse_cluster(url)
    try:
        with connect(url) as client:
            if account_id is None:
                receipt = _shown(client, str(receipt_id))
            else:
                receipt = _erased(client, checked(account_id), settings, wait_s)
    except redis.RedisError as error:
        raise RaakError(f"Redis failed: {error}; run it again, which does no harm") from error
    click.echo(_json(receipt) if as_json else _text(receipt))
    if not receipt.complete:
        sys.exit(INCOMPLETE)


def checked(account_id: str) -> str:
    """Raises RaakError unless it can be an account's id."""
    from service.errors import BadRequest
    from service.query import account_id_from

    try:
        return account_id_from(account_id)
    except BadRequest as error:
        raise RaakError(str(error)) from None


def log_directories(settings: Settings) -> tuple[Path | None, Path | None]:
    """Of the event log and of the decision log, where this machine has them and they were begun.

    Raises:
        RaakError: a package for it is missing.
    """
    from service.decision_log.chain import CHAIN

    event_log, decision_log = settings.events.log_dir, decision_log_dir(settings)
    if event_log is not None and not any((*event_log.glob("day=*"), *event_log.glob(".lock"))):
        event_log = None
    if decision_log is not None and not (decision_log / CHAIN).is_file():
        decision_log = None
    for directory, package in ((event_log, "pyarrow"), (decision_log, "cryptography")):
        if directory is not None and importlib.util.find_spec(package) is None:
            raise RaakError(f"{directory} needs {package}: pip install 'raak[worker]'")
    return event_log, decision_log


def _erased(client: redis.Redis, account_id: str, settings: Settings, wait_s: float) -> Receipt:
    from service.erasure.erase import LOOK_S, SETTLE_S, Erasure
    from service.erasure.receipt import Store

    directories = dict(zip((Store.EVENT_LOG, Store.DECISION_LOG), log_directories(settings)))  # noqa: B905  # two of each
    logs = [store for store, directory in directories.items() if directory is not None]
    erasure = Erasure.begin(client, account_id, logs)
    erasure.sweep()
    until = time.monotonic() + wait_s
    time.sleep(SETTLE_S)
    for store in logs:
        _do_here(erasure, store, settings)
    while time.monotonic() < until and erasure.waits():
        time.sleep(LOOK_S)
    return erasure.finish()


def _do_here(erasure: Erasure, store: Store, settings: Settings) -> None:
    """Unless a worker has the log, or it cannot be written here: then the worker does it."""
    from service.decision_log.errors import DecisionLogError
    from service.erasure.here import erase_rows, forget_decisions
    from service.erasure.receipt import Store
    from service.events.log_files import LogError

    if store not in erasure.receipt().waits_for:
        return
    url = settings.redis.url.get_secret_value()
    event_log, decision_log = log_directories(settings)
    try:
        if store is Store.EVENT_LOG and event_log is not None:
            erase_rows(url, event_log, settings.events)
        elif store is Store.DECISION_LOG and decision_log is not None:
            forget_decisions(url, decision_log, settings.decisions)
    except (LogError, DecisionLogError) as error:
        click.echo(f"{error}: left to the worker that writes it", err=True)


def _shown(client: redis.Redis, receipt_id: str) -> Receipt:
    from service.erasure.receipt import read_receipt

    found = read_receipt(client, receipt_id)
    if found is None:
        raise RaakError(f"no receipt {receipt_id[:64]}: receipts are kept for 90 days")
    return found


def _json(receipt: Receipt) -> str:
    import msgspec

    return msgspec.json.encode(receipt).decode()


def _text(receipt: Receipt) -> str:
    lines = [f"receipt {receipt.receipt_id}, begun {receipt.at.isoformat(timespec='seconds')}"]
    removed = receipt.removed
    for name in removed.__struct_fields__:
        number = getattr(removed, name)
        if name in receipt.waits_for:
            said = f"{number or 0} so far, still to be done"
        else:
            said = "no such log is kept" if number is None else f"{number}"
        lines.append(f"   {name.replace('_', ' '):<18} {said}")
    lines.append("   tombstone          kept, so that it cannot come back")
    if receipt.complete and not any(getattr(removed, one) for one in removed.__struct_fields__):
        lines.append("nothing was there: see that the id is right, it will never come in now")
    lines.append("complete" if receipt.complete else _waits(receipt))
    return "\n".join(lines)


def _waits(receipt: Receipt) -> str:
    return (
        f"NOT complete: {', '.join(receipt.waits_for)} wait for `raak worker`; later look with "
        f"`raak erase --receipt {receipt.receipt_id}`"
    )
