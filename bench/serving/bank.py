"""The demo bank's people and a model of its size, for whatever needs accounts in Redis."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import Path

from bench.decide import BANK, random_model
from recommender.account import Account
from recommender.catalogue import parse_catalogue
from recommender.catalogue.alerts import zone_of
from recommender.days import Days
from recommender.live import pack_bundle
from training.accounts import build_accounts
from training.artefact import Provenance, artefact_files
from training.tables import read_tables, write_tables
from training.world import generate

ACCOUNTS = 30_000
"""More than a round of `bench.serving` asks for: each is asked about once."""
MONTHS = 3


def demo_bundle() -> tuple[str, bytes]:
    """Version and bytes. The vectors are random: how long a sum takes does not depend on them."""
    text = BANK.read_text(encoding="utf-8")
    catalogue = parse_catalogue(text, BANK.name)
    provenance = Provenance(datetime.now(UTC).isoformat(), catalogue.digest, {}, {}, {})
    return pack_bundle(text, artefact_files(random_model(catalogue), provenance))


def demo_days() -> Days:
    """The demo bank's, by which its answers end."""
    catalogue = parse_catalogue(BANK.read_text(encoding="utf-8"), BANK.name)
    return Days(zone_of(catalogue.timezone))


def demo_people(count: int = ACCOUNTS) -> list[Account]:
    """The demo bank's accounts as they stand now."""
    catalogue = parse_catalogue(BANK.read_text(encoding="utf-8"), BANK.name)
    now = datetime.now(UTC)
    world = generate(catalogue, accounts=count, months=MONTHS, seed=7, until=now.date())
    with tempfile.TemporaryDirectory() as folder:
        write_tables(Path(folder), world.frames())
        tables = read_tables(Path(folder), catalogue, now=now)
    return list(build_accounts(tables, catalogue, now))
