"""One bucket of accounts: what recurs for each, what it spends, from its transactions.

A bucket is a frame; a machine takes bucket after bucket on each core, a cluster does the same with
`mapInPandas`. What is done for one account is the core's, as in the service's worker.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np
import pandas as pd

from recommender.money.booking import Flags, Ints, Ledger, day_number
from recommender.money.history import History
from recommender.money.peers import Peers
from recommender.money.series import Series, described, recurring
from recommender.money.spending import Spending, learn_spending
from recommender.tables import (
    ACCOUNT_ID,
    AMOUNT_MINOR,
    BALANCE_MINOR,
    BOOKED_ON,
    COUNTERPARTY,
    CURRENCY,
    SCHEME,
)

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
    for account_id, ledger, balance in ledgers(transactions, number, currency):
        streams = recurring(ledger)
        history = _history(ledger, [one.rows for one in streams], balance, number, currency)
        yield Finances(
            account_id,
            balance,
            tuple(described(ledger, one, number - 1) for one in streams),
            learn_spending(history, peers, balance_minor=balance),
        )


def histories_of(transactions: pd.DataFrame, day: date, currency: str) -> Iterator[History]:
    """The days before `day` of each account, for `learn_peers`."""
    number = day_number(day)
    for _, ledger, balance in ledgers(transactions, number, currency):
        rows = [one.rows for one in recurring(ledger)]
        yield _history(ledger, rows, balance, number, currency)


def _history(ledger: Ledger, planned: list[Ints], balance: int, day: int, currency: str) -> History:
    return History.of(ledger, planned, balance_minor=balance, day=day, currency=currency)


def ledgers(
    transactions: pd.DataFrame, day: int, currency: str
) -> Iterator[tuple[str, Ledger, int]]:
    """Each account's bookings before `day`, each once, and its last known balance, 0 if unknown.

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
    starts = np.searchsorted(account[order], np.arange(len(accounts) + 1)).tolist()
    everyone = Ledger(
        booked[order],
        amount[order],
        money[order],
        counterparty[order],
        scheme[order],
        currencies,
        counterparties,
        schemes,
    )
    for code, (start, end) in enumerate(pairwise(starts)):
        if end > start:
            yield accounts[code], everyone.where(slice(start, end)), int(balances[code])


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
