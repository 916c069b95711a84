"""Events reach accounts exactly once, whatever crashes, races and bad events come between."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
import redis
from prometheus_client import CollectorRegistry, generate_latest

from cli.embedded import EmbeddedValkey
from recommender import keyspace
from recommender.account import Account, pack, unpack
from recommender.events import fold
from service.events.config import EventsConfig
from service.events.dead import dead_letters, replay
from service.events.folding import Folding, NoCatalogue
from service.events.stream import GROUP, Entry, begin, entries
from service.events.trim import trim
from service.events.worker import FoldWorker
from tests.recommender.events.told import told
from tests.service.bank import bundle, person, publish_bank


@pytest.fixture
def client(valkey: EmbeddedValkey) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(valkey.url) as client:
        begin(client)
        yield client


@pytest.fixture
def bank(client: redis.Redis, valkey: EmbeddedValkey) -> redis.Redis:
    publish_bank(valkey.url, [person("ann"), person("bob")])
    return client


def folding(client: redis.Redis, consumer: str = "one", **options: Any) -> Folding:
    return Folding(client, consumer, EventsConfig(**options))


def happens(
    client: redis.Redis, kind: str = "page_view", account_id: str = "ann", **fields: object
) -> None:
    count = client.xlen(keyspace.EVENTS)
    event = told(kind, datetime.now(UTC), f"e{count}", account_id=account_id, **fields)
    client.xadd(keyspace.EVENTS, {"e": json.dumps(event)})


def read(client: redis.Redis, consumer: str = "one", which: str = ">") -> list[Entry]:
    found: Any = client.xreadgroup(GROUP, consumer, {keyspace.EVENTS: which})
    return [entry for _, some in found for entry in entries(some)]


def state(client: redis.Redis, account_id: str = "ann") -> Account:
    found: Any = client.get(keyspace.state(account_id))
    return unpack(found)


def views(client: redis.Redis) -> int:
    """How many views of the mortgage are in the state: each weighs 1 and is seconds old."""
    interest = state(client).product_interest.get("mortgage")
    return round(interest.level) if interest else 0


def pending(client: redis.Redis) -> int:
    found: Any = client.xpending(keyspace.EVENTS, GROUP)
    return int(found["pending"])


def test_events_change_the_state_and_are_acknowledged_with_it(bank: redis.Redis) -> None:
    for account_id in ("ann", "bob", "ann"):
        happens(bank, account_id=account_id)
    worker = folding(bank)
    worker.apply(read(bank))
    assert views(bank) == 2
    assert state(bank, "bob").product_interest
    assert pending(bank) == 0
    assert worker.tally.folded == 3
    assert sum(worker.tally.delays) == 3


def test_an_entry_that_another_worker_did_meanwhile_is_not_done_again(bank: redis.Redis) -> None:
    happens(bank)
    held = read(bank)
    bank.xclaim(keyspace.EVENTS, GROUP, "two", 0, [held[0].id])
    folding(bank, "two").apply(held)
    folding(bank, "one").apply(held)
    assert views(bank) == 1
    assert pending(bank) == 0


def test_of_a_batch_of_which_a_part_was_done_by_another_the_rest_is_done(
    bank: redis.Redis,
) -> None:
    happens(bank)
    happens(bank)
    held = read(bank)
    bank.xclaim(keyspace.EVENTS, GROUP, "two", 0, [held[1].id])
    folding(bank, "two").apply(held[1:])
    worker = folding(bank, "one")
    worker.apply(held)
    assert worker.tally.conflicts == 1
    assert worker.tally.folded == 1
    assert views(bank) == 2
    assert pending(bank) == 0


def test_a_state_that_changes_between_reading_and_writing_is_read_again(
    bank: redis.Redis,
) -> None:
    happens(bank)
    worker = folding(bank)
    steps = worker._steps

    def meanwhile(waiting: Any) -> Any:
        made = steps(waiting)
        if not worker.tally.conflicts:
            changed = msgspec.structs.replace(state(bank), language="nl")
            bank.set(keyspace.state("ann"), pack(changed))
        return made

    worker._steps = meanwhile  # type: ignore[method-assign]
    worker.apply(read(bank))
    assert worker.tally.conflicts == 1
    assert views(bank) == 1
    assert state(bank).language == "nl"


def test_what_a_crash_left_pending_is_done_once_after_it(bank: redis.Redis) -> None:
    happens(bank)
    happens(bank)
    held = read(bank)
    folding(bank).apply(held[:1])  # and here the worker died
    folding(bank).apply(read(bank, which="0"))
    assert views(bank) == 2
    assert pending(bank) == 0


def test_a_person_who_was_never_published_gets_no_state_unless_asked_for(
    bank: redis.Redis,
) -> None:
    happens(bank, "impression", "nobody")
    worker = folding(bank)
    worker.apply(read(bank))
    assert not list(bank.scan_iter(match="raak:{nobody}*"))
    assert (worker.tally.unknown, pending(bank)) == (1, 0)
    happens(bank, "impression", "nobody")
    folding(bank, create_accounts=True).apply(read(bank))
    made = state(bank, "nobody")
    assert len(made.contacts) == 1
    assert not made.consent.personalisation


def test_a_poisoned_event_goes_to_the_dead_letters_and_the_others_go_on(
    bank: redis.Redis,
) -> None:
    happens(bank)
    bank.xadd(keyspace.EVENTS, {"e": b'{"kind": "page_view"}'})
    bank.xadd(keyspace.EVENTS, {"other": b"thing"})
    happens(bank)
    worker = folding(bank)
    worker.apply(read(bank))
    assert views(bank) == 2
    assert (pending(bank), worker.tally.buried) == (0, 2)
    letters = list(dead_letters(bank))
    assert [letter.event for letter in letters] == ['{"kind": "page_view"}', ""]
    assert all(letter.reason.startswith("unreadable: ") for letter in letters)


def test_dead_letters_can_be_replayed_once_their_cause_is_gone(bank: redis.Redis) -> None:
    whole: Any = bank.get(keyspace.state("ann"))
    bank.set(keyspace.state("ann"), b"not an account")
    happens(bank)
    folding(bank).apply(read(bank))
    (letter,) = dead_letters(bank)
    assert "publish again" in letter.reason
    bank.set(keyspace.state("ann"), whole)
    assert replay(bank) == 1
    assert replay(bank) == 0
    (again,) = read(bank)
    assert again.logged
    folding(bank).apply([again])
    assert views(bank) == 1
    assert not list(dead_letters(bank))


def test_an_event_that_breaks_the_fold_does_not_stop_the_others(bank: redis.Redis) -> None:
    def breaks(account: Account, event: Any, catalogue: Any) -> Account:
        if event.event_id == "e0":
            raise ZeroDivisionError
        return fold(account, event, catalogue)

    happens(bank)
    happens(bank)
    worker = folding(bank)
    worker.effect = breaks
    worker.apply(read(bank))
    assert views(bank) == 1
    assert [letter.reason for letter in dead_letters(bank)] == [
        "cannot be folded: ZeroDivisionError()"
    ]


def test_with_nothing_in_force_events_wait(client: redis.Redis) -> None:
    happens(client)
    with pytest.raises(NoCatalogue):
        folding(client).apply(read(client))
    assert pending(client) == 1


def test_events_kept_beside_the_state_are_few_and_do_not_stay(bank: redis.Redis) -> None:
    for _ in range(5):
        happens(bank)
    happens(bank, "context_change", attribute="gender", before=None, after="f")  # for audits only
    folding(bank, keep_most=3, keep_days=2).apply(read(bank))
    kept: Any = bank.lrange(keyspace.recent("ann"), 0, -1)
    assert [json.loads(event)["event_id"] for event in kept] == ["e2", "e3", "e4"]
    ttl: Any = bank.ttl(keyspace.recent("ann"))
    assert 2 * 86_400 - 60 < ttl <= 2 * 86_400


def test_the_stream_is_trimmed_only_as_far_as_everybody_is(bank: redis.Redis) -> None:
    for _ in range(4):
        happens(bank)
    held = read(bank)
    assert trim(bank, log_kept=False) == 4
    folding(bank).apply(held[:2])
    assert trim(bank, log_kept=False) == 2
    folding(bank).apply(held[2:])
    assert trim(bank, log_kept=True) == 2
    bank.set(keyspace.EVENTS_LOGGED, held[2].id)
    assert trim(bank, log_kept=False) == 1
    bank.set(keyspace.EVENTS_LOGGED, held[3].id)
    assert trim(bank, log_kept=True) == 0


def test_a_new_catalogue_is_followed_and_a_broken_one_is_not(
    bank: redis.Redis, valkey: EmbeddedValkey
) -> None:
    worker = folding(bank)
    happens(bank)
    worker.apply(read(bank))
    before = worker.in_force.catalogue
    bank.set(keyspace.LIVE, "gone")
    happens(bank)
    worker.apply(read(bank))
    assert worker.in_force.catalogue is before
    publish_bank(valkey.url, [person("ann")], seed=2)
    happens(bank)
    worker.apply(read(bank))
    assert worker.in_force.catalogue is not before
    assert worker.in_force._seen.decode() == bundle(2)[0]


def test_what_a_worker_counts_can_be_scraped(bank: redis.Redis) -> None:
    happens(bank)
    worker = folding(bank)
    worker.apply(read(bank))
    registry = CollectorRegistry()
    registry.register(worker.tally)
    said = generate_latest(registry).decode()
    assert 'raak_events_folded_total{outcome="folded"} 1.0' in said
    assert "raak_events_delay_seconds_count 1.0" in said


def test_what_a_silent_worker_began_is_taken_over(bank: redis.Redis) -> None:
    for _ in range(5):
        happens(bank)
    read(bank, "silent")
    worker = folding(bank, batch=2, claim_s=0.001)
    keeper = FoldWorker(worker, worker.config, worker.tally)
    wait(lambda: bank.xpending_range(keyspace.EVENTS, GROUP, "-", "+", 5, idle=2))
    keeper._keep_house()
    assert views(bank) == 5
    assert pending(bank) == 0


def wait(condition: Callable[[], Any]) -> None:
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline, "it never came to hold"
