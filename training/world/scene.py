"""All that is settled once lives are lived and products taken; what follows only looks at it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np

from training.world.draws import Floats, Rows
from training.world.lives import Lives
from training.world.needs import Needs
from training.world.profile import Profile
from training.world.shelf import Shelf
from training.world.taking import Market, Outcome
from training.world.window import Window


@dataclass(frozen=True)
class Site:
    """The bank's pages: products, their domains, and what lies near what."""

    shelf: Shelf
    domains: tuple[str, ...]
    domain: Rows
    """(products,) the domain of each, as a place in `domains`."""

    def by_need(self) -> Floats:
        """(needs, products): what a need looks at."""
        return self.shelf.answers.T.copy()

    def near(self) -> Floats:
        """(products, products): what else those look at who look at one; 0 for itself."""
        answers = self.shelf.answers / np.linalg.norm(self.shelf.answers, axis=1, keepdims=True)
        likeness = (answers @ answers.T) ** 2 + 0.3 * (self.domain[:, None] == self.domain) + 0.01
        np.fill_diagonal(likeness, 0)
        return cast("Floats", likeness.astype(np.float32))


@dataclass(frozen=True)
class Scene:
    """n people in a window: how they live, how they deal with the bank, what they took."""

    window: Window
    site: Site
    lives: Lives
    profile: Profile
    needs: Needs
    market: Market
    outcome: Outcome

    def __len__(self) -> int:
        return len(self.lives)

    @property
    def shelf(self) -> Shelf:
        return self.site.shelf
