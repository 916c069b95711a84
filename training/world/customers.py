"""The people of a world as they truly are: how likely each is to accept what is shown, any day.

For simulations and for measuring regret. Nothing that learns may ask.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from training.world.browsing import Shopping, shop_around
from training.world.draws import Flags, Floats
from training.world.generate import ids_of, scene_of, streams_of
from training.world.people import WELL_KNOWN
from training.world.products import Person
from training.world.scene import Scene
from training.world.taking import CONSIDERED_PER_TAKEN
from training.world.window import Window, days_since_epoch

if TYPE_CHECKING:
    from recommender.catalogue import Catalogue

SHOPPERS_TAKE = 1 / (1 + CONSIDERED_PER_TAKEN)
"""Of those who are shopping around for a product, this share takes it in the end."""


@dataclass(frozen=True)
class Customers:
    """The generated people of a world (the well-known ones are not among them).

    `products` are the columns of every matrix here.
    """

    ids: tuple[str, ...]
    products: tuple[str, ...]
    _scene: Scene
    _shopping: Shopping

    @cached_property
    def rows(self) -> dict[str, int]:
        """The row of each account id."""
        return {account_id: row for row, account_id in enumerate(self.ids)}

    def acceptance(self, day: date, held: Flags) -> Floats:
        """(n, products): each person's chance of accepting each product when it is shown.

        `held` (n, products) is what they hold. The chance is that of taking it within the month,
        by what they need; 0 where that is impossible or held.
        """
        scene, number = self._scene, days_since_epoch(day)
        month = int(scene.window.month_of(np.array([number]))[0])
        person = Person(scene.lives.states[month], scene.lives.age(number))
        return scene.market.acceptance(scene.needs.levels[month], person, held)

    def acceptance_while_shopping(self, day: date, held: Flags) -> Floats:
        """The same, for people who are as far on their way as they are at the end of `day`.

        Who is shopping around for a product takes it one time in four (SHOPPERS_TAKE), however
        rare the product is: that is what these spells are drawn to be.
        """
        chances = self.acceptance(day, held)
        spells, number = self._shopping, days_since_epoch(day)
        now = (spells.began <= number) & (number < spells.decided)
        whose = spells.person[now], spells.product[now]
        lifted = np.maximum(chances[whose], np.float32(SHOPPERS_TAKE))
        chances[whose] = np.where(chances[whose] > 0, lifted, np.float32(0))
        return chances


def customers(
    catalogue: Catalogue, *, accounts: int, months: int, seed: int, until: date
) -> Customers:
    """The people whom `generate` makes of equal arguments."""
    window, streams = Window.before(until, months), streams_of(seed)
    scene = scene_of(streams, catalogue, accounts - len(WELL_KNOWN), window)
    _, shopping = shop_around(streams["browsing"], scene)
    return Customers(ids_of(scene), scene.shelf.names, scene, shopping)
