"""The demo's slow half: the bank's tables and a model trained on them, made when out of date."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from cli.bank import PACKAGE
from cli.demo.once import digest, once, sources
from cli.demo.service import raak
from recommender.errors import RaakError

FRESH = timedelta(days=2)
"""The demo's direct debit is due three days after the tables were made: older ones are stale."""


@dataclass(frozen=True, slots=True)
class Bank:
    """How large a bank, and which one: equal values give equal tables."""

    accounts: int
    months: int
    seed: int


@dataclass(frozen=True, slots=True)
class Built:
    """Directories of the tables and of the model's artefact."""

    tables: Path
    model: Path


def build(data: Path, catalogue: Path, bank: Bank) -> Built:
    """Make what is missing or out of date under `data`; keep the rest.

    Raises:
        RaakError: a step failed; it has said why.
    """
    tables, models = data / "tables", data / "models"
    code = sources(PACKAGE.parent / "recommender", PACKAGE.parent / "training")
    inputs = digest([catalogue, *code], bank)
    source = ("--tables", tables, "--catalogue", catalogue)
    tables_made, model_made = data / "tables.done", data / "model.done"
    if tables_made.is_file() and age(tables_made) > FRESH:
        tables_made.unlink()
    size = ("--accounts", bank.accounts, "--months", bank.months, "--seed", bank.seed)
    if once(tables_made, inputs, lambda: run("world", tables, "--catalogue", catalogue, *size)):
        model_made.unlink(missing_ok=True)
    else:
        say("tables", f"{tables}, from an earlier run")
    if not once(
        model_made,
        inputs,
        lambda: run("train", *source, "--out", models, "--no-report"),
    ):
        say("model", f"{newest_model(models)}, from an earlier run")
    return Built(tables, newest_model(models))


def age(file: Path) -> timedelta:
    return datetime.now(UTC) - datetime.fromtimestamp(file.stat().st_mtime, UTC)


def newest_model(models: Path) -> Path:
    """The artefact written last."""
    manifests = sorted(models.glob("*/manifest.json"), key=lambda file: file.stat().st_mtime)
    if not manifests:
        raise RaakError(f"no model in {models}; remove {models.parent} and run again")
    return manifests[-1].parent


def run(step: str, *arguments: object, **settings: str) -> None:
    """Run a `raak` command to its end; `settings` go to its environment.

    Raises:
        RaakError: it failed; it has said why.
    """
    say(step, " ".join(str(argument) for argument in arguments))
    finished = subprocess.run(raak(step, *arguments), env={**os.environ, **settings}, check=False)
    if finished.returncode:
        raise RaakError(f"`raak {step}` failed; what it said is above")


def say(step: str, words: str) -> None:
    click.echo(f"{click.style(f'{step:<8}', bold=True)} {words}")
