"""`raak rollback`: the champion before is champion again, and in force."""

from __future__ import annotations

import click

from cli.registry import REDIS, caught_up, following, now, put_in_force, registry_option, who
from recommender.errors import RaakError
from recommender.registry import Move, MoveKind


@click.command()
@registry_option
@click.option("--reason", help="Why; it goes into the history.")
def command(*, place: str, reason: str | None) -> None:
    """Go back to the champion before this one, without a gate: it has stood the test already.

    The catalogue in force stays, unless that model cannot work with it and brings its own. Doing it
    twice goes back two promotions.
    """
    from training.registry import Registry

    registry = Registry(place)
    with following() as client:
        ledger = caught_up(registry, client)
        if ledger.before is None:
            raise RaakError(f"{ledger.champion or 'nothing'} has no champion before it")
        registry.manifest(ledger.before)  # somebody may have tidied it away
        move = Move(
            now(), MoveKind.ROLLED_BACK, ledger.before, who(), ledger.champion, reason=reason
        )
        said = f"{REDIS} is not set: what is in force was left as it is"
        if client is not None:
            said = put_in_force(client, registry, move, own_catalogue=True)
        registry.record(ledger, move)
    click.echo(f"champion: {move.version} (before: {move.previous})")
    click.echo(said)
