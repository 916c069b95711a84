"""`raak replay --policy`: decisions of the log, made again under policies that are not in force."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from recommender.comparison import Difference
from recommender.decision import Withheld
from recommender.errors import CatalogueError, RaakError

if TYPE_CHECKING:
    from service.decision_log.parquet import Row
    from service.decision_log.reading import DecisionLog, Propose

NOWHERE = "-"


def one_would_differ(log: DecisionLog, row: Row, propose: Propose) -> bool:
    """Show what would differ in one decision, and say whether anything does."""
    found = log.differences(row, propose)
    click.echo(f"decision {row['decision_id']}, decided {row['at'].isoformat()}")
    for line in map(_told, found):
        click.echo(line)
    click.echo(f"{len(found)} differences" if found else "nothing differs")
    return bool(found)


def any_would_differ(log: DecisionLog, propose: Propose) -> bool:
    """Count how many would differ, and what would be shown more or less often."""
    from service.decision_log.reading import Erased

    outcomes: Counter[str] = Counter()
    gains: Counter[str] = Counter()
    losses: Counter[str] = Counter()
    with click.progressbar(log.rows(), file=sys.stderr, label="replaying") as rows:
        for row in rows:
            try:
                found = log.differences(row, propose)
            except Erased:
                outcomes["erased"] += 1
            except CatalogueError:  # the same for every decision: one is enough
                raise
            except RaakError as error:
                click.echo(f"error: {error}", err=True)
                outcomes["impossible"] += 1
            else:
                outcomes[_outcome(found)] += 1
                gains.update(one.action_id for one in found if one.gained)
                losses.update(one.action_id for one in found if one.lost)
    said = ", ".join(f"{outcomes[name]} {name}" for name in OUTCOMES)
    click.echo(f"{outcomes.total()} decisions: {said}")
    for line in _counted(gains, losses):
        click.echo(line)
    return any(outcomes[name] for name in DIFFER)


OUTCOMES = ("alike", "shown otherwise", "withheld otherwise", "erased", "impossible")
DIFFER = ("shown otherwise", "withheld otherwise", "impossible")
"""`withheld otherwise`: what is shown is the same, but other rules withhold the rest."""


def _outcome(found: list[Difference]) -> str:
    if not found:
        return OUTCOMES[0]
    moved = any(one.rank_before != one.rank_after for one in found)
    return OUTCOMES[1] if moved else OUTCOMES[2]


def _counted(gains: Counter[str], losses: Counter[str]) -> Iterator[str]:
    """What is shown more or less often, the largest change first."""
    names = sorted({*gains, *losses}, key=lambda name: (-gains[name] - losses[name], name))
    width = max(map(len, names), default=0)
    for name in names:
        yield f"   {name:<{width}}  +{gains[name]} -{losses[name]}"


def _told(one: Difference) -> str:
    ranks = f"{one.rank_before or NOWHERE} -> {one.rank_after or NOWHERE}"
    was, now = one.withheld_before, one.withheld_after
    reasons = [f"was {_stopped(was)}"] if was else []
    reasons += [f"now {_stopped(now)}"] if now else []
    return f"   {ranks:<8} {one.action_id}  {'; '.join(reasons)}".rstrip()


def _stopped(by: Withheld) -> str:
    return f"withheld: {by.stage.value}, {by.rule}"
