"""`raak webhooks`: the deliveries of alerts that were given up."""

from __future__ import annotations

import time

import click

from cli.serve import read_settings
from recommender.errors import RaakError
from service.store.cluster import refuse_cluster


@click.command()
@click.option("--replay", "again", is_flag=True, help="Send them again, from the first attempt.")
def command(*, again: bool) -> None:
    """List the webhooks that were given up: when, which alert, where to, and why.

    `raak worker` sends to RAAK_WEBHOOKS_URLS and gives up after RAAK_WEBHOOKS_ATTEMPTS.
    """
    import redis

    from service.events.stream import connect
    from service.webhooks import dead

    url = read_settings().redis.url.get_secret_value()
    refuse_cluster(url)
    try:
        with connect(url) as client:
            if again:
                click.echo(f"{dead.replay(client, time.time())} will be sent again")
                return
            for one in dead.dead_deliveries(client):
                about = one.delivery
                what = "-\t-" if about is None else f"{about.id}\t{about.url}"
                click.echo(f"{one.id}\t{what}\t{one.reason}")
    except redis.RedisError as error:
        raise RaakError(f"Redis failed: {error}") from error
