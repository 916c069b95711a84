"""What the demo bank knew on earlier days of payments to come: for measuring what follows from it.

`scheduled_payments` tells of the weeks after the window only.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from training.world import records
from training.world.flows import households
from training.world.generate import ids_of, scene_of, streams_of
from training.world.money import scheduled, spend
from training.world.noise import Noise
from training.world.people import WELL_KNOWN
from training.world.window import Window

if TYPE_CHECKING:
    from recommender.catalogue import Catalogue


def payment_plans(
    catalogue: Catalogue, *, accounts: int, months: int, seed: int, until: date, noise: float = 1.0
) -> pd.DataFrame:
    """Every standing order and direct debit planned in the window and the weeks after it.

    Of the generated people whom `generate` makes of equal arguments, in the columns of
    `scheduled_payments`: what was known of a day is what is due within AHEAD_DAYS of it.
    """
    window, streams = Window.before(until, months), streams_of(seed)
    scene = scene_of(streams, catalogue, accounts - len(WELL_KNOWN), window)
    household = households(streams["skills"], scene.lives, scene.shelf, scene.outcome.taken)
    others = (streams["habits"], streams["noise"])
    money = spend(streams["money"], others, household, window, Noise.at(noise))
    plans = scheduled(money.planned, window)
    return records.payments(ids_of(scene), catalogue.currency, money.payees, plans)
