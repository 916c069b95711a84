"""`raak keys`: API keys for back ends, and short-lived tokens to try things with."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from cli.serve import read_settings
from recommender.errors import RaakError
from service.auth.caller import OWN_ACCOUNT, Scope
from service.auth.keys import KeyRing, new_key, read_keys, write_keys
from service.auth.tokens import sign_token

file_option = click.option(
    "--file",
    "path",
    type=click.Path(dir_okay=False, path_type=Path),
    envvar="RAAK_API_KEYS_FILE",
    required=True,
    show_envvar=True,
    help="The file of API keys.",
)
SCOPES = click.Choice([scope.value for scope in Scope])


@click.group()
def command() -> None:
    """Make, list and revoke API keys; sign a token. A running service notices within a second."""


@command.command()
@click.option("--name", required=True, help="Whose key it is.")
@click.option("--scope", "scopes", multiple=True, required=True, type=SCOPES, help="Repeatable.")
@click.option("--days", type=click.IntRange(1), help="Expires after so many days; default: never.")
@file_option
def new(name: str, scopes: tuple[str, ...], days: int | None, path: Path) -> None:
    """Make a key and print it. It is shown this once: the file holds only its hash."""
    expires_at = datetime.now(UTC) + timedelta(days=days) if days else None
    key, text = new_key(name, [Scope(scope) for scope in scopes], expires_at)
    ring = read_keys(path) if path.exists() else KeyRing()
    write_keys(path, ring.with_key(key))
    click.echo(text)


@command.command("list")
@file_option
def list_keys(path: Path) -> None:
    """List the keys: id, name, scopes and when each expires."""
    for key in read_keys(path).keys:
        ends = f"expires {key.expires_at:%Y-%m-%d}" if key.expires_at else "does not expire"
        click.echo(f"{key.id}  {key.name}  {' '.join(sorted(key.scopes))}  {ends}")


@command.command()
@click.argument("key_id")
@file_option
def revoke(key_id: str, path: Path) -> None:
    """Remove the key with this id."""
    ring = read_keys(path)
    rest = ring.without(key_id)
    if len(rest.keys) == len(ring.keys):
        raise RaakError(f"{path} has no key with id {key_id!r}")
    write_keys(path, rest)


@command.command()
@click.argument("account_id")
@click.option("--lifetime", default=900, show_default=True, help="Seconds until it expires.")
@click.option("--scope", "scopes", multiple=True, type=SCOPES, help="Default: what is one's own.")
def token(account_id: str, lifetime: int, scopes: tuple[str, ...]) -> None:
    """Sign a token for one account with RAAK_JWT_KEY, as your own login would."""
    config = read_settings().jwt
    if config.key is None or not config.algorithm.startswith("HS"):
        raise RaakError("set RAAK_JWT_KEY to the shared key that the service has")
    if not 1 <= lifetime <= config.max_lifetime_s:
        raise RaakError(f"--lifetime must be between 1 and {config.max_lifetime_s}")
    granted = [Scope(scope) for scope in scopes] or OWN_ACCOUNT
    click.echo(sign_token(config, account_id, lifetime, granted))
