"""`raak world`: the demo bank's tables, from a seed."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import click

from cli.bank import catalogue_file

STEPS = 5
"""Four of the world's own, then the files."""


@click.command
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
@click.option("--accounts", default=20_000, show_default=True, type=click.IntRange(min=1))
@click.option("--months", default=12, show_default=True, type=click.IntRange(min=1))
@click.option("--seed", default=7, show_default=True, type=click.IntRange(min=0))
@click.option(
    "--until",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The first day that has not happened yet; default: today (UTC).",
)
@click.option(
    "--catalogue",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Default: the demo bank's own.",
)
def command(
    *,
    directory: Path,
    accounts: int,
    months: int,
    seed: int,
    until: datetime | None,
    catalogue: Path | None,
) -> None:
    """Write the demo bank's tables to DIRECTORY: lives, needs, and what came of them.

    Equal options give equal tables. `truth.parquet` holds each person's true chance to take each
    product; training never reads it.
    """
    from recommender.catalogue import parse_catalogue
    from training.tables import write_tables
    from training.world import generate

    source = catalogue or catalogue_file()
    parsed = parse_catalogue(source.read_text(encoding="utf-8"), str(source))
    with click.progressbar(length=STEPS, label="making the world", show_eta=False) as bar:
        world = generate(
            parsed,
            accounts=accounts,
            months=months,
            seed=seed,
            until=today() if until is None else until.date(),
            step=lambda _: bar.update(1),
        )
        frames = world.frames()
        write_tables(directory, frames)
        bar.update(1)
    rows = ", ".join(f"{len(frame):,} {name}" for name, frame in frames.items() if name != "truth")
    click.echo(f"{directory}: {rows}")


def today() -> date:
    return datetime.now(UTC).date()
