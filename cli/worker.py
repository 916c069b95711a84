"""`raak worker`: folds events into accounts, and keeps the event log and the decision log."""

from __future__ import annotations

import faulthandler
import importlib.util
import logging.config
import signal
import socket
import threading
from pathlib import Path

import click
from prometheus_client import start_http_server
from prometheus_client.registry import Collector, CollectorRegistry

from cli.serve import read_settings
from recommender.errors import RaakError
from service.events.config import EventsConfig
from service.settings import Settings
from service.store.cluster import refuse_cluster

FOLD, LOG, BOTH = "fold", "log", "both"


@click.command()
@click.option(
    "--role",
    default=BOTH,
    show_default=True,
    type=click.Choice([BOTH, FOLD, LOG]),
    help="Any number of workers may fold; only one keeps the logs.",
)
@click.option("--name", help="This worker's own; default: the host's. Kept over restarts.")
@click.option("--metrics-port", type=click.IntRange(1, 65535), help="Where to serve /metrics.")
@click.option("--metrics-host", default="127.0.0.1", show_default=True)
@click.option("--dead", is_flag=True, help="List the events that could not be folded, and end.")
@click.option("--replay-dead", is_flag=True, help="Put those back onto the stream, and end.")
@click.option(
    "--log-level",
    default="info",
    show_default=True,
    type=click.Choice(["debug", "info", "warning", "error"]),
)
def command(
    role: str,
    name: str | None,
    metrics_port: int | None,
    metrics_host: str,
    dead: bool,  # noqa: FBT001  # click's signature
    replay_dead: bool,  # noqa: FBT001
    log_level: str,
) -> None:
    """Fold events into accounts and write the logs of events and decisions, until told to stop.

    Who folds also raises and withdraws alerts, and pushes them to RAAK_WEBHOOKS_URLS. Reads
    RAAK_REDIS_URL and RAAK_EVENTS_..., RAAK_ALERTS_..., RAAK_WEBHOOKS_..., RAAK_DECISIONS_...; the
    event log goes to RAAK_EVENTS_LOG_DIR, the decision log beside it. Stopped in any way, killed
    included, it goes on where it was.
    """
    from service.events.worker import Worker
    from service.logs import logging_config
    from service.pauses import spare_pauses, take_short_turns

    settings = read_settings()
    url = settings.redis.url.get_secret_value()
    refuse_cluster(url)
    if dead or replay_dead:
        _dead_letters(url, replay=replay_dead)
        return
    logging.config.dictConfig(logging_config(log_level))
    worker = Worker(
        url=url,
        config=settings.events,
        consumer=name or socket.gethostname(),
        fold=role != LOG,
        log_dir=_log_dir(role, settings.events),
        alerts=settings.alerts,
        webhooks=settings.webhooks,
        decisions=settings.decisions,
        decisions_dir=_decisions_dir(role, settings),
    )
    if metrics_port is not None:
        tallies = (worker.tally, worker.webhooks_tally, worker.decisions_tally)
        _serve_metrics(tallies, metrics_port, metrics_host)
    stop = threading.Event()
    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, lambda *_: stop.set())
    faulthandler.enable()  # a crash in a library says where, instead of nothing
    spare_pauses()
    take_short_turns()
    worker.run(stop)


def _log_dir(role: str, config: EventsConfig) -> Path | None:
    """Where this worker keeps the log, if it does.

    Raises:
        RaakError: it should, and cannot.
    """
    if role == FOLD:
        return None
    if config.log_dir is None:
        if role == LOG:
            raise RaakError("RAAK_EVENTS_LOG_DIR is not set: where should the log go?")
        click.echo("warning: RAAK_EVENTS_LOG_DIR is not set: no event log is kept", err=True)
        return None
    if importlib.util.find_spec("pyarrow") is None:
        raise RaakError("the event log needs pyarrow: pip install 'raak[worker]'")
    return config.log_dir


def _decisions_dir(role: str, settings: Settings) -> Path | None:
    """Where this worker keeps the decision log, if it does.

    Raises:
        RaakError: it should, and cannot.
    """
    directory = decision_log_dir(settings)
    if role == FOLD or not settings.decisions.log or directory is None:
        return None
    if importlib.util.find_spec("cryptography") is None:
        raise RaakError("the decision log needs cryptography: pip install 'raak[worker]'")
    return directory


def decision_log_dir(settings: Settings) -> Path | None:
    """Where the decision log is: where it was told to be, else beside the event log."""
    if settings.decisions.log_dir is not None or settings.events.log_dir is None:
        return settings.decisions.log_dir
    return settings.events.log_dir.parent / "decisions"


def _serve_metrics(tallies: tuple[Collector, ...], port: int, host: str) -> None:
    registry = CollectorRegistry()
    for tally in tallies:
        registry.register(tally)
    try:
        start_http_server(port, host, registry)
    except OSError as error:
        raise RaakError(f"cannot serve metrics on {host}:{port}: {error.strerror}") from None


def _dead_letters(url: str, *, replay: bool) -> None:
    import redis

    from service.events import dead
    from service.events.stream import connect

    try:
        with connect(url) as client:
            if replay:
                click.echo(f"{dead.replay(client)} put back onto the stream")
                return
            for letter in dead.dead_letters(client):
                click.echo(f"{letter.id}\t{letter.reason}\t{letter.event}")
    except redis.RedisError as error:
        raise RaakError(f"Redis failed: {error}") from error
