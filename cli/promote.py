"""`raak promote`: the gate, and then the challenger is champion and in force."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from cli.registry import REDIS, caught_up, following, now, put_in_force, registry_option, who
from cli.tombstones import event_log
from recommender.errors import RaakError
from recommender.registry import Ledger, Move, MoveKind

if TYPE_CHECKING:
    from training.registry import Contender, Registry, Verdict


MOST_STAGES = 3
"""Life stages that are named when they speak against a model; one would not read fifteen."""


class Refused(RaakError):
    """The gate refused; the text says so first, then gives the numbers, one line each."""


@click.command()
@click.argument("version")
@registry_option
@click.option(
    "--tables",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The newest tables: champion and challenger are compared on their latest takings.",
)
@click.option("--force", is_flag=True, help="Promote whatever the gate says; needs --reason.")
@click.option("--reason", help="Why the gate is overruled; it goes into the history.")
@click.option("--seed", default=1, show_default=True, help="Of the gate's intervals.")
@click.option("--details", is_flag=True, help="Every comparison, those by life stage too.")
@click.option(
    "--own-catalogue",
    is_flag=True,
    help="Where the catalogue in force does not fit the model, bring the one it learnt with, if "
    "that could be published today.",
)
def command(
    version: str,
    *,
    place: str,
    tables: Path | None,
    force: bool,
    reason: str | None,
    seed: int,
    details: bool,
    own_catalogue: bool,
) -> None:
    """Compare VERSION with the champion; make it champion if it is not worse.

    Not worse beyond a margin on the newest takings, which neither has seen: overall, in every life
    stage, in calibration and in coverage; and better than popularity within life stage. Nor on what
    people answered to the newest offers. With RAAK_REDIS_URL set it is in force within a second of
    that.
    """
    from training.registry import Registry

    if force != bool(reason):
        raise RaakError("--force and --reason go together: say why the gate is overruled")
    if tables is None and not force:
        raise RaakError("--tables is missing: the gate needs the newest tables to compare on")
    registry = Registry(place)
    registry.manifest(version)
    with following() as client:
        ledger = caught_up(registry, client)
        again = version == ledger.champion
        shown: list[str] = []
        move = Move(now(), MoveKind.PROMOTED, version, who(), ledger.champion, reason)
        if again:
            move = msgspec.structs.replace(move, previous=ledger.before)
        else:
            found = gate(registry, ledger, version, tables, seed)
            shown = lines(found, details=details)
            move = judged(move, registry, ledger, found, shown)
        said = f"{REDIS} is not set: what is in force was left as it is"
        if client is not None:
            move, said = put_in_force(client, registry, move, own_catalogue=own_catalogue)
        if not again:
            registry.record(ledger, move)
    for line in (f"champion: {version} (before: {move.previous or 'none'})", said, *shown):
        click.echo(line)


def judged(
    move: Move, registry: Registry, ledger: Ledger, found: Verdict | str, shown: list[str]
) -> Move:
    """The move with what the gate `found`; `shown` is what to tell of that.

    Raises:
        Refused: the gate is against it and no reason overrules it; that is in the history now.
    """
    against = (found,) if isinstance(found, str) else tuple(map(str, found.held_against))
    move = msgspec.structs.replace(move, findings=against)
    if against and move.reason is None:
        registry.record(ledger, msgspec.structs.replace(move, kind=MoveKind.REFUSED))
        stays = f"{ledger.champion or 'no model'} stays champion"
        raise Refused("\n".join([f"{move.version} is refused, {stays}", *shown]))
    return move


def gate(
    registry: Registry, ledger: Ledger, version: str, tables: Path | None, seed: int
) -> Verdict | str:
    """What the gate says of the version, or why it could not try it."""
    from training.registry import GateConfig, NotTried, contender, judge, trial_rows

    if tables is None:
        return "not tried: no tables were given"
    config = GateConfig()
    at = datetime.now(UTC)
    with click.progressbar(
        length=3, label="comparing", item_show_func=lambda step: step or ""
    ) as bar:
        bar.update(0, "the challenger's rows")
        log = event_log()
        challenger = contender(registry, version, tables, at, event_log=log)
        bar.update(1, "the champion's rows")
        champion: Contender | None = None
        if ledger.champion is not None:
            champion = contender(
                registry, ledger.champion, tables, at, beside=challenger, event_log=log
            )
        bar.update(1, "on equal rows")
        try:
            rows = trial_rows(challenger, champion, least=config.least_rows)
        except NotTried as reason:
            return f"not tried: {reason}"
        verdict = judge(rows, config, seed=seed)
        bar.update(1, "done")
    return verdict


def lines(found: Verdict | str, *, details: bool) -> list[str]:
    """What the gate found: every comparison over all rows, and those by life stage counted.

    Of the latter the first few that speak against it are named; with `details` all of them.
    """
    if isinstance(found, str):
        return [found]
    whole = [finding for finding in found.findings if details or not finding.stage]
    stages = [finding for finding in found.findings if finding.stage]
    failing = [finding for finding in stages if not finding.holds]
    if not details:
        whole += failing[:MOST_STAGES]
    told = [f"  {'ok' if finding.holds else 'NO'}  {finding}" for finding in whole]
    held = f"{len(stages) - len(failing)} of {len(stages)} comparisons by life stage hold"
    more = "" if details else "; --details lists them"
    return [f"tried on {found.rows:,} takings from {found.first_day} on; {held}{more}:", *told]
