"""From a tally to the rows of its tables, the largest change first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from recommender.catalogue import Catalogue
from recommender.decision import Stage, Withheld
from training.simulation.figures import ActionRow, Change, Group, RuleRow, StageRow, Totals, Why
from training.simulation.tally import Both, Cell, Side, Tally

Offers = Mapping[str, str]
"""The product that each offer is of, by action id; other actions are service and advice."""


def grouped(tally: Tally, name: Callable[[Cell], str]) -> dict[str, Both]:
    """The cells added up by name, the largest group first."""
    groups: dict[str, Both] = {}
    for cell, both in sorted(tally.cells.items()):
        groups.setdefault(name(cell), Both()).add(both)
    return dict(sorted(groups.items(), key=lambda item: -item[1].accounts))


def groups_of(counts: Mapping[str, Both], offers: Offers) -> list[Group]:
    return [Group(name, both.accounts, totals(both, offers)) for name, both in counts.items()]


def totals(both: Both, offers: Offers) -> Totals:
    def change(of: Callable[[Side], float]) -> Change:
        return Change(of(both.before), of(both.after))

    return Totals(
        offered=change(lambda side: side.offered),
        contacts=change(lambda side: side.contacts),
        value=change(lambda side: round(side.value, 6)),
        care=change(lambda side: sum(n for one, n in side.shown.items() if one not in offers)),
        alerts=change(lambda side: side.alerts),
    )


def stages(tally: Tally, accounts: int, before: Catalogue, after: Catalogue) -> Iterator[StageRow]:
    """The funnel: of every account with every product, what each stage takes away."""
    was, now = _by_stage(tally.withheld_before), _by_stage(tally.withheld_after)
    left_before, left_after = accounts * len(before.products), accounts * len(after.products)
    for stage in Stage:
        left_before -= was[stage]
        left_after -= now[stage]
        yield StageRow(stage, Change(was[stage], now[stage]), Change(left_before, left_after))


def rules(tally: Tally) -> list[RuleRow]:
    """The rules that withhold more than before, or less; a shared one over all its products."""
    was, now = _by_rule(tally.withheld_before), _by_rule(tally.withheld_after)
    rows = [
        RuleRow(rule, stage, Change(was[stage, rule], now[stage, rule]))
        for stage, rule in sorted({*was, *now})
        if was[stage, rule] != now[stage, rule]
    ]
    return sorted(rows, key=lambda row: -abs(row.withheld.by))


def actions(
    tally: Tally, whole: Both, titles: Mapping[str, str], offers: Offers
) -> list[ActionRow]:
    """What anybody gains or loses."""
    over: dict[tuple[str, bool], list[Why]] = {}
    for move, accounts in tally.moves.items():
        by = move.by
        why = Why("", "", accounts) if by is None else Why(by.rule, by.stage.value, accounts)
        over.setdefault((move.action_id, move.gained), []).append(why)
    rows = []
    for action_id in sorted({action_id for action_id, _ in over}):
        gains, loses = (
            tuple(sorted(over.get((action_id, gained), ()), key=lambda w: (-w.accounts, w.rule)))
            for gained in (True, False)
        )
        shown = Change(whole.before.shown.get(action_id, 0), whole.after.shown.get(action_id, 0))
        rows.append(
            ActionRow(
                action_id=action_id,
                product_id=offers.get(action_id),
                title=titles[action_id],
                shown=shown,
                gains=sum(why.accounts for why in gains),
                loses=sum(why.accounts for why in loses),
                gains_over=gains,
                loses_to=loses,
            )
        )
    return sorted(rows, key=lambda row: (-abs(row.shown.by), -(row.gains + row.loses)))


def _by_stage(withheld: Counter[Withheld]) -> Counter[Stage]:
    counts: Counter[Stage] = Counter()
    for one, accounts in withheld.items():
        counts[one.stage] += accounts
    return counts


def _by_rule(withheld: Counter[Withheld]) -> Counter[tuple[str, str]]:
    counts: Counter[tuple[str, str]] = Counter()
    for one, accounts in withheld.items():
        counts[one.stage.value, one.rule] += accounts
    return counts
