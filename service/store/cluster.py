"""A Redis Cluster is refused at the start: it would refuse our round trips (`CROSSSLOT`)."""

from __future__ import annotations

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from service.errors import ClusterUnsupported, StoreUnavailable

LOOK_S = 0.5


def refuse_cluster(url: str) -> None:
    """Look once who answers at `url`. Nobody is fine: a service starts without Redis.

    Raises:
        ClusterUnsupported: a cluster does.
        StoreUnavailable: that is no address; its text does not repeat it.
    """
    try:
        with redis.Redis.from_url(
            url,
            socket_connect_timeout=LOOK_S,
            socket_timeout=LOOK_S,
            retry=Retry(NoBackoff(), 0),
        ) as client:
            check_no_cluster(client)
    except redis.RedisError:
        return
    except ValueError as error:
        raise StoreUnavailable(f"RAAK_REDIS_URL: {error}") from None


def check_no_cluster(client: redis.Redis) -> None:
    """Raises ClusterUnsupported, or a redis.RedisError when it cannot be asked."""
    if client.info("cluster").get("cluster_enabled"):
        raise ClusterUnsupported(
            "RAAK_REDIS_URL points to a Redis Cluster, which Raak does not support yet: requests "
            "share round trips over many accounts; use one primary, with replicas as you like"
        )
