"""How people deal with the bank: language, channels, consents and how often they come by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from training.world.draws import Codes, Flags, Floats, Rows, along, pick, pick_like

LANGUAGES: Final = ("nl", "en")
CHANNELS: Final = ("web", "app", "branch", "phone")
WEB, APP, BRANCH, PHONE = range(4)

_USED_BY: Final = np.array(
    [[0.70, 0.22, 0.08, 0.0], [0.20, 0.76, 0.04, 0.0], [0.25, 0.10, 0.65, 0.0], [0.4, 0.2, 0.4, 0]],
    dtype=np.float32,
)
"""(preferred, used): where people who prefer a channel are met."""


@dataclass(frozen=True)
class Profile:
    """n people; `ease` is how readily each visits, 1 on average."""

    language: Codes
    preference: Codes
    personalisation: Flags
    marketing: Flags
    ease: Floats

    def channel_of(self, rng: np.random.Generator, person: Rows) -> Codes:
        """A channel for each session of `person` (sessions,)."""
        return pick_like(rng, self.preference[person], _USED_BY)


def profiles(rng: np.random.Generator, age: Floats) -> Profile:
    count = len(age)
    preferences = np.stack(
        [
            np.full(count, 0.45, np.float32),
            along(age, {18: 0.9, 30: 0.6, 50: 0.25, 70: 0.08}),
            along(age, {30: 0.04, 55: 0.2, 80: 0.5}),
            along(age, {40: 0.02, 70: 0.15}),
        ],
        axis=1,
    )
    personalisation = rng.random(count) < 0.93
    return Profile(
        language=(rng.random(count) < 0.28).astype(np.int8),
        preference=pick(rng, preferences),
        personalisation=personalisation,
        marketing=personalisation & (rng.random(count) < 0.86),
        ease=(rng.gamma(2.0, 0.5, count) * along(age, {20: 1.2, 50: 1.0, 85: 0.6})).astype(
            np.float32
        ),
    )
