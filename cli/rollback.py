"""`raak rollback`: the champion before is champion again, and in force."""

from __future__ import annotations

import click

from cli.registry import REDIS, caught_up, following, now, put_in_force, registry_option, who
from recommender.errors import RaakError
from recommender.registry import Move, MoveKind

OR = (
    "mend what is in force with `raak publish --model`, or, where it does more harm than this "
    "would, `raak rollback --force --reason ...`"
)


@click.command()
@registry_option
@click.option("--reason", help="Why; it goes into the history.")
@click.option(
    "--force",
    is_flag=True,
    help="Even with a catalogue that could not be published today; needs --reason.",
)
def command(*, place: str, reason: str | None, force: bool) -> None:
    """Go back to the champion before this one, without a gate: it has stood the test already.

    The catalogue in force stays, unless that model cannot work with it and brings its own, which
    must be one that could be published today. Doing it twice goes back two promotions.
    """
    from service.publish.models import CatalogueOfThen
    from training.registry import Registry

    if force and not reason:
        raise RaakError("--force needs --reason: say why the catalogue's mistakes do not matter")
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
            try:
                move, said = put_in_force(client, registry, move, own_catalogue=True, force=force)
            except CatalogueOfThen as error:
                raise RaakError(f"{error}\n{OR}") from None
        registry.record(ledger, move)
    click.echo(f"champion: {move.version} (before: {move.previous})")
    click.echo(said)
