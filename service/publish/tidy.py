"""Removing what a publication left behind: absent accounts, answers and bundles of old versions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import redis

from recommender import keyspace
from recommender.tombstone import digest

SCAN_COUNT = 1000


def stored_accounts(client: redis.Redis) -> Iterator[str]:
    """The ids of all accounts in Redis; now and then one comes twice, as SCAN may."""
    for key in client.scan_iter(match=keyspace.state("*"), count=SCAN_COUNT):
        yield keyspace.account_of(_text(key))


def tidy(client: redis.Redis, may_go: Callable[[str], bool], keep_bundles: int) -> tuple[int, int]:
    """Remove every key of accounts that `may_go`, and all that belongs to older versions.

    Answers of a version that is still kept stay, since some worker may serve it for a moment
    longer. Returns how many account keys and how many bundles were removed.
    """
    versions = [_text(version) for version in client.lrange(keyspace.HISTORY, 0, -1)]
    kept = frozenset(versions[:keep_bundles])
    # read after all was written: who is erased later is removed by the erasure itself
    erased: Any = client.smembers(keyspace.ERASED)
    stale = _stale_keys(client, lambda who: may_go(who) or digest(who) in erased, kept)
    removed = 0
    while keys := list(islice(stale, SCAN_COUNT)):
        removed += client.unlink(*keys)
    old = [keyspace.bundle(version) for version in versions[keep_bundles:]]
    bundles = client.unlink(*old) if old else 0
    client.ltrim(keyspace.HISTORY, 0, keep_bundles - 1)
    return removed, bundles


def _stale_keys(
    client: redis.Redis, may_go: Callable[[str], bool], kept: frozenset[str]
) -> Iterator[str]:
    for found in client.scan_iter(match=keyspace.ACCOUNT_PATTERN, count=SCAN_COUNT):
        key = _text(found)
        version = keyspace.version_of(key)
        if may_go(keyspace.account_of(key)) or (version and version not in kept):
            yield key


def _text(found: bytes | str) -> str:
    return found.decode() if isinstance(found, bytes) else found
