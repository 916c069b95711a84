"""From a version in the registry and the newest tables to a contender with its rows."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from recommender.catalogue import read_again
from recommender.registry import RegistryError
from training.leakage import guard
from training.registry.store import CATALOGUE, Entry, Registry
from training.registry.trial import Contender
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
    """Rows of `tables` as the version's own catalogue makes them, over all of their history.

    `beside` another contender the same takings become rows; what this one's catalogue cannot read,
    such as holdings of a newer product, is left out. An equal catalogue makes equal rows. Nobody is
    among them who was erased, as `event_log` may say: see `read_tables`.

    Raises:
        RegistryError: it carries no catalogue; TableError: its catalogue cannot read the tables.
        LeakError: the rows know what came after them.
    """
    entry = registry.read(version)
    if entry.catalogue is None:
        raise RegistryError(f"{version} carries no {CATALOGUE}, so it cannot be tried; train again")
    if beside is not None and beside.entry.catalogue == entry.catalogue:
        return Contender(version, entry, beside.rows)
    catalogue = read_again(entry.catalogue, f"{version}/{CATALOGUE}")
    rejects = MAX_REJECT_SHARE if beside is None else 1.0
    read = read_tables(tables, catalogue, now=now, max_reject_share=rejects, event_log=event_log)
    config = snapshot_config(entry if beside is None else beside.entry)
    rows = build_snapshots(read, catalogue, config)
    if config.holdings_order == "time":
        guard(rows, read, catalogue, seed=1)
    return Contender(version, entry, rows)


def snapshot_config(entry: Entry) -> SnapshotConfig:
    """How the entry's rows were made, but for the window, which was that of its own day."""
    made = dict(entry.manifest.config.get("snapshots", {}))
    return SnapshotConfig.model_validate(made | {"window_from": None, "window_until": None})
