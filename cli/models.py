"""`raak models`: the versions in a registry side by side, and what happened to them."""

from __future__ import annotations

import click

from cli.registry import caught_up, following, registry_option
from recommender.artefact import Manifest
from recommender.registry import Ledger, Move

METRICS = (
    ("hit_at_1", "hit@1"),
    ("ndcg_at_5", "nDCG@5"),
    ("log_loss", "log loss"),
    ("calibration_error", "cal. error"),
    ("coverage_at_3", "coverage@3"),
)
ABSENT = "-"


@click.command()
@click.argument("versions", nargs=-1)
@registry_option
@click.option("--history", is_flag=True, help="Also what happened to them, oldest first.")
def command(versions: tuple[str, ...], *, place: str, history: bool) -> None:
    """List the models of a registry, newest last, each as it was tried when it was trained.

    With VERSIONS only those, and where their settings differ. Each was tried on the newest rows of
    its own day: `raak promote` compares on equal rows.
    """
    from service.publish.models import in_force
    from training.registry import Registry

    registry = Registry(place)
    with following() as client:
        ledger = caught_up(registry, client)
        served = None if client is None else in_force(client)
    known = [(version, registry.manifest(version)) for version in versions or registry.versions()]
    chosen = dict(known if versions else sorted(known, key=_made_at))
    if not chosen:
        click.echo(f"no models in {place}; `raak train --out {place}` adds them")
    for line in table(chosen, ledger, served):
        click.echo(line)
    if len(versions) > 1:
        for line in differences(chosen):
            click.echo(line)
    if history:
        for move in ledger.moves:
            click.echo(told(move))
    if served is not None and served != ledger.champion:
        click.echo(f"note: in force is {served}, champion is {ledger.champion or 'none'}")


def _made_at(known: tuple[str, Manifest]) -> str:
    return known[1].created_at


def table(chosen: dict[str, Manifest], ledger: Ledger, served: str | None) -> list[str]:
    width = max((len(version) for version in chosen), default=0)
    lines = [
        f"{'version':<{width}}  {'learnt until':<12}"
        + "".join(f"  {heading:>10}" for _, heading in METRICS)
    ]
    for version, manifest in chosen.items():
        found = numbers(manifest)
        cells = "".join(
            f"  {found[name]:>10.4f}" if name in found else f"  {ABSENT:>10}" for name, _ in METRICS
        )
        marks = (
            (ledger.champion, "champion"),
            (ledger.challenger, "challenger"),
            (served, "in force"),
        )
        roles = ", ".join(role for which, role in marks if which == version)
        until = manifest.data_window.get("until", ABSENT)
        lines.append(f"{version:<{width}}  {until:<12}{cells}  {roles}".rstrip())
    return lines


def numbers(manifest: Manifest) -> dict[str, float]:
    """The hybrid's metrics in its first trial; none when it was trained without."""
    for scorers in manifest.metrics.values():
        found: dict[str, float] = scorers["hybrid"]
        return found
    return {}


def differences(chosen: dict[str, Manifest]) -> list[str]:
    """The settings that are not equal in all of them."""
    from training.train import flat

    settings = {version: flat(manifest.config) for version, manifest in chosen.items()}
    names = dict.fromkeys(name for known in settings.values() for name in known)
    lines = []
    for name in names:
        values = [known.get(name, ABSENT) for known in settings.values()]
        if any(value != values[0] for value in values):
            lines.append(f"{name}: " + " | ".join(str(value) for value in values))
    return lines


def told(move: Move) -> str:
    """One move as a line, with the gate's findings below it."""
    why = f", because: {move.reason}" if move.reason else ""
    before = f" (before: {move.previous})" if move.previous else ""
    kind = move.kind.value.replace("_", " ")
    lines = [f"{move.at[:19].replace('T', ' ')}  {kind} {move.version}{before} by {move.by}{why}"]
    return "\n".join([*lines, *(f"    {finding}" for finding in move.findings)])
