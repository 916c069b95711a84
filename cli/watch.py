"""`raak watch`: do people, scores and outcomes still look as when the champion learnt?"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import click
import numpy as np

from cli.registry import following, registry_option
from cli.tombstones import event_log
from recommender.errors import RaakError

if TYPE_CHECKING:
    from training.drift import Watch, WatchConfig
    from training.registry import Entry

WARNED = 3
"""Exit code of --strict when something warns: neither a fault (1) nor bad input (2)."""


@click.command()
@registry_option
@click.option(
    "--tables",
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The newest tables.",
)
@click.option("--model", "version", help="Which version; default: the champion.")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the page (HTML) here."
)
@click.option(
    "--metrics",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the readings here for Prometheus (a textfile collector's .prom file).",
)
@click.option("--strict", is_flag=True, help="Exit with 3 when something warns.")
def command(
    *,
    place: str,
    tables: Path,
    version: str | None,
    out: Path | None,
    metrics: Path | None,
    strict: bool,
) -> None:
    """Compare what came after a model learnt with the rows of its trial, and warn of drift.

    Input drift of each feature and drift of scores (population stability index), calibration and
    accuracy on fresh outcomes, coverage, and how often a slot holds a fallback. With RAAK_REDIS_URL
    set also how long the oldest event that no worker has folded has waited.
    """
    from training.drift import WatchConfig
    from training.drift.page import render
    from training.drift.prometheus import exposition
    from training.registry import Registry

    registry = Registry(place)
    version = version or registry.ledger().champion
    if version is None:
        raise RaakError(f"{place} has no champion yet: `raak promote`, or name a --model")
    now = datetime.now(UTC)
    watched = looked(registry.read(version), version, tables, now, WatchConfig())
    if out is not None:
        write(out, render(watched, f"{now:%Y-%m-%d %H:%M} UTC").encode())
    if metrics is not None:
        write(metrics, exposition(watched, now.timestamp()))
    click.echo(f"{version}: {watched.rows:,} takings since it learnt")
    for reading in watched.readings:
        if not reading.of:
            click.echo(f"  {reading}")
    for note in watched.notes:
        click.echo(f"note: {note}")
    for warning in watched.warnings:
        click.echo(f"warning: {warning}", err=True)
    if strict and watched.warnings:
        sys.exit(WARNED)


def looked(entry: Entry, version: str, tables: Path, now: datetime, config: WatchConfig) -> Watch:
    """Read the tables with the model's own catalogue and compare.

    Raises:
        RaakError: the version carries no reference or catalogue, or the tables cannot be read.
    """
    from recommender.catalogue import read_again
    from recommender.live import Live
    from training.accounts import build_accounts
    from training.drift import read_reference, watch
    from training.drift.fallbacks import fallback_share
    from training.drift.reference import REFERENCE
    from training.registry.contend import snapshot_config
    from training.snapshots import build_snapshots
    from training.tables import read_tables

    if entry.catalogue is None or REFERENCE not in entry.files:
        raise RaakError(f"{version} carries no {REFERENCE} to compare with; train again")
    catalogue = read_again(entry.catalogue, f"{version}/catalogue.yaml")
    click.echo(f"reading {tables}")
    read = read_tables(tables, catalogue, now=now, event_log=event_log())
    rows = build_snapshots(read, catalogue, snapshot_config(entry))
    day_after = np.datetime64(entry.manifest.data_window["until"]) + np.timedelta64(1, "D")
    fresh = rows.take(rows.moment >= day_after)
    model = entry.serving()
    step = max(len(read.accounts) // config.sampled_accounts, 1)
    people = islice(build_accounts(read, catalogue, now), 0, None, step)
    placement = next(iter(catalogue.placements))
    share = fallback_share(people, Live.assemble(catalogue, model), placement, now)
    return watch(
        model,
        read_reference(entry.files[REFERENCE]),
        fresh,
        config,
        fallback_share=share,
        event_wait_s=event_wait_s(),
    )


def event_wait_s() -> float | None:
    """None where there is no Redis to ask. Raises RaakError: there is, but it does not answer."""
    from service.events.waiting import waits_s

    with following() as client:
        return None if client is None else waits_s(client)


def write(path: Path, content: bytes) -> None:
    """Replace the file at once: a collector never reads half of it."""
    fresh = path.with_name(f".{path.name}.new")
    try:
        fresh.write_bytes(content)
        fresh.replace(path)
    except OSError as error:
        raise RaakError(f"cannot write {path}: {error.strerror}") from error
