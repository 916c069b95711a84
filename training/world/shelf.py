"""The products as arrays, in one order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from training.world.draws import Floats
from training.world.needs import NEEDS
from training.world.products import PRODUCTS


@dataclass(frozen=True)
class Shelf:
    """Products p and needs k, as far as numbers tell of them."""

    names: tuple[str, ...]
    answers: Floats
    """(products, needs)"""
    rarity: Floats
    after: Floats
    """(held, products): what holding one adds to the log odds of another."""
    excludes: Floats
    """(held, products): 1 where holding one rules another out."""

    def __len__(self) -> int:
        return len(self.names)

    def row(self, name: str) -> int:
        return self.names.index(name)


def shelf() -> Shelf:
    """All products of the demo bank."""
    names = tuple(PRODUCTS)
    place = {name: index for index, name in enumerate(names)}
    answers = np.zeros((len(names), len(NEEDS)), np.float32)
    after = np.zeros((len(names), len(names)), np.float32)
    excludes = np.eye(len(names), dtype=np.float32)
    for row, product in enumerate(PRODUCTS.values()):
        for need, weight in product.answers.items():
            answers[row, NEEDS.index(need)] = weight
        for held, raised in product.after.items():
            after[place[held], row] = raised
        for held in product.instead_of:
            excludes[place[held], row] = 1
    rarity = np.array([product.rarity for product in PRODUCTS.values()], np.float32)
    return Shelf(names, answers, rarity, after, excludes)
