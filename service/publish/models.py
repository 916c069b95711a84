"""Models that may be put in force, and the one step that does so.

A model is *offered* once it has passed the gate (or somebody answered for it): it then lies in
Redis beside the one in force, and changing between them moves one pointer. The catalogue in force
stays: last week's model does not bring back last week's rules. A model that does not fit it, having
learnt other features or products, brings its own catalogue only where the caller says so, and only
one that could be published today.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import msgspec
import redis

from recommender import keyspace
from recommender.artefact import MANIFEST, read_manifest
from recommender.catalogue import parse_catalogue
from recommender.errors import ArtefactError, CatalogueError
from recommender.live import Bundle, pack_bundle
from recommender.registry import Card, Move
from service.errors import NotFound, NothingInForce, PublishError
from service.publish.publish import proven

_card = msgspec.json.Decoder(Card)
_move = msgspec.json.Decoder(Move)

KEEP_MODELS = 5
"""Models that stay on offer; the one in force is always among them."""

KEEP_BUNDLES = 2
"""Bundles that stay: a worker may be loading the last but one."""

KEEP_MOVES = 200


@dataclass(frozen=True, slots=True)
class InForce:
    """What the pointer points to now, and what it pointed to before."""

    bundle: str
    model: str
    previous: str | None
    own_catalogue: bool
    """Whether the model brought the catalogue that it learnt with."""
    overruled: tuple[str, ...] = ()
    """What speaks against that catalogue, of which it was said that it does not matter."""


class CatalogueOfThen(PublishError):
    """A model needs the catalogue that it learnt with, and nobody could publish that today."""


def offer(client: redis.Redis, card: Card, catalogue: str, artefact: dict[str, bytes]) -> None:
    """Lay a model beside the one in force; nobody is answered by it yet.

    Raises:
        ArtefactError, CatalogueError, PublishError: it cannot be trusted; nothing was written.
    """
    bundle, content = pack_bundle(catalogue, artefact)
    proven(bundle, content)
    with client.pipeline(transaction=True) as pipeline:
        pipeline.set(keyspace.model(card.version), content)
        pipeline.hset(keyspace.MODELS, card.version, msgspec.json.encode(card))
        pipeline.execute()
    _forget_old(client, cards(client))


def cards(client: redis.Redis) -> tuple[Card, ...]:
    """Every model on offer, the one offered last first."""
    found = client.hgetall(keyspace.MODELS).values()
    known = [_card.decode(card) for card in found]
    return tuple(sorted(known, key=lambda card: card.offered_at, reverse=True))


def moves(client: redis.Redis) -> tuple[Move, ...]:
    """What put which model in force here, oldest first."""
    found = client.lrange(keyspace.MOVES, 0, -1)
    return tuple(_move.decode(move) for move in found)


def in_force(client: redis.Redis) -> str | None:
    """The version of the model in force; None when nothing is published."""
    current = bundle_in_force(client)
    return None if current is None else _model_of(current[1])


def put_in_force(
    client: redis.Redis, move: Move, *, own_catalogue: bool = False, force: bool = False
) -> InForce:
    """Put the offered model that `move` names in force, under the catalogue in force now.

    Where that does not fit it, `own_catalogue` lets it bring the one that it learnt with, if that
    could be published on the day of the move; with `force` even if not, and the move then says what
    spoke against it. Doing it again changes nothing.

    Raises:
        NotFound: no such model is on offer.
        NothingInForce: nothing is published yet, so there is nobody to answer for.
        ArtefactError: it does not fit the catalogue in force, or cannot be trusted.
        CatalogueOfThen: the catalogue that it brings is refused; it says where and why.
        PublishError: something else was put in force at the same moment; look again.
    """
    content = _value(client, keyspace.model(move.version))
    if content is None:
        raise NotFound(f"{move.version} is not on offer")
    with client.pipeline(transaction=True) as pipeline:
        pipeline.watch(keyspace.LIVE)  # type: ignore[no-untyped-call]  # redis' own
        current = bundle_in_force(client)
        if current is None:
            raise NothingInForce("nothing is published yet: run `raak publish`")
        previous = _model_of(current[1])
        brought = _bound(content, current[1], own_catalogue=own_catalogue)
        against = _against_today(content, move) if brought.own else ()
        if against and not force:
            raise _refused(move, against)
        if brought.own:
            proven(brought.version, brought.content)
        bundle = brought.version
        done = InForce(bundle, move.version, previous, brought.own, against)
        if bundle == current[0]:
            return done
        pipeline.multi()
        pipeline.set(keyspace.bundle(bundle), brought.content)
        pipeline.set(keyspace.LIVE, bundle)
        pipeline.lrem(keyspace.HISTORY, 0, bundle)
        pipeline.lpush(keyspace.HISTORY, bundle)
        noted = msgspec.structs.replace(move, findings=(*move.findings, *against))
        pipeline.rpush(keyspace.MOVES, msgspec.json.encode(noted))
        pipeline.ltrim(keyspace.MOVES, -KEEP_MOVES, -1)
        try:
            pipeline.execute()
        except redis.WatchError:
            raise PublishError("something else was put in force meanwhile; look again") from None
    _drop_bundles(client)
    return done


def bundle_in_force(client: redis.Redis) -> tuple[str, bytes] | None:
    """Version and bytes of the bundle in force; None when nothing is published."""
    pointer = _value(client, keyspace.LIVE)
    if pointer is None:
        return None
    version = pointer.decode()
    content = _value(client, keyspace.bundle(version))
    return None if content is None else (version, content)


def _value(client: redis.Redis, key: str) -> bytes | None:
    found = client.get(key)
    return found.encode() if isinstance(found, str) else found


class _Bound(NamedTuple):
    """A bundle, and whether the model's own catalogue is in it."""

    version: str
    content: bytes
    own: bool


def _bound(model: bytes, current: bytes, *, own_catalogue: bool) -> _Bound:
    """The model with the catalogue in force, or with its own where that may be and has to be."""
    own = Bundle.unpack(model)
    catalogue = Bundle.unpack(current).catalogue
    version, content = pack_bundle(catalogue, own.artefact)
    try:
        proven(version, content)
    except ArtefactError:
        if not own_catalogue:
            raise
        return _Bound(*pack_bundle(own.catalogue, own.artefact), own=True)
    return _Bound(version, content, own=False)


def _against_today(model: bytes, move: Move) -> tuple[str, ...]:
    """Why the model's own catalogue could not be published on the day of `move`."""
    text = Bundle.unpack(model).catalogue
    at = datetime.fromisoformat(move.at)
    try:
        parse_catalogue(text, f"{move.version}/catalogue.yaml", at)
    except CatalogueError as error:
        return tuple(map(str, error.problems))
    return ()


def _refused(move: Move, against: tuple[str, ...]) -> CatalogueOfThen:
    said = (
        f"{move.version} fits only the catalogue that it learnt with, which cannot be put in force "
        "now; what was in force stays"
    )
    return CatalogueOfThen("\n".join([said, *against]))


def _model_of(bundle: bytes) -> str:
    files = Bundle.unpack(bundle).artefact
    return read_manifest(files[MANIFEST]).version


def _forget_old(client: redis.Redis, known: tuple[Card, ...]) -> None:
    keep = {card.version for card in known[:KEEP_MODELS]} | {in_force(client)}
    old = [card.version for card in known if card.version not in keep]
    if old:
        with client.pipeline(transaction=True) as pipeline:
            pipeline.hdel(keyspace.MODELS, *old)
            pipeline.unlink(*(keyspace.model(version) for version in old))
            pipeline.execute()


def _drop_bundles(client: redis.Redis) -> None:
    """Bundles beyond the last few; finished answers under them end by themselves."""
    old = client.lrange(keyspace.HISTORY, KEEP_BUNDLES, -1)
    versions = [version if isinstance(version, str) else version.decode() for version in old]
    if versions:
        client.unlink(*map(keyspace.bundle, versions))
        client.ltrim(keyspace.HISTORY, 0, KEEP_BUNDLES - 1)
