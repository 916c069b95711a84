"""`raak publish`: accounts out of the tables, catalogue and model into Redis, and into force."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from cli.serve import read_settings
from recommender.catalogue import parse_catalogue
from recommender.live import pack_bundle, read_bundle
from recommender.tables import ACCOUNTS
from service.publish import Known, Publication, Published
from service.publish import publish as put_in_force

if TYPE_CHECKING:
    import pandas as pd

CONNECT_S = 2.0
ANSWER_S = 10.0

directory = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command()
@click.option("--tables", required=True, type=directory, help="Accounts, holdings, events ...")
@click.option("--model", required=True, type=directory, help="The artefact `raak train` wrote.")
@click.option(
    "--catalogue", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--placement", "placements", multiple=True, default=("home",), show_default=True)
@click.option("--channel", "channels", multiple=True, default=("web",), show_default=True)
@click.option(
    "--language", "languages", multiple=True, help="Repeatable; default: each account's own."
)
@click.option(
    "--rejects",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where rejected rows go, each with its reason; default: rejects.csv among the tables.",
)
@click.option("--allow-shrink", is_flag=True, help="Even if over 10 % of the accounts go.")
def command(
    tables: Path,
    model: Path,
    catalogue: Path,
    placements: tuple[str, ...],
    channels: tuple[str, ...],
    languages: tuple[str, ...],
    rejects: Path | None,
    allow_shrink: bool,  # noqa: FBT001  # click passes by name
) -> None:
    """Write accounts, catalogue and model to Redis (RAAK_REDIS_URL) and put them in force.

    Answers for the given placements, channels and languages are made ahead; all others are made
    when they are asked for. Stopped halfway, what was in force stays in force: run it again.
    """
    from training.accounts import build_accounts
    from training.artefact import read_directory
    from training.tables import read_tables
    from training.tables.frames import TABLE

    publication = Publication(
        placements=placements, channels=channels, languages=languages or (None,)
    )
    text = catalogue.read_text(encoding="utf-8")
    bundle = pack_bundle(text, read_directory(model))
    parse_catalogue(text, str(catalogue))  # its mistakes, with the file's own name
    live = read_bundle(*bundle)
    publication.questions(live)  # before the long work, not after
    now = datetime.now(UTC)
    read = read_tables(
        tables, live.catalogue, now=now, rejects_to=rejects or tables / "rejects.csv"
    )
    lost = int((read.rejects[TABLE] == ACCOUNTS.name).sum())
    if len(read.rejects):
        click.echo(f"{len(read.rejects):,} rows rejected: {rejects or tables / 'rejects.csv'}")
    if lost:
        click.echo(f"absent accounts stay: {lost:,} rejected rows of {ACCOUNTS.name} may be theirs")
    publication = publication.model_copy(
        update={
            "keep_absent": bool(lost),
            "most_shrink": 1.0 if allow_shrink else publication.most_shrink,
        }
    )
    people = build_accounts(read, live.catalogue, now)
    with (
        connect() as client,
        click.progressbar(length=len(read.accounts), label="publishing") as bar,
    ):
        published = put_in_force(
            client, people, bundle, publication, bar.update, known=known_events(read.events, now)
        )
    report(published)


def known_events(events: pd.DataFrame, now: datetime) -> Known:
    """The events among the tables' that may also lie beside a state in Redis."""
    since = now - timedelta(days=read_settings().events.keep_days)
    recent = events["at"] >= since.replace(tzinfo=None)
    return Known(since, frozenset(events.loc[recent, "event_id"].tolist()))


def report(published: Published) -> None:
    click.echo(
        f"in force: {published.version}, {published.accounts:,} accounts, "
        f"{published.decisions:,} answers made ahead; removed: {published.pruned_keys:,} keys, "
        f"{published.pruned_bundles} bundles"
    )


def connect() -> redis.Redis:
    """A client that gives up soon and never sends anything twice."""
    return redis.Redis.from_url(
        read_settings().redis.url.get_secret_value(),
        socket_connect_timeout=CONNECT_S,
        socket_timeout=ANSWER_S,
        retry=Retry(NoBackoff(), 0),
    )
