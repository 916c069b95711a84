"""Publishing to a real server: all or nothing in force, nothing left behind, and again the same."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import redis

from cli.embedded import EmbeddedValkey, free_port
from recommender import keyspace
from recommender.account import Account, unpack
from recommender.errors import ArtefactError
from service.errors import PublishError
from service.publish import Pointer, Publication, Roll, publish
from service.publish.alone import alone
from tests.service.bank import bundle, person, publish_bank


@pytest.fixture
def client(valkey: EmbeddedValkey) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(valkey.url) as client:
        yield client


def test_what_was_published_can_be_read_back(client: redis.Redis, valkey: EmbeddedValkey) -> None:
    ann, bob = person("ann"), person("bob", language="nl")
    published = publish_bank(valkey.url, [ann, bob], channels=["web", "app"])
    assert published.accounts == 2
    assert published.decisions == 4
    assert client.get(keyspace.LIVE) == published.version.encode()
    assert client.get(keyspace.bundle(published.version)) == bundle()[1]
    state = client.get(keyspace.state("bob"))
    assert isinstance(state, bytes)
    assert unpack(state) == bob


def test_publishing_again_changes_nothing(client: redis.Redis, valkey: EmbeddedValkey) -> None:
    people = [person(f"a{number}") for number in range(30)]
    publish_bank(valkey.url, people)
    states = {key: client.get(key) for key in client.scan_iter(match="*:state")}
    count = client.dbsize()
    again = publish_bank(valkey.url, people)
    assert {key: client.get(key) for key in client.scan_iter(match="*:state")} == states
    assert client.dbsize() == count
    assert again.pruned_keys == 0


def test_stopped_halfway_the_old_version_stays_in_force(
    client: redis.Redis, valkey: EmbeddedValkey
) -> None:
    class Killed(Exception):
        pass

    def people() -> Iterator[Account]:
        yield from (person(f"a{number}") for number in range(25))
        raise Killed

    old = publish_bank(valkey.url, [person("ann")], seed=1)
    roll = Roll.call(["ann", *(f"a{number}" for number in range(25))])
    with pytest.raises(Killed):
        publish_bank(valkey.url, people(), seed=2, roll=roll, batch_size=10)
    assert client.get(keyspace.LIVE) == old.version.encode()
    assert client.get(keyspace.bundle(bundle(2)[0])) is None
    assert client.exists(keyspace.state("ann"))
    finished = publish_bank(valkey.url, [person("ann")], seed=2, most_shrink=1.0)
    assert client.get(keyspace.LIVE) == finished.version.encode()


def test_accounts_that_are_no_longer_published_are_removed_with_their_answers(
    client: redis.Redis, valkey: EmbeddedValkey
) -> None:
    publish_bank(valkey.url, [person("ann"), person("gone")])
    published = publish_bank(valkey.url, [person("ann")])
    assert published.pruned_keys == 2
    assert not list(client.scan_iter(match="raak:{gone}*"))
    assert list(client.scan_iter(match="raak:{ann}*"))


def test_only_the_last_bundles_and_their_answers_stay(
    client: redis.Redis, valkey: EmbeddedValkey
) -> None:
    for seed in (1, 2, 3, 2):
        publish_bank(valkey.url, [person("ann")], seed=seed)
    kept = {bundle(seed)[0] for seed in (2, 3)}
    assert {key.decode() for key in client.scan_iter(match="raak:live:*")} == {
        keyspace.bundle(version) for version in kept
    }
    decisions = [key.decode() for key in client.scan_iter(match="*:decision:*")]
    assert {keyspace.version_of(key) for key in decisions} == kept


@pytest.mark.parametrize(
    ("people", "says"),
    [
        ([], "no account"),
        ([person("ann"), person("ann")], "ann comes twice"),
        ([person("{brace}")], "cannot be an account id"),
        ([person("x" * 1000)], "cannot be an account id"),
    ],
)
def test_unfit_accounts_stop_the_publication(
    client: redis.Redis, valkey: EmbeddedValkey, people: list[Account], says: str
) -> None:
    with pytest.raises(PublishError, match=says):
        publish_bank(valkey.url, people)
    assert client.dbsize() == 0


def test_nobody_is_written_who_was_not_announced(
    client: redis.Redis, valkey: EmbeddedValkey
) -> None:
    with pytest.raises(PublishError, match="'eve' was not announced"):
        publish_bank(valkey.url, [person("eve")], roll=Roll.call(["ann"]))
    assert not list(client.scan_iter(match="raak:{*"))


def test_a_tampered_bundle_is_refused_before_anything_is_written(client: redis.Redis) -> None:
    version, content = bundle()
    with pytest.raises(ArtefactError):
        publish(client, [person("ann")], (version, content[:-1] + b"x"), Publication())
    assert client.dbsize() == 0


def test_a_publication_for_a_placement_that_is_not_there_says_which_there_are(
    valkey: EmbeddedValkey,
) -> None:
    with pytest.raises(PublishError, match=r"unknown placement 'hoem': there are .*'home'"):
        publish_bank(valkey.url, [person("ann")], placements=["hoem"])


def test_a_redis_that_is_not_there_is_one_clear_error() -> None:
    with pytest.raises(PublishError, match="Redis failed while publishing"):
        publish_bank(f"redis://127.0.0.1:{free_port()}/0", [person("ann")])


def test_progress_counts_every_account(valkey: EmbeddedValkey) -> None:
    steps: list[int] = []
    people = [person(f"a{number}") for number in range(25)]
    with redis.Redis.from_url(valkey.url) as client:
        publish(client, people, bundle(), Publication(batch_size=10), steps.append)
    assert steps == [10, 10, 5]


def everything(client: redis.Redis) -> dict[bytes, bytes | None]:
    return {key: client.dump(key) for key in client.scan_iter()}


def test_a_publication_that_would_remove_many_accounts_writes_nothing_unless_allowed(
    client: redis.Redis, valkey: EmbeddedValkey
) -> None:
    publish_bank(valkey.url, [person(f"a{number}") for number in range(20)])
    before = everything(client)
    fewer = [person(f"a{number}", language="nl") for number in range(10)]
    with pytest.raises(PublishError, match=r"10 of 20 accounts .* nothing was written"):
        publish_bank(valkey.url, fewer, seed=1)
    assert everything(client) == before
    publish_bank(valkey.url, fewer, seed=1, most_shrink=1.0)
    assert not client.exists(keyspace.state("a19"))


def test_whose_row_was_rejected_stays_and_only_they(
    client: redis.Redis, valkey: EmbeddedValkey
) -> None:
    people = [person(f"a{number}") for number in range(20)]
    publish_bank(valkey.url, people)
    roll = Roll.call((one.account_id for one in people[:18]), frozenset({"a18"}))
    publish_bank(valkey.url, people[:18], roll=roll)
    assert client.exists(keyspace.state("a18"))
    assert not client.exists(keyspace.state("a19"))


def test_while_nobody_knows_whose_row_was_rejected_all_stay(
    client: redis.Redis, valkey: EmbeddedValkey
) -> None:
    people = [person(f"a{number}") for number in range(20)]
    publish_bank(valkey.url, people)
    publish_bank(valkey.url, people[:1], roll=Roll.call(["a0"], None))
    assert all(client.exists(keyspace.state(one.account_id)) for one in people)


def test_two_do_not_publish_at_once(client: redis.Redis, valkey: EmbeddedValkey) -> None:
    publish_bank(valkey.url, [person("ann")])
    with alone(client), pytest.raises(PublishError, match="somebody else is publishing"):
        publish_bank(valkey.url, [person("bob")])
    assert client.exists(keyspace.state("ann"), keyspace.state("bob")) == 1
    publish_bank(valkey.url, [person("ann"), person("bob")])
    assert not client.exists(keyspace.PUBLISHING)


@pytest.mark.parametrize("meanwhile", ["another", None])
def test_a_publication_does_not_undo_what_was_put_in_force_meanwhile(
    client: redis.Redis, valkey: EmbeddedValkey, meanwhile: str | None
) -> None:
    publish_bank(valkey.url, [person("ann")], seed=1)

    def rolls_back(_: int) -> None:
        if meanwhile is None:
            client.delete(keyspace.LIVE)
        else:
            client.set(keyspace.LIVE, meanwhile)

    with pytest.raises(PublishError, match="stays in force: see `raak models`, then publish") as no:
        publish(client, [person("ann")], bundle(2), Publication(), rolls_back)
    assert f"{keyspace.LIVE} went from {bundle(1)[0]} to {meanwhile or 'nothing'}" in str(no.value)
    assert client.get(keyspace.LIVE) == (meanwhile.encode() if meanwhile else None)
    client.set(keyspace.LIVE, bundle(1)[0])
    assert publish(client, [person("ann")], bundle(2), Publication()).version == bundle(2)[0]


def test_the_pointer_counts_from_when_the_work_began(
    client: redis.Redis, valkey: EmbeddedValkey
) -> None:
    publish_bank(valkey.url, [person("ann")], seed=1)
    since = Pointer.now(client)
    publish_bank(valkey.url, [person("ann")], seed=3)
    with pytest.raises(PublishError, match="was being published"):
        publish(client, [person("ann")], bundle(2), Publication(), since=since)
    assert Pointer.now(client) == Pointer(bundle(3)[0])


def test_who_lost_the_turn_puts_nothing_in_force(
    client: redis.Redis, valkey: EmbeddedValkey
) -> None:
    publish_bank(valkey.url, [person("ann")])
    before = client.get(keyspace.LIVE)

    def people() -> Iterator[Account]:
        yield person("ann")
        client.set(keyspace.PUBLISHING, "somebody else")
        yield person("bob")

    with pytest.raises(PublishError, match="lost its turn"):
        publish_bank(valkey.url, people(), seed=1, roll=Roll.call(["ann", "bob"]), batch_size=1)
    assert client.get(keyspace.LIVE) == before
    assert client.get(keyspace.PUBLISHING) in (b"somebody else", "somebody else")
