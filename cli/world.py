"""`raak world`: write the demo bank's tables."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from cli.bank import catalogue_file
from recommender.errors import RaakError


@click.command()
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
@click.option("--accounts", default=20_000, show_default=True, help="How many people.")
@click.option("--months", default=12, show_default=True, help="How many months they are told of.")
@click.option("--seed", default=7, show_default=True, help="Equal seeds give equal bytes.")
@click.option(
    "--noise",
    default=1.0,
    show_default=True,
    help="How untidy recurring payments are (names, dates, prices, ends); 0: not at all.",
)
@click.option(
    "--until",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The first day not told of; default: today (UTC).",
)
@click.option(
    "--catalogue",
    "catalogue_path",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Default: the demo bank's.",
)
def command(
    directory: Path,
    *,
    accounts: int,
    months: int,
    seed: int,
    noise: float,
    until: datetime | None,
    catalogue_path: Path | None,
) -> None:
    """Write the demo bank's tables, and its truths, to DIRECTORY as Parquet files."""
    from recommender.catalogue import parse_catalogue
    from training.tables import write_tables
    from training.world import STEPS, TRUTHS, generate

    path = catalogue_path or catalogue_file()
    catalogue = parse_catalogue(path.read_text(encoding="utf-8"), path.name)
    day = until or datetime.now(UTC)
    with click.progressbar(length=len(STEPS) + 1, label="World") as bar:
        world = generate(
            catalogue,
            accounts=accounts,
            months=months,
            seed=seed,
            until=day.date(),
            noise=noise,
            step=lambda _: bar.update(1),
        )
        frames = world.frames()
        try:
            write_tables(directory, frames)
        except OSError as error:
            raise RaakError(f"cannot write to {directory}: {error.strerror}") from error
        bar.update(1)
    told = {name: frame for name, frame in frames.items() if name not in TRUTHS}
    rows = ", ".join(f"{len(frame):,} {name}" for name, frame in told.items())
    click.echo(f"{directory}: {rows.replace('_', ' ')}")
