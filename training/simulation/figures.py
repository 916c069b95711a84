"""The nouns of a simulation's result. All are numbers of accounts unless they say otherwise."""

from __future__ import annotations

import msgspec


class Change(msgspec.Struct, frozen=True):
    """One figure before and after."""

    before: float
    after: float

    @property
    def by(self) -> float:
        return self.after - self.before

    @property
    def relative(self) -> float | None:
        """None where there was nothing before."""
        return self.by / self.before if self.before else None

    @property
    def differs(self) -> bool:
        return self.before != self.after


class Totals(msgspec.Struct, frozen=True):
    """`offered`: accounts shown an offer; `contacts`: marketing contacts, which is offers and
    guidance shown; `value`: expected, the sum of propensity x value over them; `care`: service and
    advice shown, guidance too.
    """

    offered: Change
    contacts: Change
    value: Change
    care: Change
    alerts: Change


class StageRow(msgspec.Struct, frozen=True):
    """Pairs of account and product that a stage of the funnel withholds, and that it leaves."""

    stage: str
    withheld: Change
    left: Change


class RuleRow(msgspec.Struct, frozen=True):
    """How many products a rule withholds from somebody, each account and product counted once."""

    rule: str
    stage: str
    withheld: Change


class Why(msgspec.Struct, frozen=True):
    """The rule that withheld it on the other side; empty where none did."""

    rule: str
    stage: str
    accounts: int


class ActionRow(msgspec.Struct, frozen=True):
    """To how many an action is shown; who gains it is not shown it before, who loses it not after.

    `gains_over` and `loses_to` say which rule withholds it from them on the other side.
    """

    action_id: str
    product_id: str | None
    title: str
    shown: Change
    gains: int
    loses: int
    gains_over: tuple[Why, ...]
    loses_to: tuple[Why, ...]


class Group(msgspec.Struct, frozen=True):
    """People who are alike in one respect."""

    name: str
    accounts: int
    totals: Totals


class Ratio(msgspec.Struct, frozen=True):
    """The lowest share over the highest, of the groups that are large enough to compare.

    `value` is None where nobody is shown it, or there is nothing to compare. `uneven`: so low, and
    so far beyond what chance does, that somebody should look.
    """

    value: float | None = None
    uneven: bool = False


class Rate(msgspec.Struct, frozen=True):
    """The share of each group that is shown something."""

    shares: tuple[Change, ...]
    before: Ratio
    after: Ratio


class AuditRow(msgspec.Struct, frozen=True):
    action_id: str
    title: str
    rate: Rate


class Audit(msgspec.Struct, frozen=True):
    """Whether people who differ only in an audit attribute are shown alike.

    Shares are in the order of `groups`. Groups of fewer than `least` accounts are listed, and left
    out of ratios.
    """

    attribute: str
    least: int
    groups: tuple[Group, ...]
    offered: Rate
    products: tuple[AuditRow, ...]


class Example(msgspec.Struct, frozen=True):
    """One account to whom something happens, how many it happens to, and the rule in words."""

    accounts: int
    title: str
    gained: bool
    rule: str
    stage: str
    text: str
    account_id: str
    known: str
    before: tuple[str, ...]
    after: tuple[str, ...]
