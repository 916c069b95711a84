"""The facts that alerts rest on: where each is found, and in which accounts there is none.

The catalogue may name any of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from recommender.account import Account
from recommender.alerts import sources
from recommender.alerts.cause import Cause, Outlook

SITUATION: Final = "situation"
"""The fact of kinds that only have a condition."""

Source = Callable[[Account, Outlook], Iterable[Cause]]

Most = Callable[[Account], int | None]
"""A bound of `Cause.stake_minor`; None of an account in which there is nothing to find."""


@dataclass(frozen=True, slots=True)
class Fact:
    """`fills`: the placeholders that its texts may have. `about`: what a kind may narrow it to.

    `most`: what no cause in an account can weigh more than. Most accounts are passed over because
    of it, without a look at any day.
    """

    source: Source
    most: Most
    fills: tuple[str, ...] = ()
    about: Literal["cases", "products"] | None = None


def _all_payments(account: Account) -> int | None:
    leaving = -_sum_of_debits(account)
    return leaving or None


def _most_lacking(account: Account) -> int | None:
    balance, ahead = account.balance_minor, account.ahead
    if balance is None:
        return None
    if ahead is not None:
        return max(ahead.lacking_minor, default=None)
    return max(-balance - _sum_of_debits(account), 0) or None


def _sum_of_debits(account: Account) -> int:
    """Of all that is known or expected, whenever it is due."""
    debits = [one.amount_minor for one in account.coming if one.amount_minor < 0]
    if account.ahead is not None:
        debits += [one.amount_minor for one in account.ahead.expected]
    return sum(debits)


def _largest_sign(account: Account) -> int | None:
    if account.ahead is None:
        return None
    return max([sign.amount_minor for sign in account.ahead.signs], default=None)


def _balance(account: Account) -> int | None:
    return account.balance_minor


def _cases(account: Account) -> int | None:
    return 0 if account.cases else None


def _terms(account: Account) -> int | None:
    ending = [held for held in account.holdings if held.ends_on is not None]
    return 0 if ending else None


def _nothing(_account: Account) -> int | None:
    """There is no amount in it, and it may be in any account."""
    return 0


CHANGED: Final = ("day", "amount", "before", "counterparty")
OF_SOMEBODY: Final = ("amount", "counterparty")
"""What cannot be said where nobody can be named."""

FACTS: Final[Mapping[str, Fact]] = {
    "debit": Fact(sources.debits, _all_payments, ("day", "amount", "counterparty")),
    "shortfall": Fact(
        sources.shortfall, _most_lacking, ("day", "amount", "shortfall", "counterparty")
    ),
    "unusual_debit": Fact(sources.unusual_debits, _largest_sign, CHANGED),
    "dearer": Fact(sources.price_rises, _largest_sign, CHANGED),
    "charged_twice": Fact(sources.charged_twice, _largest_sign, ("day", "amount", "counterparty")),
    "income_missing": Fact(
        sources.missing_income, _largest_sign, ("day", "amount", "counterparty")
    ),
    "idle_money": Fact(sources.idle_money, _balance, ("amount",)),
    "promise_at_risk": Fact(sources.promises_at_risk, _cases, ("day", "case"), about="cases"),
    "promise_broken": Fact(sources.promises_broken, _cases, ("day", "case"), about="cases"),
    "open_case": Fact(sources.open_cases, _cases, ("case",), about="cases"),
    "term_ends": Fact(sources.terms_ending, _terms, ("day", "product"), about="products"),
    SITUATION: Fact(sources.situation, _nothing),
}
"""By the name that the catalogue gives it."""
