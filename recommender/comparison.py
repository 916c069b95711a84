"""Two decisions for the same person and question, side by side: what differs, action by action."""

from __future__ import annotations

import msgspec

from recommender.decision import Decision, Shown, Withheld
from recommender.events.contacts import offer


class Difference(msgspec.Struct, frozen=True):
    """One action that is not where it was. A rank is None where the action is not shown.

    `withheld_*` says what stopped its product there; None for an action that has none, or a
    product that the catalogue there does not have.
    """

    action_id: str
    product_id: str | None
    rank_before: int | None = None
    rank_after: int | None = None
    withheld_before: Withheld | None = None
    withheld_after: Withheld | None = None

    @property
    def differs(self) -> bool:
        return (self.rank_before, self.withheld_before) != (self.rank_after, self.withheld_after)

    @property
    def gained(self) -> bool:
        return self.rank_before is None and self.rank_after is not None

    @property
    def lost(self) -> bool:
        return self.rank_before is not None and self.rank_after is None


def differences(before: Decision, after: Decision) -> list[Difference]:
    """What is shown in one only or elsewhere, by rank; then what another rule withholds now."""
    was, now = _by_action(before), _by_action(after)
    stopped, stops = _by_product(before), _by_product(after)
    shown = [
        Difference(
            action_id=item.action_id,
            product_id=item.product_id,
            rank_before=was[item.action_id].rank if item.action_id in was else None,
            rank_after=now[item.action_id].rank if item.action_id in now else None,
            withheld_before=stopped.get(item.product_id or ""),
            withheld_after=stops.get(item.product_id or ""),
        )
        for item in (now | was).values()
    ]
    withheld = [
        Difference(offer(product_id), product_id, None, None, item, stops[product_id])
        for product_id, item in stopped.items()
        if product_id in stops
    ]
    return [one for one in (*shown, *withheld) if one.differs]


def _by_action(decision: Decision) -> dict[str, Shown]:
    return {item.action_id: item for item in decision.shown}


def _by_product(decision: Decision) -> dict[str, Withheld]:
    return {item.product_id: item for item in decision.withheld}
