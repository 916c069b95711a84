"""Write accounts and their answers to Redis, then put the bundle in force in one step.

Until that step nobody sees the new version's catalogue, model and answers: they lie under keys of
their own. Accounts have one state, which the version in force reads too as soon as it is written.
Stopped halfway, what was in force stays in force, and publishing again finishes the work.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Self

import redis
from pydantic import BaseModel, ConfigDict, Field

from recommender import keyspace
from recommender.account import Account
from recommender.catalogue import parse_catalogue
from recommender.errors import RaakError
from recommender.live import Live, open_bundle
from service.errors import BadRequest, PublishError
from service.finished import finish_all
from service.follower import prove
from service.publish.alone import alone
from service.publish.roll import Roll
from service.publish.states import NONE_KNOWN, Known, write_states
from service.publish.tidy import tidy
from service.query import Question, question_for
from service.store.writes import KEEP_ALL

Progress = Callable[[int], None]
"""Told how many accounts were written since the last time."""


class Publication(BaseModel):
    """Which answers are made ahead for every account; all others are made when they are asked for.

    `languages` None is the account's own. Every combination is made, so mind the product.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    placements: tuple[str, ...] = ("home",)
    channels: tuple[str, ...] = ("web",)
    languages: tuple[str | None, ...] = (None,)
    batch_size: int = Field(default=500, ge=1)
    """Accounts written in one pipeline."""
    decision_ttl_s: int = Field(default=86_400, ge=1)
    most_shrink: float = Field(default=0.1, ge=0, le=1)
    """The largest share of the accounts in Redis that may be removed at once."""
    keep_bundles: int = Field(default=2, ge=1)
    """Bundles that stay in Redis, the one in force among them."""

    def questions(self, live: Live) -> tuple[Question, ...]:
        """Raises PublishError: the catalogue has no such placement, channel or language."""
        try:
            return tuple(
                question_for(live, placement=placement, channel=channel, language=language)
                for placement in self.placements
                for channel in self.channels
                for language in self.languages
            )
        except BadRequest as error:
            raise PublishError(str(error)) from None


@dataclass(frozen=True, slots=True)
class Pointer:
    """What is in force: a bundle's version, or nothing."""

    version: str | None

    @classmethod
    def now(cls, client: redis.Redis) -> Self:
        """Raises redis.RedisError."""
        found = client.get(keyspace.LIVE)
        return cls(found.decode() if isinstance(found, bytes) else found)

    def __str__(self) -> str:
        return self.version or "nothing"


@dataclass(frozen=True, slots=True)
class Published:
    """What a publication did."""

    version: str
    accounts: int
    decisions: int
    pruned_keys: int
    pruned_bundles: int


def publish(  # noqa: PLR0913  # all that may be left out goes by its name
    client: redis.Redis,
    accounts: Iterable[Account],
    bundle: tuple[str, bytes],
    publication: Publication,
    progress: Progress = lambda _: None,
    clock: Callable[[], float] = time.time,
    known: Known = NONE_KNOWN,
    roll: Roll | None = None,
    *,
    since: Pointer | None = None,
) -> Published:
    """Publish `accounts` under `bundle` (version and bytes, as `pack_bundle` makes them).

    `roll` names all of them beforehand, so that they need not be in memory together; without it
    they are. Accounts published before and absent now are removed. Recent events that the tables do
    not have (`known`) are kept. Running it twice changes nothing. `since`: what was in force when
    the work for it began; default: what is when this is called.

    Raises:
        ArtefactError, CatalogueError: the bundle cannot be trusted; nothing was written.
        PublishError: an account id is unfit or comes twice, there is no account at all, too many
            would be removed, or somebody else is publishing: nothing was written. Or Redis failed,
            or something else was put in force meanwhile (a rollback, say): that stays in force.
    """
    version, content = bundle
    parse_catalogue(open_bundle(version, content).catalogue)
    live = proven(version, content)
    questions = publication.questions(live)
    if roll is None:
        accounts = list(accounts)
        roll = Roll.call(account.account_id for account in accounts)
    decisions = 0
    try:
        with alone(client) as still_alone:
            since = since or Pointer.now(client)
            roll.check_shrink(client, publication.most_shrink)
            for batch in _batches(map(roll.admit, accounts), publication.batch_size):
                still_alone()
                decisions += _write(client, batch, live, questions, publication, clock(), known)
                progress(len(batch))
            still_alone()
            _put_in_force(client, version, content, since)
            pruned_keys, pruned_bundles = tidy(client, roll.may_go, publication.keep_bundles)
    except redis.RedisError as error:
        raise PublishError(f"Redis failed while publishing {version}: {error}") from error
    return Published(version, len(roll.present), decisions, pruned_keys, pruned_bundles)


def proven(version: str, content: bytes) -> Live:
    """Read it as a service will, with the same warm-up, before anyone is told of it."""
    try:
        return prove(version, content)
    except RaakError:
        raise
    except Exception as error:
        raise PublishError(f"bundle {version} cannot answer: {error!r}; not published") from error


def _write(
    client: redis.Redis,
    batch: list[Account],
    live: Live,
    questions: tuple[Question, ...],
    publication: Publication,
    now: float,
    known: Known,
) -> int:
    kept = 0
    at = datetime.fromtimestamp(now, UTC)
    states = write_states(client, batch, live.catalogue, known, at)
    for question in questions:
        keys: list[str] = []
        values: list[bytes | int] = []
        finished = finish_all(
            [(account, question) for account, _ in states],
            live,
            now,
            states=[state for _, state in states],
        )
        for (account, state), made in zip(states, finished, strict=True):
            ttl_ms = made.ttl_ms(now, publication.decision_ttl_s)
            if ttl_ms > 0:
                keys.append(question.key(account.account_id, live))
                values += (made.sealed(state), ttl_ms)
        kept += int(str(client.eval(KEEP_ALL, len(keys), *keys, *values)))
    return kept


def _put_in_force(client: redis.Redis, version: str, content: bytes, since: Pointer) -> None:
    """The one step that everyone sees, unless somebody else took one meanwhile."""
    with client.pipeline(transaction=True) as pipeline:
        pipeline.watch(keyspace.LIVE)  # type: ignore[no-untyped-call]  # redis' own
        if Pointer.now(client) != since:
            raise _overtaken(version, since, Pointer.now(client))
        pipeline.multi()
        pipeline.set(keyspace.bundle(version), content)
        pipeline.set(keyspace.LIVE, version)
        pipeline.lrem(keyspace.HISTORY, 0, version)
        pipeline.lpush(keyspace.HISTORY, version)
        pipeline.delete(keyspace.ALERTS_SWEPT)  # everybody's alerts are to be looked at anew
        try:
            pipeline.execute()
        except redis.WatchError:
            raise _overtaken(version, since, Pointer.now(client)) from None


def _overtaken(version: str, since: Pointer, now: Pointer) -> PublishError:
    return PublishError(
        f"{keyspace.LIVE} went from {since} to {now} while {version} was being published, by a "
        f"rollback or promotion say; {now} stays in force: see `raak models`, then publish with "
        "the model that is to answer"
    )


def _batches(accounts: Iterator[Account], size: int) -> Iterator[list[Account]]:
    while batch := list(islice(accounts, size)):
        yield batch
