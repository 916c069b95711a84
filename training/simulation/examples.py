"""A few accounts to whom something happens: the clearest of each kind, the most frequent first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from recommender.account import Account
from recommender.catalogue import Catalogue
from recommender.live import Live
from recommender.years import full_years
from training.simulation.figures import Example
from training.simulation.scene import Scene
from training.simulation.tally import Move, Tally

EXAMPLES = 8
EACH_RULE = 2
"""So many of rules with one name at most: others tell more than a third one of the same."""


def examples(tally: Tally, scene: Scene, titles: Mapping[str, str]) -> tuple[Example, ...]:
    chosen: list[Move] = []
    of_rule: Counter[tuple[str, bool]] = Counter()
    for move in sorted(tally.moves, key=lambda move: _order(move, tally)):
        kind = (_rule(move).rpartition(".")[2], move.gained)
        if of_rule[kind] < EACH_RULE and len(chosen) < EXAMPLES:
            of_rule[kind] += 1
            chosen.append(move)
    return tuple(_example(move, tally, scene, titles) for move in chosen)


def _order(move: Move, tally: Tally) -> tuple[bool, int, str, str]:
    """Slots are full in the wake of a rule that opened or closed: rules that decide come first."""
    aftermath = move.by is None or move.by.rule.startswith("placement.")
    return aftermath, -tally.moves[move], move.action_id, _rule(move)


def _rule(move: Move) -> str:
    return "" if move.by is None else move.by.rule


def _example(move: Move, tally: Tally, scene: Scene, titles: Mapping[str, str]) -> Example:
    found = tally.examples[move]
    side = scene.before if move.gained else scene.after
    return Example(
        accounts=tally.moves[move],
        title=titles[move.action_id],
        gained=move.gained,
        rule=_rule(move),
        stage="" if move.by is None else move.by.stage.value,
        text="" if move.by is None else _words(move.by.rule, found.account, side, scene),
        account_id=found.account.account_id,
        known=", ".join(_known(found.account, found.cell[0], scene)),
        before=tuple(titles[action_id] for action_id in found.before),
        after=tuple(titles[action_id] for action_id in found.after),
    )


def _words(rule: str, account: Account, side: Live, scene: Scene) -> str:
    """Why the rule says no to this account, in the catalogue's first language."""
    seen = account if account.consent.personalisation else account.without_profile()
    facts = side.facts(seen, scene.request.at)
    return side.explain_rule(rule, facts, side.catalogue.languages[0])


def _known(account: Account, stage: str, scene: Scene) -> Iterator[str]:
    """Who this is, in few words."""
    catalogue, at = scene.after.catalogue, scene.request.at
    if account.consent.personalisation and account.birth_date is not None:
        yield f"{full_years(account.birth_date, scene.after.days.of(at))} years"
    yield stage
    day = scene.after.days.of(at)
    open_ones = [holding for holding in account.holdings if holding.open_on(day)]
    held = [_title(holding.product_id, catalogue) for holding in open_ones]
    yield f"has {', '.join(held)}" if held else "has no product"
    opened = sorted({case.kind for case in account.cases if case.open_at(at)})
    if opened:
        yield f"open {' and '.join(opened)}"


def _title(product_id: str, catalogue: Catalogue) -> str:
    product = catalogue.products.get(product_id)
    return product_id if product is None else product.title[catalogue.languages[0]]
