"""One bucket of accounts: what recurs for each, what it spends, from its transactions.

A bucket is a frame; a machine takes bucket after bucket on each core, a cluster does the same with
`mapInPandas`. What is done for one account is the core's, as in the service's worker.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain, islice
from types import MappingProxyType

import msgspec
import numpy as np
import pandas as pd

from recommender.account import Payment
from recommender.money.booking import Flags, Ints, Ledger, Ledgers, day_number
from recommender.money.history import History
from recommender.money.peers import Peers, learn_peers
from recommender.money.series import Series, described, recurring_of
from recommender.money.spending import Spending, learn_spending
from recommender.money.streams import Stream
from recommender.tables import (
    ACCOUNT_ID,
    AMOUNT_MINOR,
    BALANCE_MINOR,
    BOOKED_ON,
    COUNTERPARTY,
    CURRENCY,
    SCHEME,
)
from training.money.announced import Announced

AT_ONCE = 250
"""Accounts whose bookings are weighed together: enough for numpy, few enough for memory."""

UNSTATED = np.iinfo(np.int64).max
"""Stands for a balance that no row says; after all others."""


@dataclass(frozen=True)
class Finances:
    """What an account's transactions say of its money as a day begins."""

    account_id: str
    balance_minor: int
    series: tuple[Series, ...]
    spending: Spending


def finances_of(
    transactions: pd.DataFrame, day: date, currency: str, peers: Peers
) -> Iterator[Finances]:
    """The finances of each account that has a booking before `day`, by account."""
    number = day_number(day)
    for part in _parts(everyone(transactions, number, currency)):
        for place, (account_id, series) in enumerate(part.series(number - 1)):
            balance = part.bank.balances[place]
            history = part.history(place, number, currency)
            spending = learn_spending(history, peers, balance_minor=balance)
            yield Finances(account_id, balance, series, spending)


def peers_of(
    transactions: pd.DataFrame,
    day: date,
    currency: str,
    coming: Mapping[str, Sequence[Payment]] = MappingProxyType({}),
) -> Peers:
    """What these accounts have in common, from their bookings before `day`.

    `coming`: what was known on that day of payments to come, by account.
    """
    number = day_number(day)
    histories: list[History] = []
    announced = Announced()
    for part in _parts(everyone(transactions, number, currency)):
        for place, (account_id, series) in enumerate(part.series(number - 1)):
            histories.append(part.history(place, number, currency))
            announced.count(series, coming.get(account_id, ()), day)
    return msgspec.structs.replace(learn_peers(histories), announced=announced.share)


@dataclass(frozen=True, eq=False)
class Bank:
    """Accounts with their last known balances, 0 if unknown, and their bookings."""

    accounts: list[str]
    balances: list[int]
    ledgers: Ledgers


@dataclass(frozen=True, eq=False)
class _Part:
    """Some accounts, and what recurs for each."""

    bank: Bank
    recurring: list[list[Stream]]

    def series(self, day: int) -> Iterator[tuple[str, tuple[Series, ...]]]:
        """Each account and what its streams say as of `day`."""
        streams = list(chain.from_iterable(self.recurring))
        series = iter(described(self.bank.ledgers.together, streams, day))
        for account_id, own in zip(self.bank.accounts, self.recurring, strict=True):
            yield account_id, tuple(islice(series, len(own)))

    def history(self, place: int, day: int, currency: str) -> History:
        start = self.bank.ledgers.edges[place]
        return History.of(
            self.bank.ledgers[place],
            [one.rows - start for one in self.recurring[place]],
            balance_minor=self.bank.balances[place],
            day=day,
            currency=currency,
        )


def _parts(bank: Bank) -> Iterator[_Part]:
    for first in range(0, len(bank.accounts), AT_ONCE):
        ledgers = bank.ledgers.some(first, AT_ONCE)
        own = slice(first, first + AT_ONCE)
        yield _Part(Bank(bank.accounts[own], bank.balances[own], ledgers), recurring_of(ledgers))


def ledgers(
    transactions: pd.DataFrame, day: int, currency: str
) -> Iterator[tuple[str, Ledger, int]]:
    """Each account's bookings before `day`, each once, and its last known balance, 0 if unknown."""
    bank = everyone(transactions, day, currency)
    for place, account_id in enumerate(bank.accounts):
        yield account_id, bank.ledgers[place], bank.balances[place]


def everyone(transactions: pd.DataFrame, day: int, currency: str) -> Bank:
    """The accounts that have a booking before `day`, and those bookings, each once.

    Rows that are equal in all that a booking has are one, unless each says another balance.
    """
    rows = transactions[transactions[BOOKED_ON].to_numpy() < np.datetime64(day, "D")]
    account, accounts = _codes(rows[ACCOUNT_ID])
    booked = rows[BOOKED_ON].to_numpy().astype("datetime64[D]").astype(np.int64)
    amount = rows[AMOUNT_MINOR].to_numpy(dtype=np.int64)
    money, currencies = _codes(rows[CURRENCY])
    counterparty, counterparties = _codes(rows[COUNTERPARTY])
    scheme, schemes = _codes(rows[SCHEME])
    balances = _last_balances(rows, account, booked, money, currencies, currency, len(accounts))
    columns = (account, booked, money, counterparty, amount, scheme)
    after = _balances_after(rows)
    order = np.lexsort((after, *columns[::-1]))
    told_before = np.zeros(len(order), np.bool_)
    told_before[1:] = np.logical_and.reduce(
        [column[order[1:]] == column[order[:-1]] for column in columns]
    )
    told_before[1:] &= (after[order[1:]] == after[order[:-1]]) | (after[order[1:]] == UNSTATED)
    order = order[~told_before]
    together = Ledger(
        booked[order],
        amount[order],
        money[order],
        counterparty[order],
        scheme[order],
        currencies,
        counterparties,
        schemes,
    )
    present, starts = np.unique(account[order], return_index=True)
    return Bank(
        [accounts[code] for code in present.tolist()],
        balances[present].tolist(),
        Ledgers(together, np.append(starts, len(order))),
    )


def _balances_after(rows: pd.DataFrame) -> Ints:
    if BALANCE_MINOR not in rows:
        return np.full(len(rows), UNSTATED)
    return rows[BALANCE_MINOR].to_numpy(dtype=np.int64, na_value=UNSTATED)


def _codes(column: pd.Series) -> tuple[Ints, list[str]]:
    """Codes by text, and the texts."""
    categories = column.astype("category").cat
    codes: Ints = categories.codes.to_numpy().astype(np.int64)
    return codes, categories.categories.tolist()


def _last_balances(
    rows: pd.DataFrame,
    account: Ints,
    booked: Ints,
    money: Ints,
    currencies: list[str],
    currency: str,
    count: int,
) -> Ints:
    """(count,): the balance after the last booking of each account that states one."""
    balances = np.zeros(count, np.int64)
    if BALANCE_MINOR not in rows or currency not in currencies:
        return balances
    stated: Flags = rows[BALANCE_MINOR].notna().to_numpy() & (money == currencies.index(currency))
    places = np.flatnonzero(stated)
    order = places[np.lexsort((booked[places], account[places]))]
    balances[account[order]] = rows[BALANCE_MINOR].iloc[order].to_numpy(dtype=np.int64)
    return balances
