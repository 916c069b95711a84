"""`raak publish`: accounts out of the tables, catalogue and model into Redis, and into force."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from cli.declared import policy_option, read_declared
from cli.rejects import rejects_file, rejects_option
from cli.serve import read_settings
from cli.tombstones import event_log, say_erased
from recommender.artefact import MANIFEST
from recommender.errors import RaakError
from recommender.live import pack_bundle, read_bundle
from recommender.tables import ACCOUNT_ID, ACCOUNTS, EVENT_ID, TRANSACTIONS
from service.errors import PublishError
from service.events.waiting import to_be_folded
from service.publish import Known, Pointer, Publication, Published, Roll, check_assertions
from service.publish import publish as put_in_force
from service.store.cluster import refuse_cluster

if TYPE_CHECKING:
    import pandas as pd

    from recommender.catalogue import Catalogue
    from training.accounts.money import Heard, Money
    from training.tables import Tables

CONNECT_S = 2.0
ANSWER_S = 10.0

directory = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command()
@click.option("--tables", required=True, type=directory, help="Accounts, holdings, events ...")
@click.option("--model", required=True, type=directory, help="The artefact `raak train` wrote.")
@click.option(
    "--catalogue", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@policy_option
@click.option("--placement", "placements", multiple=True, default=("home",), show_default=True)
@click.option("--channel", "channels", multiple=True, default=("web",), show_default=True)
@click.option(
    "--language", "languages", multiple=True, help="Repeatable; default: each account's own."
)
@rejects_option
@click.option("--allow-shrink", is_flag=True, help="Even if over 10 % of the accounts go.")
def command(  # noqa: PLR0913, PLR0917  # click passes each option by its name
    tables: Path,
    model: Path,
    catalogue: Path,
    policy: Path | None,
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
    from training.accounts.money import Heard
    from training.tables import read_tables

    publication = Publication(
        placements=placements, channels=channels, languages=languages or (None,)
    )
    refuse_cluster(read_settings().redis.url.get_secret_value())
    now = datetime.now(UTC)
    text, _ = read_declared(catalogue, policy, now)
    bundle = pack_bundle(text, artefact_in(model))
    live = read_bundle(*bundle)
    publication.questions(live)  # before the long work, not after
    since = in_force(bundle[0])  # whoever changes it from here on is not overruled in the end
    rejected = rejects_file(rejects, tables)
    with TemporaryDirectory(prefix="raak-publish-") as apart:
        heard = Heard(Path(apart), live.catalogue, now)
        read = read_tables(
            tables,
            live.catalogue,
            now=now,
            rejects_to=rejected,
            event_log=event_log(),
            handed_on={TRANSACTIONS.name: heard.add},
        )
        say_erased(read.erased)
        if len(read.rejects):
            click.echo(f"{len(read.rejects):,} rows rejected: {rejected}")
        roll = called(read)
        if allow_shrink:
            publication = publication.model_copy(update={"most_shrink": 1.0})
        say_half_days(heard, live.catalogue, now)
        money = looked_ahead(tables, read, live.catalogue, now, heard)
    read = without_unfolded(read)
    if live.catalogue.assertions:
        with click.progressbar(length=len(read.accounts), label="asserting") as bar:
            everybody = build_accounts(read, live.catalogue, now, money)
            check_assertions(everybody, live, now, bar.update)
    people = build_accounts(read, live.catalogue, now, money)
    with (
        connect() as client,
        click.progressbar(length=len(read.accounts), label="publishing") as bar,
    ):
        known = known_events(read.events, now)
        published = put_in_force(
            client, people, bundle, publication, bar.update, known=known, roll=roll, since=since
        )
    report(published)


def say_half_days(heard: Heard, catalogue: Catalogue, now: datetime) -> None:
    """What events tell of the last day in the tables is taken to be in the tables."""
    from training.accounts.money import bank_day

    today = bank_day(catalogue, now)
    count = sum(day == today for day in heard.booked.until)
    if count:
        click.echo(
            f"warning: {count:,} accounts have transactions of today ({today}) in the tables: "
            "`transaction` events of today do not move their balance; make tables of whole days",
            err=True,
        )


def looked_ahead(
    tables: Path, read: Tables, catalogue: Catalogue, now: datetime, heard: Heard
) -> Money:
    """What everybody's bookings say of the coming weeks."""
    from training.accounts.money import finances_in, look_ahead_in

    with click.progressbar(length=len(read.accounts), label="learning from bookings") as bar:
        kept = finances_in(tables, read, catalogue, now, heard, bar.update)
        bar.finish()
    with click.progressbar(length=len(kept.finances), label="looking ahead") as bar:
        money = look_ahead_in(tables, read, catalogue, now, heard, kept, bar.update)
    if money.unkept:
        click.echo(f"what was learnt from bookings is not kept: {money.unkept}")
    return money


def artefact_in(model: Path) -> dict[str, bytes]:
    """The artefact's files by name.

    Raises:
        RaakError: they are not there, or this is the registry that has such directories.
    """
    from training.artefact import read_directory
    from training.registry import Registry

    registry = Registry(str(model))
    versions = [] if (model / MANIFEST).exists() else registry.versions()
    if versions:
        champion = registry.ledger().champion
        which = "its champion" if champion else "its newest"
        raise RaakError(
            f"{model} is a registry of models; name one of them, such as {which}: "
            f"--model {model / (champion or versions[-1])}"
        )
    return read_directory(model)


def called(read: Tables) -> Roll:
    """Everybody in the tables; whoever's row was rejected is no departed customer, and stays.

    Raises:
        PublishError: one of them cannot be published.
    """
    from training.tables.frames import TABLE

    present = read.accounts[ACCOUNT_ID].tolist()
    lost = read.rejects.loc[read.rejects[TABLE] == ACCOUNTS.name, ACCOUNT_ID]
    nameless = int(lost.isna().sum())
    if nameless:
        click.echo(
            "every absent account stays: rejected rows of accounts that do not say whose they are: "
            f"{nameless:,}"
        )
        return Roll.call(present, None)
    spared = frozenset(lost.tolist()).difference(present)
    if spared:
        click.echo(f"accounts that stay as they were, their rows being rejected: {len(spared):,}")
    return Roll.call(present, spared)


def without_unfolded(read: Tables) -> Tables:
    """Without the events that a worker has still to fold, or that may be put back to be folded: it
    does so on top of what is published, and they must not count twice.

    Raises:
        PublishError: Redis does not say which those are.
    """
    try:
        with connect() as client:
            ids = to_be_folded(client)
    except redis.RedisError as error:
        raise PublishError(f"Redis failed before anything was written: {error}") from error
    later = read.events[EVENT_ID].isin(ids) if ids else None
    if later is None or not later.any():
        return read
    click.echo(f"events that are still to be folded, and left to the worker: {int(later.sum()):,}")
    return replace(read, events=read.events[~later].reset_index(drop=True))


def known_events(events: pd.DataFrame, now: datetime) -> Known:
    """The events among the tables' that may also lie beside a state in Redis."""
    since = now - timedelta(days=read_settings().events.keep_days)
    recent = events["at"] >= since.replace(tzinfo=None)
    return Known(since, frozenset(events.loc[recent, EVENT_ID].tolist()))


def report(published: Published) -> None:
    click.echo(
        f"in force: {published.version}, {published.accounts:,} accounts, "
        f"{published.decisions:,} answers made ahead; removed: {published.pruned_keys:,} keys, "
        f"{published.pruned_bundles} bundles"
    )


def in_force(instead: str) -> Pointer:
    """What `instead` is to take the place of. Raises PublishError: Redis does not say."""
    try:
        with connect() as client:
            return Pointer.now(client)
    except redis.RedisError as error:
        raise PublishError(f"Redis failed while publishing {instead}: {error}") from error


def connect() -> redis.Redis:
    """A client that gives up soon and never sends anything twice."""
    return redis.Redis.from_url(
        read_settings().redis.url.get_secret_value(),
        socket_connect_timeout=CONNECT_S,
        socket_timeout=ANSWER_S,
        retry=Retry(NoBackoff(), 0),
    )
