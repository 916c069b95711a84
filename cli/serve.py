"""`raak serve`: the HTTP service. Where it listens are options, all else is RAAK_... variables."""

from __future__ import annotations

import signal
import socket
import sys

import click
from pydantic import ValidationError

from recommender.errors import RaakError
from service.auth.keys import NoKeyFile, read_keys
from service.settings import Settings
from service.store.cluster import refuse_cluster

SHUTDOWN_S = 10


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535))
@click.option(
    "--workers",
    default=1,
    show_default=True,
    type=click.IntRange(1),
    help="Processes that share the port. One a core is enough: each holds only what is in force.",
)
@click.option(
    "--log-level",
    default="info",
    show_default=True,
    type=click.Choice(["debug", "info", "warning", "error"]),
)
def command(host: str, port: int, workers: int, log_level: str) -> None:
    """Answer HTTP requests until told to stop; then finish what is under way.

    Reads RAAK_REDIS_URL, RAAK_API_KEYS_FILE, RAAK_JWT_KEY, RAAK_LIVE_COPY and the like. Without
    keys everything but /health is refused.
    """
    import uvicorn

    from service.logs import logging_config

    settings = read_settings()
    refuse_cluster(settings.redis.url.get_secret_value())
    check_address(host, port)
    warn_who_is_refused(settings)
    # uvicorn finishes what is under way, then raises the signal again: that was a good end
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    uvicorn.run(
        "service.worker:create",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        loop="uvloop",
        http="service.one_write:OneWriteProtocol",
        interface="asgi3",
        lifespan="on",
        ws="none",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        log_config=logging_config(log_level),
        timeout_graceful_shutdown=SHUTDOWN_S,
    )


def warn_who_is_refused(settings: Settings) -> None:
    """Without keys everybody is.

    Raises:
        KeyFileError: the file of keys is there and wrong; a worker would say so less clearly.
    """
    if settings.api_keys_file is not None:
        try:
            read_keys(settings.api_keys_file)
        except NoKeyFile as missing:
            click.echo(f"warning: until it is there no API key is accepted: {missing}", err=True)
    elif settings.jwt.key is None:
        click.echo(
            "warning: neither RAAK_API_KEYS_FILE nor RAAK_JWT_KEY is set: "
            "everything but /health will be refused",
            err=True,
        )


def check_address(host: str, port: int) -> None:
    """Raises RaakError: nothing can listen there, because something else does, say."""
    try:
        for family, kind, protocol, _, address in socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        ):
            with socket.socket(family, kind, protocol) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(address)
    except OSError as error:
        raise RaakError(
            f"cannot listen on {host}, port {port} ({error.strerror}); "
            "free it, or choose another with --host and --port"
        ) from None


def read_settings() -> Settings:
    """The settings in the environment.

    Raises:
        RaakError: one of them is wrong; the text names the variable, never its value.
    """
    try:
        return Settings()
    except ValidationError as error:
        mistakes = [
            f"{_variable(mistake['loc'])}: {mistake['msg'].removeprefix('Value error, ')}"
            for mistake in error.errors(include_input=False, include_context=False)
        ]
        raise RaakError("\n".join(mistakes)) from None


def _variable(place: tuple[int | str, ...]) -> str:
    return "_".join(["RAAK", *(str(part).upper() for part in place)])
