"""`raak export`: all that is held about one person, the logs included."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click
import redis

from cli.erase import checked, log_directories
from cli.serve import read_settings
from recommender.errors import RaakError
from service.settings import Settings

if TYPE_CHECKING:
    from service.access.held import Export


@click.command()
@click.argument("account_id")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write it here, readable by you only; default: print it.",
)
def command(account_id: str, out: Path | None) -> None:
    """Give all that is held about ACCOUNT_ID, as JSON: Redis, the event log, the decision log.

    The logs are read where RAAK_EVENTS_... and RAAK_DECISIONS_... say that they are.
    """
    import msgspec

    found = _held(checked(account_id), read_settings())
    content = msgspec.json.format(msgspec.json.encode(found), indent=2) + b"\n"
    if out is None:
        click.echo(content.decode(), nl=False)
        return
    try:
        out.unlink(missing_ok=True)
        with open(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:  # noqa: PTH123  # only os.open takes the mode
            file.write(content)
    except OSError as error:
        raise RaakError(f"cannot write {out}: {error.strerror}") from error


def _held(account_id: str, settings: Settings) -> Export:
    """Raises RaakError: nothing is held, or what is cannot be read."""
    from service.access.held import held_in_redis, with_logs
    from service.events.stream import connect

    event_log, decision_log = log_directories(settings)
    parts = {}
    if event_log is not None:
        from service.access.logs import in_event_log

        parts["event_log"] = in_event_log(event_log, account_id)
    if decision_log is not None:
        from service.access.logs import in_decision_log

        parts["decision_log"] = in_decision_log(decision_log, account_id)
    try:
        with connect(settings.redis.url.get_secret_value()) as client:
            held = held_in_redis(client, account_id)
    except redis.RedisError as error:
        raise RaakError(f"Redis failed: {error}") from error
    whole = with_logs(held, parts)
    if whole.empty:
        raise RaakError(f"nothing is held about {account_id}")
    return whole
