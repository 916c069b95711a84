"""How lives changed, as events from which an account's past can be read back."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from recommender.tables import EventKind, context_change
from training.world.browsing import moments
from training.world.draws import Rows
from training.world.happenings import Happenings, Values, together
from training.world.scene import Scene
from training.world.state import NAMES, State, categories_of

NO_YES = ("no", "yes")


def context_changes(rng: np.random.Generator, scene: Scene, values: Values) -> Happenings:
    """An event for each attribute that changed in the window, after its person joined."""
    parts = []
    for month in range(scene.window.months):
        at = moments(rng, scene.lives.changed[month])
        before, after = scene.lives.states[month], scene.lives.states[month + 1]
        end = scene.window.edges[month + 1]
        known = scene.lives.joined < end
        for rows, value in _differences(before, after, values):
            told = rows[known[rows]]
            channel = scene.profile.channel_of(rng, told)
            parts.append(
                Happenings.of(
                    told,
                    at[told],
                    EventKind.CONTEXT_CHANGE,
                    channel=channel,
                    value=np.full(len(told), value, dtype=np.int64),
                )
            )
    return together(parts)


def _differences(before: State, after: State, values: Values) -> Iterator[tuple[Rows, int]]:
    """Who changed in the same way, and the code of that change's text."""
    columns: list[tuple[str, tuple[str, ...], NDArray[np.integer], NDArray[np.integer]]] = [
        (name, NAMES[name], codes, categories_of(after)[name])
        for name, codes in categories_of(before).items()
    ]
    most = int(max(before.children.max(), after.children.max()))
    counts = tuple(str(count) for count in range(most + 1))
    columns.append(("children", counts, before.children, after.children))
    columns.append(
        ("has_car", NO_YES, before.has_car.astype(np.int8), after.has_car.astype(np.int8))
    )
    for attribute, labels, was, became in columns:
        changed = np.flatnonzero(was != became)
        pair = was[changed].astype(np.int64) * len(labels) + became[changed]
        for one in np.unique(pair):
            text = context_change(attribute, labels[one // len(labels)], labels[one % len(labels)])
            yield changed[pair == one], values.code(text)
