"""What passes between the bank and people, besides browsing: taking steps, campaigns, opinions."""

from __future__ import annotations

from typing import Final

import numpy as np

from recommender.tables import EventKind
from training.world.browsing import moments
from training.world.draws import Rows, pick_like, repeated
from training.world.happenings import Happenings, Values, together
from training.world.scene import Scene
from training.world.window import DAY_S, Seconds

HESITATES = 0.15
"""Share of takes that are started some days before they are finished."""

ABANDONS = 0.1
"""Share of what is considered for which a form is started and left."""

CAMPAIGNS_A_MONTH = 0.5
CLICK_LIFT = 1.6
"""Log odds of clicking what is shown above those of taking it this month."""
DISMISSED, NOT_INTERESTED, DECLINED = 0.06, 0.03, 0.01

ASKED_A_MONTH = 0.03
SCORES: Final = (1, 1, 1, 1, 2, 3, 5, 12, 20, 16, 12)
"""How often each answer 0 .. 10 to 'would you recommend us' is given."""


def steps_of_taking(rng: np.random.Generator, scene: Scene) -> Happenings:
    """`start`, `submit` and `taken` of every product taken in the window."""
    taken = scene.outcome.taken
    recent = taken.opened >= scene.window.start
    person, product, day = taken.person[recent], taken.product[recent], taken.opened[recent]
    done = moments(rng, day)
    channel = scene.profile.channel_of(rng, person)
    minutes = rng.integers(4, 25, len(person)) * 60
    earlier = rng.integers(1, 5, len(person)) * DAY_S * (rng.random(len(person)) < HESITATES)
    began = done - minutes - earlier
    # Who joins with a product signs on the spot: nothing is on record from before.
    chosen = ~taken.at_joining[recent]
    parts = [
        (EventKind.START, began, chosen),
        (EventKind.SUBMIT, done - 60, chosen),
        (EventKind.TAKEN, done, np.ones(len(person), dtype=np.bool_)),
    ]
    return together(
        Happenings.of(
            person[rows],
            at[rows],
            kind,
            product=product[rows],
            domain=scene.site.domain[product[rows]],
            channel=channel[rows],
        )
        for kind, at, rows in parts
    )


def abandoned_starts(rng: np.random.Generator, scene: Scene) -> Happenings:
    """Forms that were begun for what was only considered."""
    considered = scene.outcome.considered
    rows = rng.random(len(considered.person)) < ABANDONS
    product, person = considered.product[rows], considered.person[rows]
    return Happenings.of(
        person,
        moments(rng, considered.day[rows]),
        EventKind.START,
        product=product,
        domain=scene.site.domain[product],
        channel=scene.profile.channel_of(rng, person),
    )


def campaigns(rng: np.random.Generator, scene: Scene) -> Happenings:
    """The bank's old way: popular products shown to whoever may be contacted, and the answers."""
    shelf, window = scene.shelf, scene.window
    popular = np.bincount(scene.outcome.taken.product, minlength=len(shelf)).astype(np.float32) + 1
    parts = []
    for month in range(window.months):
        person = repeated(rng.poisson(CAMPAIGNS_A_MONTH, len(scene)) * scene.profile.marketing)
        product = pick_like(rng, np.zeros(len(person), np.int64), popular[None, :]).astype(np.int64)
        possible = scene.outcome.offerable[month][person, product]
        person, product = person[possible], product[possible]
        days = rng.integers(window.edges[month], window.edges[month + 1], len(person))
        at = moments(rng, days.astype(np.int32))
        liking = (scene.needs.levels[month][person] * shelf.answers[product]).sum(axis=1)
        clicks = 1 / (1 + np.exp(shelf.rarity[product] - liking - CLICK_LIFT))
        parts.append(_answered(rng, scene, person, product, at, clicks))
    return together(parts)


def _answered(
    rng: np.random.Generator,
    scene: Scene,
    person: Rows,
    product: Rows,
    at: Seconds,
    clicks: np.ndarray[tuple[int], np.dtype[np.floating]],
) -> Happenings:
    channel = scene.profile.channel_of(rng, person)
    dice = rng.random(len(person))
    bounds = np.cumsum([DISMISSED, NOT_INTERESTED, DECLINED])
    # What is wanted is clicked; only what is not clicked can be waved away.
    answers = {
        EventKind.IMPRESSION: dice >= 0,
        EventKind.CLICK: dice < clicks,
        EventKind.DISMISS: (dice >= clicks) & (dice < clicks + bounds[0]),
        EventKind.NOT_INTERESTED: (dice >= clicks + bounds[0]) & (dice < clicks + bounds[1]),
        EventKind.DECLINED: (dice >= clicks + bounds[1]) & (dice < clicks + bounds[2]),
    }
    return together(
        Happenings.of(
            person[rows],
            at[rows] + (0 if kind is EventKind.IMPRESSION else 15),
            kind,
            product=product[rows],
            domain=scene.site.domain[product[rows]],
            channel=channel[rows],
        )
        for kind, rows in answers.items()
    )


def opinions(rng: np.random.Generator, scene: Scene, values: Values) -> Happenings:
    """Answers to 'would you recommend us'."""
    window = scene.window
    person = repeated(rng.poisson(ASKED_A_MONTH * window.months, len(scene)))
    days = rng.integers(window.start, window.until, len(person)).astype(np.int32)
    share = np.array(SCORES, dtype=np.float32)[None, :]
    scores = np.array([values.code(str(score)) for score in range(len(SCORES))])
    score = pick_like(rng, np.zeros(len(person), np.int64), share)
    return Happenings.of(
        person,
        moments(rng, days),
        EventKind.NPS,
        channel=scene.profile.channel_of(rng, person),
        value=scores[score],
    )
