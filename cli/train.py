"""`raak train`: tables in, a model artefact and its report out."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from recommender.errors import RaakError

if TYPE_CHECKING:
    from training.evaluation import View

REPORT = "report.html"

COLUMNS = (
    ("hit_at_1", "hit@1"),
    ("hit_at_3", "hit@3"),
    ("ndcg_at_5", "nDCG@5"),
    ("map_at_7", "MAP@7"),
    ("log_loss", "log loss"),
    ("calibration_error", "cal. error"),
)


@click.command()
@click.option(
    "--tables",
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Accounts, holdings, events ...",
)
@click.option(
    "--catalogue", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option(
    "--out",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the artefact's directory goes, named for the model's version.",
)
@click.option("--seed", default=1, show_default=True, help="Equal seeds give equal models.")
@click.option(
    "--report/--no-report",
    "with_report",
    default=True,
    show_default=True,
    help="Try the model and the baselines on rows kept apart, and write report.html.",
)
@click.option(
    "--rejects",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where rejected rows go, each with its reason; default: rejects.csv among the tables.",
)
def command(
    *,
    tables: Path,
    catalogue: Path,
    out: Path,
    seed: int,
    with_report: bool,
    rejects: Path | None,
) -> None:
    """Learn from the tables of a directory and write the model to OUT/<version>/."""
    from recommender.catalogue import parse_catalogue
    from training.artefact import write_artefact
    from training.report import render
    from training.tables import read_tables
    from training.train import PHASES, train

    declared = parse_catalogue(catalogue.read_text(encoding="utf-8"), str(catalogue))
    now = datetime.now(UTC)
    rejected = rejects or tables / "rejects.csv"
    steps = len(PHASES) + 1
    with click.progressbar(
        length=steps, label="training", item_show_func=lambda phase: phase or ""
    ) as bar:
        bar.update(0, "reading the tables")
        read = read_tables(tables, declared, now=now, rejects_to=rejected)
        trained = train(
            read,
            declared,
            created_at=now,
            seed=seed,
            with_trials=with_report,
            began=lambda phase: bar.update(1, phase),
        )
        bar.update(steps - bar.pos, "done")
    files = dict(trained.files)
    if trained.report is not None:
        files[REPORT] = render(trained.report).encode()
    try:
        place = write_artefact(out, files, trained.model.version)
    except OSError as error:
        raise RaakError(f"cannot write to {out}: {error.strerror}") from error
    if len(read.rejects):
        click.echo(f"{len(read.rejects):,} rows rejected: {rejected}")
    for view in trained.views:
        click.echo(table(view))
    click.echo(
        f"\n{place}: {len(trained.model.vocabulary):,} tokens, "
        f"{len(trained.model.products)} products; {sum(trained.seconds.values()):.1f} s, "
        f"at most {trained.peak_mb:,.0f} MB"
    )


def table(view: View) -> str:
    """The metrics of each scorer, one a line."""
    width = max(len(scorer) for scorer in view.metrics)
    lines = [
        f"\n{view.name}: {view.rows:,} rows of {view.accounts:,} accounts",
        " " * width + "".join(f"  {heading:>10}" for _, heading in COLUMNS),
    ]
    for scorer, found in view.metrics.items():
        numbers = found.numbers()
        cells = "".join(f"  {numbers[name]:>10.4f}" for name, _ in COLUMNS)
        lines.append(f"{scorer:<{width}}{cells}")
    return "\n".join(lines)
