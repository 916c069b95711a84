"""Bookings by payee: those of one payee, currency and direction may be one thing that recurs."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from recommender.money.booking import Flags, Ints, Ledger, Ledgers
from recommender.money.evidence import LEAST_YEARLY, SALARY
from recommender.money.names import payees, words_of


def by_payee(ledgers: Ledgers) -> tuple[list[Ints], list[int]]:
    """Rows of each payee, currency and direction of an account, by day, and the account.

    Groups that cannot recur are left out.
    """
    ledger = ledgers.together
    if not len(ledger):
        return [], []
    account = ledgers.account()
    payee, most = _payees(ledger, account)
    key = ((account * most + payee) * len(ledger.currencies) + ledger.currency) * 2
    key += ledger.amount > 0
    order = np.lexsort((ledger.amount, ledger.day, key))
    starts = np.flatnonzero(np.diff(key[order], prepend=-1))
    ends = np.append(starts[1:], len(order))
    enough = (ends - starts >= LEAST_YEARLY) | _salary(ledger)[order[starts]]
    can = np.flatnonzero(_can_recur(ledger, key, order, starts) & enough)
    groups = [
        order[start:end]
        for start, end in zip(starts[can].tolist(), ends[can].tolist(), strict=True)
    ]
    return groups, account[order[starts[can]]].tolist()


def _payees(ledger: Ledger, account: Ints) -> tuple[Ints, int]:
    """(n,): the payee of each booking, by number among the account's; all are below the second."""
    pairs, which, weight = np.unique(
        account * len(ledger.counterparties) + ledger.counterparty,
        return_inverse=True,
        return_counts=True,
    )
    whose, code = np.divmod(pairs, len(ledger.counterparties))
    codes, weights = code.tolist(), weight.tolist()
    payee: list[int] = []
    for start, end in pairwise([*np.flatnonzero(np.diff(whose, prepend=-1)).tolist(), len(pairs)]):
        total: dict[tuple[str, ...], int] = {}
        names = [words_of(ledger.counterparties[one]) for one in codes[start:end]]
        for name, times in zip(names, weights[start:end], strict=True):
            total[name] = total.get(name, 0) + times
        owners = payees(list(total), list(total.values()))
        owner = dict(zip(total, owners, strict=True))
        payee.extend(owner[name] for name in names)
    return np.array(payee)[which], max(payee) + 1


def _salary(ledger: Ledger) -> Flags:
    code = ledger.schemes.index(SALARY) if SALARY in ledger.schemes else -1
    salary: Flags = (ledger.scheme == code) & (ledger.amount > 0)
    return salary


def _can_recur(ledger: Ledger, key: Ints, order: Ints, starts: Ints) -> Flags:
    """Whether each group has anything but card payments, or three of the same amount.

    Most payees of an account are shops; this spares looking at each.
    """
    card = ledger.schemes.index("card") if "card" in ledger.schemes else -1
    other = np.add.reduceat((ledger.scheme[order] != card).astype(np.int64), starts)
    alike = np.lexsort((ledger.amount, key))
    amounts, keys = ledger.amount[alike], key[alike]
    thrice = (amounts[2:] == amounts[:-2]) & (keys[2:] == keys[:-2])
    can: Flags = (other > 0) | np.isin(key[order[starts]], keys[2:][thrice])
    return can
