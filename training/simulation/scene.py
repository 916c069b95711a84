"""One bucket of accounts, asked the same question twice: what is in force, and what might be."""

from __future__ import annotations

import gc
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import NamedTuple, Self

from recommender.account import Account
from recommender.catalogue import Catalogue
from recommender.decide import decide_all, decide_both
from recommender.decision import Decision
from recommender.live import Live, read_bundle
from recommender.request import Request
from recommender.tables import table_contracts
from training.accounts import build_accounts
from training.simulation.cells import audit_values, cell_of
from training.simulation.tally import Cell, Guidance, Tally
from training.tables import Tables, read_tables
from training.tables.frames import COLUMN, TABLE

TOGETHER = 64
"""Accounts decided for at once: each stage of `decide` then finds its caches warm."""


@dataclass(frozen=True)
class Sides:
    """The bundles (`recommender.live.pack_bundle`) in force before and after, and the question.

    `now` is when the tables were made, or later: rows from after it are rejected.
    """

    before: tuple[str, bytes]
    after: tuple[str, bytes]
    request: Request
    now: datetime


class Person(NamedTuple):
    """An account as each side's catalogue reads it from the tables: mostly the same account."""

    cell: Cell
    before: Account
    after: Account


@dataclass(slots=True)
class Counted:
    """A tally, and what happened on the way to it. `reading_s` is seconds spent on the tables."""

    tally: Tally = field(default_factory=Tally)
    rejected: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Rows that break the contract, by table and column."""
    one_sided: int = 0
    """Accounts that only one of the catalogues can read, which are not counted."""
    reading_s: float = 0.0

    def add(self, other: Counted) -> None:
        self.tally.add(other.tally)
        self.rejected.update(other.rejected)
        self.one_sided += other.one_sided
        self.reading_s += other.reading_s


@dataclass(frozen=True)
class Scene:
    """Both sides, ready to decide."""

    before: Live
    after: Live
    request: Request
    now: datetime

    @classmethod
    def of(cls, sides: Sides) -> Self:
        """Raises ArtefactError and CatalogueError: one of the bundles cannot be used."""
        before, after = (read_bundle(*bundle) for bundle in (sides.before, sides.after))
        return cls(before, after, sides.request, sides.now)

    def count(self, bucket: Path) -> Counted:
        """Decide for everybody in a directory of tables. Raises TableError."""
        counted = Counted(Tally(Guidance.of(self.before.catalogue, self.after.catalogue)))
        people = self._people(bucket, counted)
        with no_collection():
            while batch := list(islice(people, TOGETHER)):
                before, after = self._decided(batch)
                for one, was, now in zip(batch, before, after, strict=True):
                    counted.tally.count(one.after, one.cell, was, now)
        return counted

    def _decided(self, batch: list[Person]) -> tuple[list[Decision], list[Decision]]:
        """Before and after. Mostly both catalogues read the same of everybody: see `_people`."""
        if all(one.before is one.after for one in batch):
            asked = [(one.after, self.request) for one in batch]
            return decide_both(asked, self.before, self.after)
        before = [(one.before, self.request) for one in batch]
        after = [(one.after, self.request) for one in batch]
        return decide_all(before, self.before), decide_all(after, self.after)

    def _people(self, bucket: Path, counted: Counted) -> Iterator[Person]:
        catalogue, at = self.after.catalogue, self.request.at
        spec, day = self.after.features, self.after.days.of(self.request.at)
        tables = self._read(bucket, catalogue, counted)
        known: dict[str, Account] | None = None
        if _reads(self.before.catalogue) != _reads(catalogue):
            others = self._read(bucket, self.before.catalogue, counted)
            known = _by_id(build_accounts(others, self.before.catalogue, at))
            counted.one_sided += len({*known} ^ {*tables.accounts["account_id"]})
        accounts = build_accounts(tables, catalogue, at)
        for after, audit in zip(accounts, audit_values(tables, catalogue), strict=True):
            before = after if known is None else known.get(after.account_id)
            if before is not None:
                yield Person(cell_of(after, audit, spec, day), before, after)

    def _read(self, bucket: Path, catalogue: Catalogue, counted: Counted) -> Tables:
        began = time.perf_counter()
        read = read_tables(bucket, catalogue, now=self.now, max_reject_share=1.0, of_a_bucket=True)
        rejects = read.rejects
        wrong = Counter(zip(rejects[TABLE], rejects[COLUMN], strict=True))
        counted.rejected |= wrong  # both sides read the same rows: none is counted twice
        counted.reading_s += time.perf_counter() - began
        return read


@contextmanager
def no_collection() -> Iterator[None]:
    """Decisions hold no cycles, yet looking for some in a bucket of accounts takes a third more.

    Reading tables leaves some, which go at the end; what was there before is not looked through.
    """
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.collect()
        gc.unfreeze()
        gc.enable()


def _by_id(accounts: Iterable[Account]) -> dict[str, Account]:
    return {account.account_id: account for account in accounts}


def _reads(catalogue: Catalogue) -> tuple[object, ...]:
    """All of a catalogue that `read_tables` and `build_accounts` look at."""
    return (
        table_contracts(catalogue),
        {name: attribute.uses for name, attribute in catalogue.attributes.items()},
        {name: product.domain for name, product in catalogue.products.items()},
        catalogue.interest,
        catalogue.contact.counted_days,
        catalogue.currency,
    )
