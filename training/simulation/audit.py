"""Are people alike in all but an audit attribute shown alike? Shares and their ratios."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from math import sqrt

from training.simulation.figures import Audit, AuditRow, Change, Group, Rate, Ratio
from training.simulation.tally import Both, Side

LEAST_ACCOUNTS = 30
"""A share of fewer people says little: such a group is left out of ratios."""

FOUR_FIFTHS = 0.8
"""A lowest share below this part of the highest is what US guidelines (29 CFR 1607.4 D) call
evidence of adverse impact: a reason to look, not a verdict."""

CHANCE_Z = 2.0
"""Shares less than so many standard deviations apart may be so by chance."""

Count = Callable[[Side], int]


def audit(
    attribute: str,
    groups: Sequence[Group],
    counts: Mapping[str, Both],
    titles: Mapping[str, str],
) -> Audit:
    """`counts` by the name of a group; `titles` of what to compare, by action id.

    Uneven products come first, then those whose ratio changes most.
    """
    both = [counts[group.name] for group in groups]
    rows = [
        AuditRow(action_id, title, _rate(both, partial(_shown, action_id)))
        for action_id, title in titles.items()
    ]
    rows = [row for row in rows if any(share.before or share.after for share in row.rate.shares)]
    rows.sort(key=lambda row: _order(row.rate))
    offered = _rate(both, _offered)
    return Audit(attribute, LEAST_ACCOUNTS, tuple(groups), offered, tuple(rows))


def _shown(action_id: str, side: Side) -> int:
    return side.shown.get(action_id, 0)


def _offered(side: Side) -> int:
    return side.offered


def _rate(groups: Sequence[Both], count: Count) -> Rate:
    accounts = [both.accounts for both in groups]
    before = [count(both.before) for both in groups]
    after = [count(both.after) for both in groups]
    shares = tuple(
        Change(was / of, now / of) for was, now, of in zip(before, after, accounts, strict=True)
    )
    return Rate(shares, _ratio(before, accounts), _ratio(after, accounts))


def _ratio(shown: Sequence[int], accounts: Sequence[int]) -> Ratio:
    """`shown` of the `accounts` of each group.

    >>> _ratio([50, 30], [100, 100])
    Ratio(value=0.6, uneven=True)
    >>> _ratio([5, 3], [100, 100])
    Ratio(value=0.6, uneven=False)
    """
    pairs = zip(shown, accounts, strict=True)
    large = sorted((n / of, of) for n, of in pairs if of >= LEAST_ACCOUNTS)
    if len(large) < 2 or not large[-1][0]:
        return Ratio()
    (low, of_low), (high, of_high) = large[0], large[-1]
    ratio = low / high
    return Ratio(ratio, ratio < FOUR_FIFTHS and _z(low, of_low, high, of_high) > CHANCE_Z)


def _z(low: float, of_low: int, high: float, of_high: int) -> float:
    """How many standard deviations two shares are apart, if they were one (pooled)."""
    both = (low * of_low + high * of_high) / (of_low + of_high)
    deviation = sqrt(both * (1 - both) * (1 / of_low + 1 / of_high))
    return (high - low) / deviation if deviation else 0.0


def _order(rate: Rate) -> tuple[bool, float, float]:
    before, after = (1.0 if r.value is None else r.value for r in (rate.before, rate.after))
    return not rate.after.uneven, -abs(after - before), after
