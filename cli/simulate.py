"""`raak simulate`: what a change of policies, catalogue or model would do to real customers."""

from __future__ import annotations

import os
import sys
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.registry import REDIS, following
from recommender.catalogue import CHANNELS, parse_catalogue
from recommender.catalogue.proposal import proposed
from recommender.errors import RaakError
from recommender.live import Bundle, open_bundle, pack_bundle

if TYPE_CHECKING:
    from training.registry import Registry
    from training.simulation import Sides, Simulation

readable = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.option("--policy", type=readable, help="A policy file, or a whole catalogue, to try.")
@click.option("--model", "version", help="A version of the registry to try.")
@click.option(
    "--tables",
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The population: accounts, holdings, events ...",
)
@click.option(
    "--accounts", type=click.IntRange(min=1), help="Only so many, the same each time; default: all."
)
@click.option("--catalogue", type=readable, help="The catalogue in force, where it is a file.")
@click.option(
    "--registry",
    "place",
    envvar="RAAK_REGISTRY",
    help="Has --model; and what is in force, where RAAK_REDIS_URL does not say it.",
)
@click.option(
    "--at",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]),
    help="Decide as at this instant (UTC); default: now.",
)
@click.option("--placement", default="home", show_default=True)
@click.option("--channel", type=click.Choice(CHANNELS), default="web", show_default=True)
@click.option(
    "--processes", type=click.IntRange(min=1), help="How many cores to use; default: all."
)
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the page (HTML) here."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON rather than text.")
def command(  # noqa: PLR0913  # one for each option
    *,
    policy: Path | None,
    version: str | None,
    tables: Path,
    accounts: int | None,
    catalogue: Path | None,
    place: str | None,
    at: datetime | None,
    placement: str,
    channel: str,
    processes: int | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Decide for everybody as it is and as it would be, and show what differs.

    As it is: what Redis has in force (RAAK_REDIS_URL), else the champion of --registry with the
    catalogue it learnt with; --catalogue takes its catalogue's place. Nothing is put in force.
    """
    from recommender.request import Request
    from training.registry import Registry
    from training.simulation import Sides
    from training.simulation.page import render
    from training.simulation.text import lines

    if policy is None and version is None:
        raise RaakError("nothing is to change: give --policy, or --model, or both")
    if out is not None and not out.parent.is_dir():
        raise RaakError(f"cannot write {out}: there is no directory {out.parent}")
    now = datetime.now(UTC).replace(microsecond=0)
    instant = now if at is None else at.replace(tzinfo=UTC)
    registry = None if place is None else Registry(place)
    before = in_force(registry, catalogue)
    after = changed(before, policy, version, registry, instant)
    sides = Sides(
        before=pack_bundle(before.catalogue, before.artefact),
        after=pack_bundle(after.catalogue, after.artefact),
        request=Request(instant, placement, channel),
        now=max(now, instant),
    )
    found = simulated(sides, tables, accounts, processes or os.cpu_count() or 1)
    if out is not None:
        from cli.watch import write

        write(out, render(found).encode())
    if as_json:
        click.echo(found.encode(), nl=False)
        return
    for line in lines(found):
        click.echo(line)


def in_force(registry: Registry | None, catalogue: Path | None) -> Bundle:
    """What is served now, with `catalogue` in the place of its own if given.

    Raises:
        RaakError: nobody says what is in force, or it cannot be read.
    """
    from service.publish.models import bundle_in_force

    with following() as client:
        found = None if client is None else bundle_in_force(client)
    if found is not None:
        bundle = open_bundle(*found)
    elif os.environ.get(REDIS):
        raise RaakError(f"nothing is in force on {REDIS}; `raak publish` first")
    elif registry is not None:
        bundle = champion(registry, catalogue)
    else:
        raise RaakError(f"what is in force? Set {REDIS}, or give --registry")
    if catalogue is None:
        return bundle
    text = catalogue.read_text(encoding="utf-8")
    parse_catalogue(text, str(catalogue))  # its mistakes, with the file's own name
    return Bundle(text, bundle.artefact)


def champion(registry: Registry, catalogue: Path | None) -> Bundle:
    """Raises RaakError: there is none, or it carries no catalogue and none is given."""
    version = registry.ledger().champion
    if version is None:
        raise RaakError(f"{registry.place} has no champion, so nothing is in force; `raak promote`")
    entry = registry.read(version)
    if entry.catalogue is None and catalogue is None:
        raise RaakError(f"{version} carries no catalogue; give the one in force as --catalogue")
    return Bundle(entry.catalogue or "", entry.artefact)


def changed(
    before: Bundle,
    policy: Path | None,
    version: str | None,
    registry: Registry | None,
    day: date,
) -> Bundle:
    """What would be in force from `day` on.

    Raises:
        CatalogueError: the policies are wrong; RaakError: there is no such model.
    """
    text, artefact = before.catalogue, before.artefact
    if policy is not None:
        text = proposed(text, policy.read_text(encoding="utf-8"), str(policy), day)
    if version is not None:
        if registry is None:
            raise RaakError("--model is a version of a registry: give --registry")
        artefact = registry.read(version).artefact
    return Bundle(text, artefact)


def simulated(sides: Sides, tables: Path, accounts: int | None, processes: int) -> Simulation:
    """Cut the tables into buckets, decide for them, and put together what was counted."""
    from recommender.draft import placement_of
    from recommender.tables import TABLES
    from training.simulation import Scene, cut, outcome, simulate

    scene = Scene.of(sides)
    for live in (scene.before, scene.after):
        placement_of(sides.request.placement, live)
    with tempfile.TemporaryDirectory(prefix="raak-simulate-") as folder:
        with click.progressbar(length=len(TABLES), label="reading", file=sys.stderr) as bar:
            catalogues = (scene.before.catalogue, scene.after.catalogue)
            buckets = cut(tables, catalogues, Path(folder), accounts, lambda _: bar.update(1))
        with click.progressbar(length=buckets.accounts, label="deciding", file=sys.stderr) as bar:
            processes = min(processes, len(buckets.directories))
            counted = simulate(buckets, sides, processes, bar.update)
    return outcome(counted, buckets, scene)
