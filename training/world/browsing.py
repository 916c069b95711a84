"""Browsing: what people look at, out of a need or on the way to taking something."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from recommender.tables import EventKind
from training.world.draws import Codes, Rows, pick, pick_like, repeated
from training.world.happenings import NONE, Happenings, kind_code, together
from training.world.scene import Scene
from training.world.window import DAY_S, Days, Seconds

VISITS_A_MONTH = 0.35
VISITS_PER_NEED = 0.40
"""Sessions a month: some always, and more for every need that is above its rest."""

DAILY_VISITS_A_MONTH = 0.5
"""Sessions that only look at the everyday pages: noise to whoever wants to know what is needed."""

SHOPS_AROUND = 0.65
"""Share of takes with sessions before them; the others walk in and sign."""

DAYS_AHEAD, MOST_DAYS_AHEAD = 8.0, 35.0
"""Such sessions lie so many days before the taking (exponential)."""

KIND_SHARES: Final = {EventKind.PAGE_VIEW: 0.74, EventKind.SEARCH: 0.10, EventKind.CLICK: 0.16}

EVERYDAY: Final = "everyday"
"""The domain where people look at their balance."""

SHARPNESS = 2.0
"""How much oftener the strongest need chooses a session's subject."""


@dataclass(frozen=True)
class _Sessions:
    """When who looks into which product."""

    person: Rows
    at: Seconds
    product: Rows


@dataclass(frozen=True)
class Shopping:
    """Spells of shopping around: from the day of the first session to that of taking or leaving."""

    person: Rows
    product: Rows
    began: Days
    decided: Days


def browse(rng: np.random.Generator, scene: Scene) -> Happenings:
    """Page views, searches and clicks in no particular order, some from outside the window."""
    sessions = [shop_around(rng, scene)[0]]
    sessions += [_out_of_need(rng, scene, month) for month in range(scene.window.months)]
    looks = [_look(rng, scene, one) for one in sessions]
    return together([*looks, _daily(rng, scene)])


def time_of_day(rng: np.random.Generator, count: int) -> Seconds:
    """Seconds after midnight: mostly day and evening, never past 23:00."""
    return ((7.0 + 16.0 * rng.beta(1.8, 1.6, count)) * 3600).astype(np.int64)


def moments(rng: np.random.Generator, days: Days) -> Seconds:
    """A moment on each of `days`."""
    return days.astype(np.int64) * DAY_S + time_of_day(rng, len(days))


def shop_around(rng: np.random.Generator, scene: Scene) -> tuple[_Sessions, Shopping]:
    """Sessions in the weeks before something is taken, or was considered and left."""
    outcome, profile = scene.outcome, scene.profile
    chosen = ~outcome.taken.at_joining
    person = np.concatenate([outcome.taken.person[chosen], outcome.considered.person])
    product = np.concatenate([outcome.taken.product[chosen], outcome.considered.product])
    day = np.concatenate([outcome.taken.opened[chosen], outcome.considered.day])
    ease = profile.ease[person]
    around = rng.random(len(person)) < SHOPS_AROUND * np.minimum(1.25, 0.5 + 0.5 * ease)
    counts = around * (1 + rng.poisson(0.9 * np.minimum(ease, 2.0)))
    which = repeated(counts)
    ahead = np.minimum(rng.exponential(DAYS_AHEAD, len(which)), MOST_DAYS_AHEAD)
    before = (day[which].astype(np.int64) - 1 - ahead.astype(np.int64)).astype(np.int32)
    began = day.copy()
    np.minimum.at(began, which, before)
    spells = np.flatnonzero(counts)
    return (
        _Sessions(person[which], moments(rng, before), product[which]),
        Shopping(person[spells], product[spells], began[spells], day[spells]),
    )


def _out_of_need(rng: np.random.Generator, scene: Scene, month: int) -> _Sessions:
    """A month's sessions for what people need, whether or not they will take anything."""
    levels, ease = scene.needs.levels[month], scene.profile.ease
    heat = np.maximum(levels - 1.0, 0).sum(axis=1)
    person = repeated(rng.poisson(ease * (VISITS_A_MONTH + VISITS_PER_NEED * heat)))
    need = pick(rng, levels[person] ** SHARPNESS)
    product = pick_like(rng, need, scene.site.by_need()).astype(np.int64)
    # People read up on what they cannot have far less often than on what they can.
    read = scene.outcome.offerable[month][person, product] | (rng.random(len(person)) < 0.15)
    person, product = person[read], product[read]
    first, end = scene.window.edges[month], scene.window.edges[month + 1]
    days = rng.integers(first, end, len(person)).astype(np.int32)
    return _Sessions(person, moments(rng, days), product)


def _look(rng: np.random.Generator, scene: Scene, sessions: _Sessions) -> Happenings:
    """Each session as a few pages: the product itself, its domain, or something near it."""
    which = repeated(1 + rng.poisson(1.2, len(sessions.person)))
    steps = rng.integers(20, 120, len(which))
    product = sessions.product[which]
    aside = pick_like(rng, product, scene.site.near())
    dice = rng.random(len(which), dtype=np.float32)
    page = np.where(dice < 0.30, aside, product)
    channel = scene.profile.channel_of(rng, sessions.person)
    # Half a minute to two between pages, in the order of the rows of a session.
    place = np.arange(len(which)) - np.searchsorted(which, which, side="left")
    return Happenings.of(
        sessions.person[which],
        sessions.at[which] + place * 120 + steps,
        _kinds(rng, len(which)),
        product=np.where(dice > 0.64, NONE, page),
        domain=scene.site.domain[page],
        channel=channel[which],
    )


def _daily(rng: np.random.Generator, scene: Scene) -> Happenings:
    """Looking at one's balance, day in, day out."""
    window, everyday = scene.window, scene.site.domains.index(EVERYDAY)
    person = repeated(rng.poisson(scene.profile.ease * DAILY_VISITS_A_MONTH * window.months))
    days = rng.integers(window.start, window.until, len(person)).astype(np.int32)
    return Happenings.of(
        person,
        moments(rng, days),
        EventKind.PAGE_VIEW,
        domain=np.full(len(person), everyday, dtype=np.int64),
        channel=scene.profile.channel_of(rng, person),
    )


def _kinds(rng: np.random.Generator, count: int) -> Codes:
    codes = np.array([kind_code(kind) for kind in KIND_SHARES], dtype=np.int8)
    bounds = np.cumsum(list(KIND_SHARES.values()))[:-1]
    return codes[np.searchsorted(bounds, rng.random(count))]
