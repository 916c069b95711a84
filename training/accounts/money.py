"""What everybody's bookings say: learnt once from a directory of tables, then kept beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import blake2b
from pathlib import Path

import msgspec
import pandas as pd

from recommender.catalogue import Catalogue
from recommender.catalogue.alerts import zone_of
from recommender.money.ahead import Ahead
from recommender.tables import ACCOUNT_ID
from training.accounts.records import Booked, coming, instant
from training.money.bookings import Bookings
from training.money.everyone import Standing, learn_finances, look_ahead_of
from training.money.kept import Kept, Looked, kept_file, made_from, read_kept, write_kept
from training.tables import Tables

Progress = Callable[[int], object]

_encoder = msgspec.msgpack.Encoder(order="deterministic")
_decoder = msgspec.msgpack.Decoder(Ahead)


@dataclass(frozen=True, slots=True)
class Money:
    """By account, where it has bookings: its packed finances, and what lies ahead of it.

    `booked`: what the last bookings say, unless that is to be found in the tables. `unkept` says
    why the rest could not be kept beside the tables, if it could not.
    """

    finances: Mapping[str, bytes]
    ahead: Mapping[str, bytes]
    booked: Booked | None
    unkept: str = ""

    def ahead_of(self, account_id: str) -> Ahead | None:
        packed = self.ahead.get(account_id)
        return None if packed is None else _decoder.decode(packed)


class Heard:
    """The bookings that `read_tables` hands on: put away under `folder`, which is empty."""

    def __init__(self, folder: Path, catalogue: Catalogue, at: datetime) -> None:
        self.bookings = Bookings(folder)
        self.booked = Booked(catalogue, at)

    def add(self, piece: pd.DataFrame) -> None:
        self.bookings.add(piece)
        self.booked.add(piece)


def finances_in(
    directory: Path,
    tables: Tables,
    catalogue: Catalogue,
    at: datetime,
    heard: Heard,
    progress: Progress = lambda _: None,
) -> Kept:
    """The finances that the bookings which were `heard`, read from `directory`, teach.

    Taken from the file beside it while the bookings are the same; else learnt.

    Raises:
        RaakError: a process that learns was ended from outside.
    """
    inputs = made_from(directory, catalogue.currency)
    kept = read_kept(kept_file(directory), inputs, frozenset(tables.accounts[ACCOUNT_ID]))
    if kept is not None:
        return kept
    day, currency = bank_day(catalogue, at), catalogue.currency
    known = {one: its.coming for one, its in _standing(tables, catalogue, at, heard.booked)}
    return Kept(learn_finances(heard.bookings, day, currency, progress=progress, coming=known))


def look_ahead_in(
    directory: Path,
    tables: Tables,
    catalogue: Catalogue,
    at: datetime,
    heard: Heard,
    kept: Kept,
    progress: Progress = lambda _: None,
) -> Money:
    """What lies ahead of each account as the bank's day of `at` begins.

    What was looked at on the same day, and has not moved since, is not looked at again; what was is
    kept beside the `directory`.

    Raises:
        RaakError: a process that looks ahead was ended from outside.
    """
    day = bank_day(catalogue, at)
    standing = {
        account_id: one
        for account_id, one in _standing(tables, catalogue, at, heard.booked)
        if account_id in kept.finances
    }
    marks = {who: blake2b(_encoder.encode(one)).digest()[:8] for who, one in standing.items()}
    looked = {
        account_id: one
        for account_id, one in kept.looked.items()
        if day == kept.day and one.made_from == marks.get(account_id)
    }
    progress(len(looked))
    anew = {who: one for who, one in standing.items() if who not in looked}
    ahead = look_ahead_of(kept.finances, anew, day, catalogue.currency, progress=progress)
    looked |= {who: Looked(marks[who], packed) for who, packed in ahead.items()}
    unkept = ""
    if anew:
        inputs = made_from(directory, catalogue.currency)
        try:
            write_kept(kept_file(directory), inputs, Kept(kept.finances, day, looked))
        except OSError as error:  # a mount to read only, say: the next publication learns again
            unkept = str(error)
    packed = {who: one.ahead for who, one in looked.items()}
    return Money(kept.finances, packed, heard.booked, unkept)


def _standing(
    tables: Tables, catalogue: Catalogue, at: datetime, booked: Booked
) -> zip[tuple[str, Standing]]:
    ids = tables.accounts[ACCOUNT_ID].tolist()
    payments = coming(tables.scheduled_payments, catalogue, instant(at), len(ids))
    return zip(ids, map(Standing, booked.balances, payments), strict=True)


def bank_day(catalogue: Catalogue, at: datetime) -> date:
    return at.astimezone(zone_of(catalogue.timezone)).date()
