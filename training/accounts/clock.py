"""The bank's clock: dates in the tables are days on its wall, instants are UTC."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from recommender.catalogue import Catalogue
from recommender.catalogue.alerts import zone_of


def on_the_wall(at: NDArray[np.datetime64], catalogue: Catalogue) -> NDArray[np.datetime64]:
    """(n,) naive UTC as the bank's clock shows it, datetime64[us]: what dates are compared with."""
    shown = pd.DatetimeIndex(at).tz_localize("UTC").tz_convert(zone_of(catalogue.timezone))
    return shown.tz_localize(None).to_numpy().astype("datetime64[us]")


def now_on_the_wall(now: np.datetime64, catalogue: Catalogue) -> np.datetime64:
    """`on_the_wall` of one instant."""
    (shown,) = on_the_wall(np.array([now]), catalogue)
    return np.datetime64(shown)
