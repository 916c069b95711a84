"""`python -m bench [--only GROUP]`: measure, print a table, write bench/out/bench.json."""

from __future__ import annotations

import importlib
import time
import traceback
from collections.abc import Callable, Iterable
from pathlib import Path

import click

from bench.figures import OUT, Figure, Skipped, table, write_figures

GROUPS = {
    "serving": "bench.serving",
    "decide": "bench.decide",
    "events": "bench.events",
    "events_chaos": "bench.events_chaos",
    "redis": "bench.redis_memory",
    "world": "bench.world",
    "training": "bench.training",
    "retrain": "bench.retrain",
    "simulate": "bench.simulate",
    "replay": "bench.replay",
    "demo_start": "bench.demo_start",
    "zimnat": "bench.zimnat",
    "demo": "bench.demo_bank",
    "loop": "bench.closed_loop",
    "berka": "bench.berka",
    "movielens": "bench.movielens",
    "alerts": "bench.alerts",
    "alerts_scale": "bench.alerts_scale",
}
"""Each group's module, which has `measure() -> Iterable[Figure]`; imported only when it runs."""


def load_measure(group: str) -> Callable[[], Iterable[Figure]]:
    """The `measure` function of `group`."""
    measure: Callable[[], Iterable[Figure]] = importlib.import_module(GROUPS[group]).measure
    return measure


def run(
    groups: Iterable[str],
    load: Callable[[str], Callable[[], Iterable[Figure]]],
    out: Path,
    *,
    merge: bool,
) -> list[str]:
    """Measure `groups` one after the other; return those that broke.

    The file is written after each group, so that an interrupted run keeps what it measured.
    """
    broken = []
    for group in groups:
        started = time.perf_counter()
        click.secho(f"\n{group}", bold=True)
        try:
            figures = list(load(group)())
        except Skipped as reason:
            click.echo(f"skipped: {reason}")
            continue
        except Exception:  # noqa: BLE001 - a broken group must not cost the others; it is shown, counted
            click.echo(traceback.format_exc(), err=True)
            broken.append(group)
            continue
        click.echo(table(figures))
        click.echo(f"({time.perf_counter() - started:.0f} s)")
        write_figures(out, figures, merge=merge)
        merge = True
    return broken


@click.command()
@click.option("--only", type=click.Choice(list(GROUPS)), help="Measure one group; keep the rest.")
@click.option(
    "--out", type=click.Path(path_type=Path), default=OUT / "bench.json", show_default=True
)
def main(only: str | None, out: Path) -> None:
    """Measure Raak on this machine; exits 1 when a group broke, not when a bar is missed."""
    broken = run([only] if only else GROUPS, load_measure, out, merge=only is not None)
    click.echo(f"\nfigures: {out}")
    if broken:
        raise click.ClickException(f"broken: {', '.join(broken)}")


if __name__ == "__main__":
    main()
