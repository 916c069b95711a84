"""The demo's order of events: tables, model, Valkey, publication, service, questions."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import click

from cli.bank import catalogue_file
from cli.demo.access import Access
from cli.demo.api import path
from cli.demo.build import Bank, Built, build, run
from cli.demo.conversation import converse
from cli.demo.questions import readme_questions
from cli.demo.service import HOST, ServiceFailed, check_port, running_service, running_worker
from cli.demo.story import tell_story
from cli.embedded import embedded_valkey, free_port
from recommender.catalogue import parse_catalogue


@click.command
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
    built = build(data, catalogue, Bank(accounts, months, seed))
    with ExitStack() as running:
        access = Access.fresh(data)
        given = os.environ.get("RAAK_REDIS_URL")
        redis_url = given or running.enter_context(embedded_valkey()).url
        service = serve(running, built, catalogue, port, access, redis_url)
        base = f"http://{HOST}:{port}"
        if ask_once:
            text = catalogue.read_text(encoding="utf-8")
            asked = readme_questions(parse_catalogue(text, str(catalogue)))
            right = converse(base, access, asked) & tell_story(base, access)
            sys.exit(0 if right else 1)
        invite(base, access)
        if not given:  # who gave an address knows it, and its password stays off the screen
            invite_analyst(redis_url, built, catalogue)
        stay(service)


def serve(
    running: ExitStack, built: Built, catalogue: Path, port: int, access: Access, redis_url: str
) -> subprocess.Popen[bytes]:
    """Publish what was built, start the service; leaving `running` stops it, last in first out."""
    settings = {"RAAK_REDIS_URL": redis_url}
    source = ("--tables", built.tables, "--model", built.model, "--catalogue", catalogue)
    log = {"RAAK_EVENTS_LOG_DIR": str(built.tables.parent / "event-log")}
    run("publish", *source, **settings, **log)  # the log knows who was erased in an earlier run
    running.enter_context(running_worker(settings | log))
    return running.enter_context(running_service(port, settings | access.settings()))


def stay(service: subprocess.Popen[bytes]) -> None:
    """Until Ctrl-C, which is how a demo ends well.

    Raises:
        ServiceFailed: the service ended first.
    """
    try:
        click.echo("\nCtrl-C stops everything.")
        service.wait()
    except KeyboardInterrupt:
        click.echo("\nStopping.")
        return
    raise ServiceFailed("the service ended by itself; what it said is above")


def invite(base: str, access: Access) -> None:
    """Print what to try; every command can be pasted as it stands."""
    student, hers = path("demo-student", explain="true"), path("demo-student")
    click.echo(f"""
Raak serves the demo bank on {base}. Try:

What do we offer an 18-year-old who just opened a student account? A back end asks:
  KEY={access.api_key}
  curl -s -H "X-API-Key: $KEY" '{base}{student}' | python3 -m json.tool

Her own browser asks; the token is hers and lasts an hour:
  TOKEN={access.token("demo-student")}
  curl -s -H "Authorization: Bearer $TOKEN" '{base}{hers}' | python3 -m json.tool

Her token and somebody else's account: not found, as if there were none:
  curl -s -H "Authorization: Bearer $TOKEN" '{base}{path("demo-parents")}'

She looks at something else, and the next answer knows:
  curl -s -X POST -H "Authorization: Bearer $TOKEN" '{base}/v1/events' -d '{{
    "event_id": "'$(python3 -c 'import uuid; print(uuid.uuid4())')'",
    "at": "'$(date -u +%FT%TZ)'", "kind": "page_view", "account_id": "demo-student",
    "product_id": "bike_insurance", "channel": "web"}}'

Others: demo-parents demo-starter demo-complaint demo-shortfall demo-retiring demo-no-consent""")


def invite_analyst(redis_url: str, built: Built, catalogue: Path) -> None:
    """Print what works on what is in force, in another terminal while the demo runs."""
    raak = Path(sys.executable).with_name("raak")
    click.echo(f"""
In another terminal, for who decides what is decided:
  export RAAK_REDIS_URL={redis_url}
  {raak} why demo-student mortgage
  {raak} simulate --tables {built.tables} --policy CHANGED.yaml
CHANGED.yaml is {catalogue} after your change.""")
