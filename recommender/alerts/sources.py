"""Sources: functions from an account and an outlook to the causes of one fact.

Who brings a new one adds a `Fact` of it to `recommender.alerts.facts`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import msgspec

from recommender.account import Account, Case, Payment
from recommender.alerts.cause import Cause, Outlook
from recommender.money.ahead import Ahead, Expected, SignKind
from recommender.money.names import words_of


def debits(account: Account, outlook: Outlook) -> Iterator[Cause]:
    """What leaves the account, known or expected; what one payee takes on one day is one debit."""
    near = _debits(account, outlook)
    if not near or -sum([one.amount_minor for one in near]) < outlook.at_least_minor:
        return  # all of them together weigh too little
    leaving: dict[tuple[date, str], int] = {}
    names: dict[tuple[date, str], str] = {}
    for payment in near:
        debit = (payment.due_on, _payee(payment.counterparty))
        leaving[debit] = leaving.get(debit, 0) - payment.amount_minor
        names.setdefault(debit, payment.counterparty)
    for (due_on, payee), amount in sorted(leaving.items()):
        key = f"{due_on.isoformat()}/{payee}"
        yield Cause(key, day=due_on, amount_minor=amount, counterparty=names[due_on, payee])


def _debits(account: Account, outlook: Outlook) -> list[Payment | Expected]:
    day, until = outlook.day, outlook.until
    leaving: tuple[Payment | Expected, ...] = account.coming
    if account.ahead is not None:
        leaving += account.ahead.expected
    return [one for one in leaving if one.amount_minor < 0 and day <= one.due_on <= until]


def shortfall(account: Account, outlook: Outlook) -> Iterator[Cause]:
    """The balance falls below zero: as it is projected, or, of whom no bookings are known, as the
    known payments alone have it.
    """
    if account.ahead is None:
        yield from _known_shortfall(account, outlook)
    elif account.balance_minor is not None:
        yield from _projected_shortfall(account, account.ahead, outlook)


def _projected_shortfall(account: Account, ahead: Ahead, outlook: Outlook) -> Iterator[Cause]:
    """One at a time: its days move with each booking, and it is still the same shortfall.

    The largest debit until the balance is lowest names it, if there is any.
    """
    short = ahead.short(outlook.day, outlook.until)
    if short is None:
        return
    until = msgspec.structs.replace(outlook, until=short.deepest)
    largest = min(
        _debits(account, until),
        key=lambda one: (one.amount_minor, one.due_on, one.counterparty),
        default=None,
    )
    lacking = short.lacking_minor
    if largest is None:
        yield Cause("ahead", day=short.begins, shortfall_minor=lacking)
        return
    yield Cause(
        "ahead",
        day=largest.due_on,
        amount_minor=-largest.amount_minor,
        shortfall_minor=lacking,
        counterparty=largest.counterparty,
    )


def _known_shortfall(account: Account, outlook: Outlook) -> Iterator[Cause]:
    """The first day on which known payments take the balance below zero, and how deep it goes.

    The day that it begins is what names it: a further debit makes it worse, not another.
    """
    balance = account.balance_minor
    if balance is None or balance >= _leaving(account, outlook):  # most people's is
        return
    ahead = sorted(
        (one for one in account.coming if outlook.day <= one.due_on <= outlook.until),
        key=lambda one: one.due_on,
    )
    begins: date | None = None
    deepest = 0
    for place, payment in enumerate(ahead):
        balance += payment.amount_minor
        ends_day = place + 1 == len(ahead) or ahead[place + 1].due_on != payment.due_on
        if ends_day and balance < 0:
            begins = begins or payment.due_on
            deepest = max(deepest, -balance)
    if begins is None:
        return
    largest = min(
        (one for one in ahead if one.due_on == begins),
        key=lambda one: (one.amount_minor, one.counterparty),
    )
    yield Cause(
        begins.isoformat(),
        day=begins,
        amount_minor=abs(largest.amount_minor),
        shortfall_minor=deepest,
        counterparty=largest.counterparty,
    )


def idle_money(account: Account, outlook: Outlook) -> Iterator[Cause]:
    """What is left when all debits ahead are paid; a kind says from how much it is idle."""
    if account.balance_minor is None:
        return
    left = account.balance_minor - _leaving(account, outlook)
    if left > 0:
        yield Cause("", amount_minor=left)


def _leaving(account: Account, outlook: Outlook) -> int:
    """All that leaves the account, whatever comes in."""
    return -sum([payment.amount_minor for payment in _debits(account, outlook)])


def unusual_debits(account: Account, _outlook: Outlook) -> Iterator[Cause]:
    """A debit far above what the same payee took before."""
    return _signs(account, SignKind.UNUSUAL)


def price_rises(account: Account, _outlook: Outlook) -> Iterator[Cause]:
    """What was the same each time has become dearer."""
    return _signs(account, SignKind.DEARER)


def charged_twice(account: Account, _outlook: Outlook) -> Iterator[Cause]:
    """What is paid once in a while was paid twice."""
    return _signs(account, SignKind.TWICE)


def missing_income(account: Account, _outlook: Outlook) -> Iterator[Cause]:
    """What came in each time has not come."""
    return _signs(account, SignKind.MISSING)


def _signs(account: Account, kind: SignKind) -> Iterator[Cause]:
    """One cause for each payee and day."""
    if account.ahead is None:
        return
    for sign in account.ahead.signs_of(kind):
        payee = _payee(sign.counterparty)
        yield Cause(
            f"{sign.on.isoformat()}/{payee}",
            day=sign.on,
            amount_minor=sign.amount_minor,
            before_minor=sign.before_minor,
            counterparty=sign.counterparty,
        )


def _payee(counterparty: str) -> str:
    """Statements spell it now so, now otherwise."""
    return " ".join(words_of(counterparty)) or counterparty


def promises_at_risk(account: Account, outlook: Outlook) -> Iterator[Cause]:
    """What we promised by a day that comes near, and have not done yet."""
    for case in _unkept(account, outlook):
        cause = _promise(case, outlook)
        if case.promised_at is not None and case.promised_at > outlook.at:
            yield cause


def promises_broken(account: Account, outlook: Outlook) -> Iterator[Cause]:
    """What we promised and did not do in time. A new promise ends it, and keeping the old one."""
    for case in _unkept(account, outlook):
        if case.promised_at is not None and case.promised_at <= outlook.at:
            yield _promise(case, outlook)


def _unkept(account: Account, outlook: Outlook) -> Iterator[Case]:
    for case in account.cases:
        promised_at = case.promised_at
        if promised_at is None or not case.owed_at(outlook.at):
            continue
        if promised_at.astimezone(outlook.zone).date() <= outlook.until:
            yield case


def _promise(case: Case, outlook: Outlook) -> Cause:
    assert case.promised_at is not None  # noqa: S101  # `_unkept` saw to it
    day = case.promised_at.astimezone(outlook.zone).date()
    key = f"{case.case_id}/{case.promised_at.isoformat()}"
    return Cause(key, case.kind, case.status, day=day, evidence=(case.case_id,))


def open_cases(account: Account, outlook: Outlook) -> Iterator[Cause]:
    """Cases that are open; a kind says in which statuses somebody has to know."""
    for case in account.cases:
        if case.open_at(outlook.at):
            key = f"{case.case_id}/{case.status}"
            yield Cause(key, case.kind, case.status, evidence=(case.case_id,))


def terms_ending(account: Account, outlook: Outlook) -> Iterator[Cause]:
    """A fixed-rate period, a policy or a card that ends on a day that comes near."""
    for held in account.holdings:
        ends_on = held.ends_on
        if ends_on is None or (held.closed_on is not None and held.closed_on <= outlook.day):
            continue
        if outlook.day <= ends_on <= outlook.until:
            key = f"{held.product_id}/{ends_on.isoformat()}"
            yield Cause(key, held.product_id, day=ends_on)


def situation(account: Account, outlook: Outlook) -> Iterator[Cause]:  # noqa: ARG001  # it is a source
    """Nothing of its own: the kind's condition is all there is to it."""
    yield Cause("")
