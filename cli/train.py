"""`raak train`: tables in, a model in the registry and its report out."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.registry import now as this_instant
from cli.registry import who
from cli.rejects import rejects_file, rejects_option
from cli.tombstones import event_log, say_erased
from cli.training_run import all_files, configured, log, recorded, searched
from recommender.errors import RaakError

if TYPE_CHECKING:
    from training.evaluation import View

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
    help="The registry: a directory or a URL (s3://...). The model goes into OUT/<version>/.",
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
    "--search",
    "trials",
    default=0,
    type=click.IntRange(min=0),
    help="Look for better settings in so many trials first.",
)
@click.option(
    "--window-days",
    type=click.IntRange(min=1),
    help="Learn only from what was taken in so many days before --as-of; default: from all.",
)
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]),
    help="Read the tables as if it were this instant (UTC), so that later rows are rejected; "
    "default: now. Equal inputs as of an equal instant give equal bytes.",
)
@rejects_option
def command(  # noqa: PLR0913  # one for each option
    *,
    tables: Path,
    catalogue: Path,
    out: str,
    seed: int,
    with_report: bool,
    trials: int,
    window_days: int | None,
    as_of: datetime | None,
    rejects: Path | None,
) -> None:
    """Learn from the tables of a directory; the model becomes the challenger of the registry OUT.

    With MLFLOW_TRACKING_URI set the run and its files are logged to MLflow too.
    """
    from recommender.catalogue import parse_catalogue
    from training.material import Material
    from training.phases import Phases
    from training.registry import Registry
    from training.snapshots import READS
    from training.tables import read_tables
    from training.tracking import data_files, tracker
    from training.train import PHASES, learn

    text = catalogue.read_text(encoding="utf-8")
    declared = parse_catalogue(text, str(catalogue))
    registry, tracked = Registry(out), tracker(os.environ)
    if tracked is not None:
        tracked.check()  # before the long work, not after
    now = (as_of or datetime.now(UTC)).replace(tzinfo=UTC)
    config = configured(now.date() if window_days else None, window_days or 0)
    rejected = rejects_file(rejects, tables)
    click.echo(f"reading {tables}")
    digests = data_files(tables, declared)
    read = read_tables(
        tables, declared, now=now, rejects_to=rejected, only=READS, event_log=event_log()
    )
    found = None
    if trials:
        found = searched(read, declared, config, trials, seed)
        config = config.model_copy(update={"hybrid": found.config})
    steps, erased, rejects_count = len(PHASES), read.erased, len(read.rejects)
    with click.progressbar(
        length=steps, label="training", item_show_func=lambda phase: phase or ""
    ) as bar:
        phases = Phases(lambda phase: bar.update(1, phase))
        material = Material.of(
            read, declared, config.snapshots, config.responses, phases, seed=seed
        )
        del read  # baselines need the memory
        trained = learn(
            material,
            declared,
            config,
            phases,
            created_at=now,
            seed=seed,
            with_trials=with_report,
        )
        bar.update(steps - bar.pos, "done")
    run = recorded(trained, declared, digests, found)
    files = all_files(trained, text, run)
    try:
        place = registry.add(trained.model.version, files, at=this_instant(), by=who())
    except OSError as error:
        raise RaakError(f"cannot write to {out}: {error.strerror}") from error
    if tracked is not None:
        click.echo(f"MLflow run: {log(tracked, run, files)}")
    say_erased(erased)
    if rejects_count:
        click.echo(f"{rejects_count:,} rows rejected: {rejected}")
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
