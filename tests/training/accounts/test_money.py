"""What bookings say of everybody: whatever they are, nobody is left out and nothing breaks."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
import pytest

from recommender.account import Account
from recommender.money.finances import unpack_finances
from recommender.money.look_ahead import look_ahead
from recommender.tombstone import FILE, digest, write_tombstones
from tests.recommender.bank import bank
from tests.training.snapshots.frames import Row, tables_of
from training.accounts import build_accounts
from training.accounts.money import Heard, Money, bank_day, finances_in, look_ahead_in
from training.money.bookings import Bookings
from training.money.everyone import Standing, learn_finances, look_ahead_of
from training.money.kept import kept_file, made_from, read_kept
from training.tables import Tables, read_tables, write_tables
from training.world import generate

NOON = datetime(2028, 3, 10, 12, tzinfo=UTC)
DAY = NOON.date()
BANK = bank()


def paid(day: date, amount: int = -5_000, currency: str = "EUR", to: str = "Zonwind") -> Row:
    return {
        "booked_on": day.isoformat(),
        "amount_minor": amount,
        "currency": currency,
        "counterparty": to,
        "scheme": "direct_debit",
        "balance_minor": 20_000,
    }


@contextmanager
def apart(transactions: pd.DataFrame) -> Iterator[Bookings]:
    """The bookings, put away."""
    with TemporaryDirectory() as folder:
        bookings = Bookings(Path(folder))
        bookings.add(transactions)
        yield bookings


def published(*bookings: Row, **tables: list[Row]) -> Account:
    """The one account as a publication has it."""
    read = tables_of(BANK, transactions=list(bookings), **tables)
    with apart(read.transactions) as away:
        finances = learn_finances(away, DAY, "EUR", processes=1)
    (known,) = build_accounts(read, BANK, NOON)
    standing = {known.account_id: Standing(known.balance_minor, known.coming)}
    ahead = look_ahead_of(finances, standing, DAY, "EUR", processes=1)
    (account,) = build_accounts(read, BANK, NOON, Money(finances, ahead, None))
    return account


def four_weekly(count: int, **more: Any) -> list[Row]:
    return [paid(DAY - timedelta(28 * cycle), **more) for cycle in range(count, 0, -1)]


def test_who_has_no_bookings_has_nothing_ahead() -> None:
    account = published()
    assert (account.ahead, account.finances) == (None, b"")


def test_one_booking_is_enough_to_look_ahead() -> None:
    account = published(paid(DAY - timedelta(3)))
    assert account.ahead is not None
    assert account.ahead.expected == ()
    assert unpack_finances(account.finances).series == ()


def test_bookings_of_the_future_and_of_today_alone_teach_nothing() -> None:
    assert published(paid(DAY + timedelta(1))).finances == b""


def test_what_was_booked_today_is_not_expected_today_again() -> None:
    before = published(*four_weekly(6))
    assert before.ahead is not None
    assert [one.due_on for one in before.ahead.expected] == [DAY]
    after = published(*four_weekly(6), paid(DAY))
    assert after.ahead is not None
    assert after.ahead.expected == ()


def test_currencies_are_kept_apart() -> None:
    mixed = [*four_weekly(6, currency="USD", to="Cloud"), *four_weekly(6)]
    account = published(*mixed)
    assert {one.currency for one in unpack_finances(account.finances).series} == {"EUR", "USD"}
    assert account.ahead is not None
    assert [one.counterparty for one in account.ahead.expected] == ["Zonwind"]


def test_a_month_with_a_leap_day_is_a_month() -> None:
    days = [date(2027, 10, 31), date(2027, 11, 30), date(2027, 12, 31), date(2028, 1, 31)]
    (series,) = unpack_finances(published(*map(paid, [*days, date(2028, 2, 29)])).finances).series
    assert series.next_due == date(2028, 3, 31)


def test_a_booking_told_twice_is_one() -> None:
    bookings = four_weekly(6)
    assert published(*bookings, *bookings) == published(*bookings)


def test_fifty_thousand_bookings_of_one_account_are_looked_at() -> None:
    shops = [
        paid(DAY - timedelta(1 + number % 700), -100 - number % 977, to=f"Shop {number % 83}")
        for number in range(50_000)
    ]
    account = published(*shops, *four_weekly(20))
    assert account.ahead is not None
    assert len(account.finances) < 20_000
    assert "Zonwind" in {one.counterparty for one in account.ahead.expected}


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (datetime(2028, 3, 25, 22, 59, tzinfo=UTC), date(2028, 3, 25)),
        (datetime(2028, 3, 25, 23, 1, tzinfo=UTC), date(2028, 3, 26)),  # the clock goes forward
        (datetime(2028, 3, 26, 21, 59, tzinfo=UTC), date(2028, 3, 26)),
        (datetime(2028, 3, 26, 22, 1, tzinfo=UTC), date(2028, 3, 27)),
        (datetime(2028, 10, 28, 22, 1, tzinfo=UTC), date(2028, 10, 29)),  # and back
        (datetime(2028, 10, 29, 22, 59, tzinfo=UTC), date(2028, 10, 29)),
        (datetime(2028, 10, 29, 23, 1, tzinfo=UTC), date(2028, 10, 30)),
    ],
)
@pytest.mark.parametrize("server", ["UTC", "Pacific/Auckland", "America/Los_Angeles"])
def test_a_day_is_the_banks_and_not_the_servers(
    at: datetime, day: date, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", server)
    time.tzset()
    try:
        assert BANK.timezone == "Europe/Amsterdam"
        assert bank_day(BANK, at) == day
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("money") / "tables"
    world = generate(BANK, accounts=60, months=4, seed=3, until=DAY)
    write_tables(folder, world.frames())
    return folder


def read(directory: Path) -> Tables:
    return read_tables(directory, BANK, now=NOON)


def looked_at(directory: Path, at: datetime = NOON) -> tuple[Money, list[int]]:
    """What is ahead of everybody, and how many accounts were learnt about for it."""
    learnt: list[int] = []
    with TemporaryDirectory() as folder:
        heard = Heard(Path(folder), BANK, at)
        hand_on = {"transactions": heard.add}
        tables = read_tables(directory, BANK, now=NOON, handed_on=hand_on)
        assert tables.transactions.empty
        kept = finances_in(directory, tables, BANK, at, heard, learnt.append)
        return look_ahead_in(directory, tables, BANK, at, heard, kept), learnt


def test_what_is_kept_is_what_would_be_learnt_again_and_only_while_bookings_are_the_same(
    directory: Path,
) -> None:
    tables = read(directory)
    first, learnt = looked_at(directory)
    assert sum(learnt) > 50
    again, learnt = looked_at(directory)
    assert learnt == []
    assert (dict(again.finances), dict(again.ahead)) == (dict(first.finances), dict(first.ahead))
    tomorrow, learnt = looked_at(directory, NOON + timedelta(1))
    assert learnt == []
    assert {one.day for one in map(tomorrow.ahead_of, tomorrow.ahead) if one} == {
        DAY + timedelta(1)
    }
    fewer = {**tables.frames(), "transactions": tables.transactions.iloc[:-1]}
    write_tables(directory, {"transactions": fewer["transactions"]})
    assert read_kept(kept_file(directory), made_from(directory, "EUR"), set(first.finances)) is None


def test_each_account_has_ahead_of_it_what_the_worker_would_see(directory: Path) -> None:
    tables = read(directory)
    money, _ = looked_at(directory)
    everybody = list(build_accounts(tables, BANK, NOON, money))
    assert sum(account.ahead is not None for account in everybody) > 50
    for account in everybody:
        if account.finances:
            finances = unpack_finances(account.finances)
            seen = look_ahead(account.balance_minor, DAY, account.coming, finances, "EUR")
            assert account.ahead == seen


def test_who_was_erased_does_not_stay_in_what_is_kept(directory: Path) -> None:
    money, _ = looked_at(directory)
    gone = "demo-parents"
    assert gone in money.finances
    (directory / FILE).write_text(write_tombstones([digest(gone)]))
    without, learnt = looked_at(directory)
    assert learnt
    assert gone not in without.finances
    file = read_kept(kept_file(directory), made_from(directory, "EUR"), set(without.finances))
    assert file is not None


def test_where_nothing_can_be_kept_all_is_learnt_again(tmp_path: Path) -> None:
    folder = tmp_path / "tables"
    write_tables(folder, generate(BANK, accounts=12, months=3, seed=4, until=DAY).frames())
    kept_file(folder).mkdir()  # so no file can have its name
    money, _ = looked_at(folder)
    assert "tables.finances.parquet" in money.unkept
    assert money.ahead
    _, learnt = looked_at(folder)
    assert learnt


def test_one_process_or_several_find_the_same(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    transactions = read(directory).transactions
    with apart(transactions) as whole:
        alone = learn_finances(whole, DAY, "EUR", processes=1)
    monkeypatch.setattr("training.money.bookings.ACCOUNTS_IN_BUCKET", 20)
    with apart(transactions) as away:
        assert learn_finances(away, DAY, "EUR", processes=2) == alone
