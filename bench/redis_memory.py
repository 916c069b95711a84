"""Redis memory: what one published account takes, with its finished answer and without."""

from __future__ import annotations

from collections.abc import Iterable

import redis

from bench.figures import Figure, measured
from bench.serving.bank import demo_bundle, demo_people
from cli.embedded import embedded_valkey
from service.publish import Publication, publish


def measure() -> Iterable[Figure]:
    """`used_memory` before and after publishing the demo bank to an empty Valkey."""
    people, bundle = demo_people(), demo_bundle()
    for name, publication in (
        ("redis.bytes_per_account", Publication()),
        ("redis.bytes_per_account_state_only", Publication(placements=())),
    ):
        with embedded_valkey() as valkey, redis.Redis.from_url(valkey.url) as client:
            before = client.info("memory")["used_memory"]
            publish(client, people, bundle, publication)
            grown = client.info("memory")["used_memory"] - before - len(bundle[1])
            yield measured(name, grown / len(people), "bytes")
