"""From a version in the registry and the newest tables to a contender with its rows."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from recommender.catalogue import read_again
from recommender.registry import RegistryError
from training.leakage import guard
from training.registry.store import CATALOGUE, Entry, Registry
from training.registry.trial import Contender
from training.responses import ResponsesConfig, build_responses
from training.snapshots import SnapshotConfig, build_snapshots
from training.tables import read_tables
from training.tables.read import MAX_REJECT_SHARE


def contender(
    registry: Registry,
    version: str,
    tables: Path,
    now: datetime,
    *,
    beside: Contender | None = None,
    event_log: Path | None = None,
) -> Contender:
    """Rows and offers of all of `tables`, as the version's own catalogue makes them.

    `beside` another contender the same takings become rows, and the same offers count; what this
    one's catalogue cannot read, such as holdings of a newer product, is left out. An equal
    catalogue makes equal rows. Nobody is among them who was erased, as `event_log` may say: see
    `read_tables`.

    Raises:
        RegistryError: it carries no catalogue; TableError: its catalogue cannot read the tables.
        LeakError: the rows know what came after them.
    """
    entry = registry.read(version)
    if entry.catalogue is None:
        raise RegistryError(f"{version} carries no {CATALOGUE}, so it cannot be tried; train again")
    if beside is not None and beside.entry.catalogue == entry.catalogue:
        return Contender(version, entry, beside.rows, beside.offers)
    catalogue = read_again(entry.catalogue, f"{version}/{CATALOGUE}")
    rejects = MAX_REJECT_SHARE if beside is None else 1.0
    read = read_tables(tables, catalogue, now=now, max_reject_share=rejects, event_log=event_log)
    like = entry if beside is None else beside.entry
    config = snapshot_config(like)
    rows = build_snapshots(read, catalogue, config)
    if config.holdings_order == "time":
        guard(rows, read, catalogue, seed=1)
    offers = build_responses(read, catalogue, responses_config(like))
    return Contender(version, entry, rows, offers)


def snapshot_config(entry: Entry) -> SnapshotConfig:
    """How the entry's rows were made, but for the window, which was that of its own day."""
    made = dict(entry.manifest.config.get("snapshots", {}))
    return SnapshotConfig.model_validate(made | {"window_from": None, "window_until": None})


def responses_config(entry: Entry) -> ResponsesConfig:
    """How long the entry's offers had to be answered; which are settled the newest tables say."""
    made = dict(entry.manifest.config.get("responses", {}))
    return ResponsesConfig.model_validate(made | {"until": None})
