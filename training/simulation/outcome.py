"""What a simulation found, as JSON has it; in every table the largest change comes first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from operator import itemgetter

import msgspec

from recommender.catalogue import Catalogue
from recommender.decision import Versions
from recommender.events.contacts import offer
from training.simulation import rows
from training.simulation.audit import audit
from training.simulation.buckets import Buckets
from training.simulation.cells import audited
from training.simulation.examples import examples
from training.simulation.figures import (
    ActionRow,
    Audit,
    Example,
    Group,
    RuleRow,
    StageRow,
    Totals,
)
from training.simulation.scene import Counted, Scene
from training.simulation.tally import Both, Tally


class Simulation(msgspec.Struct, frozen=True):
    """`at` is an instant in ISO 8601. `of` accounts there are, `accounts` were decided for."""

    at: str
    placement: str
    channel: str
    before: Versions
    after: Versions
    accounts: int
    of: int
    changed: int
    reordered: int
    """Of those changed, who is shown the same in another order."""
    rejected_rows: int
    one_sided: int
    """Accounts that only one of the catalogues can read: they are not counted."""
    totals: Totals
    stages: tuple[StageRow, ...]
    rules: tuple[RuleRow, ...]
    products: tuple[ActionRow, ...]
    care: tuple[ActionRow, ...]
    life_stages: tuple[Group, ...]
    audits: tuple[Audit, ...]
    examples: tuple[Example, ...]

    @property
    def nothing_differs(self) -> bool:
        """No decision, no reason for one, and no score."""
        return not (self.changed or self.rules or self.totals.value.differs)

    def encode(self) -> bytes:
        """Equal bytes for equal inputs, however many processes counted."""
        return msgspec.json.format(msgspec.json.encode(self)) + b"\n"


def outcome(counted: Counted, buckets: Buckets, scene: Scene) -> Simulation:
    """All that was counted, in the words of the catalogues."""
    tally, request = counted.tally, scene.request
    before, after = scene.before.catalogue, scene.after.catalogue
    titles = _titles(before) | _titles(after)
    offers = {offer(name): name for name in (*before.products, *after.products)}
    whole = rows.grouped(tally, lambda _: "").get("", Both())
    acted = rows.actions(tally, whole, titles, offers)
    return Simulation(
        at=request.at.isoformat(),
        placement=request.placement,
        channel=request.channel,
        before=scene.before.versions,
        after=scene.after.versions,
        accounts=whole.accounts,
        of=buckets.of,
        changed=tally.changed,
        reordered=tally.reordered,
        rejected_rows=counted.rejected.total() + sum(buckets.broken.values()),
        one_sided=counted.one_sided,
        totals=rows.totals(whole, offers),
        stages=tuple(rows.stages(tally, whole.accounts, before, after)),
        rules=tuple(rows.rules(tally)),
        products=tuple(row for row in acted if row.product_id is not None),
        care=tuple(row for row in acted if row.product_id is None),
        life_stages=tuple(rows.groups_of(rows.grouped(tally, itemgetter(0)), offers)),
        audits=tuple(_audits(tally, after, titles, offers)),
        examples=examples(tally, scene, titles),
    )


def _titles(catalogue: Catalogue) -> dict[str, str]:
    """By action id, in the catalogue's first language."""
    language = catalogue.languages[0]
    offers = {offer(name): one.title[language] for name, one in catalogue.products.items()}
    return offers | {name: one.title[language] for name, one in catalogue.every_action.items()}


def _audits(
    tally: Tally, catalogue: Catalogue, titles: Mapping[str, str], offers: rows.Offers
) -> Iterator[Audit]:
    products = {action_id: titles[action_id] for action_id in offers}
    for place, attribute in enumerate(audited(catalogue), start=1):
        counts = rows.grouped(tally, itemgetter(place))
        yield audit(attribute, rows.groups_of(counts, offers), counts, products)
