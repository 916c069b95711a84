"""The demo's order of events: tables, model, Valkey, publication, service, questions."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from cli.demo.access import Access
from cli.demo.api import path
from cli.demo.bank import PACKAGE, catalogue_file
from cli.demo.conversation import converse
from cli.demo.once import digest, once, sources
from cli.demo.questions import readme_questions
from cli.demo.service import HOST, ServiceFailed, check_port, raak, running_service
from cli.embedded import embedded_valkey, free_port
from recommender.catalogue import parse_catalogue
from recommender.errors import RaakError

FRESH_DAYS = 2
"""The demo's direct debit is due three days after the tables were made: older ones are stale."""


@click.command()
@click.option("--once", "ask_once", is_flag=True, help="Ask the README's questions, then stop.")
@click.option("--port", default=8000, show_default=True, help="0 takes any free one.")
@click.option("--data", default="data/demo", show_default=True, type=click.Path(path_type=Path))
@click.option("--accounts", default=20_000, show_default=True, type=click.IntRange(min=100))
@click.option("--months", default=12, show_default=True, type=click.IntRange(min=1))
@click.option("--seed", default=7, show_default=True)
def command(
    *, ask_once: bool, port: int, data: Path, accounts: int, months: int, seed: int
) -> None:
    """Build the demo bank, train on it, publish and serve it here.

    Finished steps are kept under --data and taken up again. Runs on an embedded Valkey, or on
    RAAK_REDIS_URL when that is set. Ctrl-C stops all that it started.
    """
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, lambda number, _: sys.exit(128 + number))
    port = port or free_port()
    check_port(port)  # before the minutes of work, not after
    data.mkdir(parents=True, exist_ok=True)
    catalogue = catalogue_file()
    tables, model = build(data, catalogue, ("--accounts", accounts, "--months", months), seed)
    with ExitStack() as running:
        redis_url = os.environ.get("RAAK_REDIS_URL")
        if not redis_url:
            redis_url = running.enter_context(embedded_valkey()).url
        settings = {"RAAK_REDIS_URL": redis_url}
        say("publish", "accounts, catalogue and model to Redis")
        run(
            raak("publish", "--tables", tables, "--model", model, "--catalogue", catalogue),
            settings,
        )
        access = Access.fresh(data)
        service = running.enter_context(running_service(port, settings | access.settings()))
        base = f"http://{HOST}:{port}"
        if ask_once:
            answers_are_right = converse(base, access, readme_questions(credit_products(catalogue)))
            sys.exit(0 if answers_are_right else 1)
        invite(base, access)
        service.wait()
    raise ServiceFailed("the service ended by itself; what it said is above")


def build(data: Path, catalogue: Path, size: tuple[object, ...], seed: int) -> tuple[Path, Path]:
    """The demo bank's tables and a model trained on them, made when missing or out of date.

    Returns the directory of tables and that of the model's artefact.
    """
    tables, models = data / "tables", data / "models"
    code = sources(PACKAGE.parent / "recommender", PACKAGE.parent / "training")
    inputs = digest([catalogue, *code], *size, seed)
    stamp = data / "tables.done"
    if stamp.is_file() and older_than_days(stamp, FRESH_DAYS):
        stamp.unlink()
    made = once(
        stamp,
        inputs,
        lambda: run(raak("world", tables, "--catalogue", catalogue, *size, "--seed", seed)),
    )
    say("tables", f"{tables} {'made' if made else 'kept from an earlier run'}")
    if made:
        (data / "model.done").unlink(missing_ok=True)
    trained = once(
        data / "model.done",
        inputs,
        lambda: run(raak("train", "--tables", tables, "--catalogue", catalogue, "--out", models)),
    )
    model = newest_model(models)
    say("model", f"{model} {'trained' if trained else 'kept from an earlier run'}")
    return tables, model


def older_than_days(file: Path, days: float) -> bool:
    written = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    return datetime.now(UTC) - written > timedelta(days=days)


def newest_model(models: Path) -> Path:
    """The artefact written last."""
    manifests = sorted(models.glob("*/manifest.json"), key=lambda file: file.stat().st_mtime)
    if not manifests:
        raise RaakError(f"no model in {models}; remove {models.parent} and run again")
    return manifests[-1].parent


def credit_products(catalogue: Path) -> frozenset[str]:
    parsed = parse_catalogue(catalogue.read_text(encoding="utf-8"), str(catalogue))
    return frozenset(name for name, product in parsed.products.items() if product.type == "credit")


def run(arguments: list[str], settings: dict[str, str] | None = None) -> None:
    """Run one step; its own message says what went wrong."""
    finished = subprocess.run(arguments, env={**os.environ, **(settings or {})}, check=False)
    if finished.returncode:
        raise RaakError(f"`raak {arguments[3]}` failed; what it said is above")


def say(step: str, words: str) -> None:
    click.echo(f"{click.style(f'{step:<9}', bold=True)} {words}")


def invite(base: str, access: Access) -> None:
    """Print what to try; every command can be pasted as it stands."""
    student = path("demo-student", explain="true")
    parents = path("demo-parents")
    click.echo(f"""
Raak serves the demo bank on {base}

What do we offer an 18-year-old who just opened a student account? Asked by a back end:
  curl -s -H 'X-API-Key: {access.api_key}' '{base}{student}' | python3 -m json.tool

The same from her own browser; the token is hers and lasts an hour:
  TOKEN={access.token("demo-student")}
  curl -s -H "Authorization: Bearer $TOKEN" '{base}{path("demo-student")}' | python3 -m json.tool

Her token, somebody else's account: not found, as if it did not exist:
  curl -s -H "Authorization: Bearer $TOKEN" '{base}{parents}'

Others: demo-parents demo-starter demo-complaint demo-shortfall demo-retiring demo-no-consent
Ctrl-C stops everything.""")
