"""What the commands about models share: the registry, and the Redis that follows it, if any."""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click
import msgspec
import redis

from recommender.errors import RaakError
from recommender.registry import Card, Ledger, Move

if TYPE_CHECKING:
    from training.registry import Registry

REDIS = "RAAK_REDIS_URL"

registry_option: Callable[[Any], Any] = click.option(
    "--registry",
    "place",
    required=True,
    envvar="RAAK_REGISTRY",
    help="The directory or URL that `raak train --out` writes to; or RAAK_REGISTRY.",
)


def now() -> str:
    """This instant as moves and cards note it; texts sort as the instants do."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def who() -> str:
    """Who gives the command, for the history."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container's user without a name
        return f"user {os.getuid()}"


@contextmanager
def following() -> Iterator[redis.Redis | None]:
    """The Redis of RAAK_REDIS_URL; None when that is not set.

    Raises:
        RaakError: it failed meanwhile, or is a cluster.
    """
    from cli.publish import connect
    from service.store.cluster import check_no_cluster

    if not os.environ.get(REDIS):
        yield None
        return
    with connect() as client:
        try:
            check_no_cluster(client)
            yield client
        except redis.RedisError as error:
            raise RaakError(f"Redis failed: {error}; run the command again") from error


def caught_up(registry: Registry, client: redis.Redis | None) -> Ledger:
    """The ledger, with the moves that operators made over HTTP taken over into it.

    Only of versions that are here: another registry may feed the same Redis.
    """
    from service.publish.models import moves

    ledger = registry.ledger()
    if client is None:
        return ledger
    known = set(registry.versions())
    return registry.record(ledger, *(move for move in moves(client) if move.version in known))


def put_in_force(
    client: redis.Redis,
    registry: Registry,
    move: Move,
    *,
    own_catalogue: bool,
    force: bool = False,
) -> tuple[Move, str]:
    """Offer a version of the registry and put it in force: the move as it came about, with what was
    overruled for it, and what to tell about it.

    Raises:
        NothingInForce, PublishError, ArtefactError: see `service.publish.models`.
    """
    from service.publish import models

    entry = registry.read(move.version)
    if entry.catalogue is None:
        raise RaakError(
            f"{move.version} carries no catalogue; put it in force with `raak publish --model`"
        )
    card = Card(
        version=move.version,
        created_at=entry.manifest.created_at,
        data_window=entry.manifest.data_window,
        offered_at=move.at,
        offered_by=move.by,
        reason=move.reason,
    )
    models.offer(client, card, entry.catalogue, entry.artefact)
    done = models.put_in_force(client, move, own_catalogue=own_catalogue, force=force)
    which = "the catalogue it learnt with" if done.own_catalogue else "the catalogue as it was"
    said = [f"in force: {done.bundle}, with {which}"]
    said += [f"overruled: {one}" for one in done.overruled]
    noted = msgspec.structs.replace(move, findings=(*move.findings, *done.overruled))
    return noted, "\n".join(said)
