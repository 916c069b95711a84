"""The demo bank from a seed: lives, needs, takes, browsing and money, as the input tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import date
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from recommender.errors import RaakError
from training.world import records
from training.world.browsing import EVERYDAY, browse
from training.world.cases import cases
from training.world.contacts import abandoned_starts, campaigns, opinions, steps_of_taking
from training.world.flows import households
from training.world.happenings import Happenings, Values, together
from training.world.history import context_changes
from training.world.lives import live
from training.world.money import spend
from training.world.needs import feel
from training.world.noise import MOST_NOISE, Noise
from training.world.people import WELL_KNOWN
from training.world.portraits import portrait_frames, portrait_series, portrait_truth
from training.world.products import PRODUCTS
from training.world.profile import profiles
from training.world.scene import Scene, Site
from training.world.series_truth import series_truth
from training.world.shelf import Shelf, shelf
from training.world.state import NAMES
from training.world.taking import open_market, take
from training.world.window import DAY_S, MOST_MONTHS, Window

if TYPE_CHECKING:
    from recommender.catalogue import Catalogue

SUBJECTS: Final = (
    "lives", "profiles", "needs", "whims", "takes", "browsing", "contacts", "cases", "skills",
    "money", "habits", "noise",
)  # fmt: skip
"""Each has its own stream of random numbers: more card payments change nobody's house."""

TRUTHS: Final = ("truth", "series_truth")
"""What no bank knows of its people: for measuring only."""

STEPS: Final = ("lives", "browsing", "money", "tables")
"""What is told of while it is made."""

Streams = dict[str, np.random.Generator]


class WorldError(RaakError):
    """The demo bank cannot be made as asked; the text says what to change."""


@dataclass(frozen=True)
class World:
    """The input tables as frames, and the truth: (account_id, product_id, acceptance).

    `acceptance` is the chance that the person takes the product within a month of the end: 0 for
    what is held or does not fit. No table tells of it; it is there to measure regret against.
    `series_truth` is what truly recurs; see training/world/series_truth.py.
    """

    accounts: pd.DataFrame
    holdings: pd.DataFrame
    events: pd.DataFrame
    transactions: pd.DataFrame
    scheduled_payments: pd.DataFrame
    cases: pd.DataFrame
    truth: pd.DataFrame
    series_truth: pd.DataFrame

    def frames(self) -> dict[str, pd.DataFrame]:
        """The tables by name, and what TRUTHS names."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def generate(
    catalogue: Catalogue,
    *,
    accounts: int,
    months: int,
    seed: int,
    until: date,
    noise: float = 1.0,
    step: Callable[[str], None] = lambda _: None,
) -> World:
    """`accounts` people, the well-known ones among them, over the `months` months before `until`.

    Equal arguments give equal tables. Every row tells of something before `until`, 00:00 UTC, but
    for scheduled payments and promises. `noise` scales how untidy payments that recur are, 0 being
    not at all. `step` is told of each of STEPS before it is taken.

    Raises:
        WorldError: a number is out of range, or the catalogue lacks what the demo bank sells.
    """
    _check(catalogue, accounts, months, noise)
    window = Window.before(until, months)
    streams = streams_of(seed)
    step("lives")
    scene = scene_of(streams, catalogue, accounts - len(WELL_KNOWN), window)
    ids = ids_of(scene)
    step("browsing")
    found, told = cases(streams["cases"], scene)
    values = Values()
    happenings = _happenings(streams, scene, told, values)
    step("money")
    household = households(streams["skills"], scene.lives, scene.shelf, scene.outcome.taken)
    others = (streams["habits"], streams["noise"])
    money = spend(streams["money"], others, household, window, Noise.at(noise))
    step("tables")
    products, currency = scene.shelf.names, catalogue.currency
    now = scene.lives.states[months]
    frames = {
        "accounts": records.accounts(ids, scene.lives, scene.profile, now),
        "holdings": records.holdings(ids, products, scene.outcome.taken, window.until),
        "events": records.events(ids, scene.site, values.texts, happenings),
        "transactions": records.transactions(ids, currency, money),
        "scheduled_payments": records.scheduled_payments(ids, currency, money),
        "cases": records.cases(ids, found),
        "truth": records.truth(ids, products, scene.outcome.acceptance),
        "series_truth": series_truth(
            ids, money.payees, money.planned, money.booked, money.period, window
        ),
    }
    del happenings, money
    return _with_well_known(frames, catalogue, scene.shelf, window.first_day, until)


def _check(catalogue: Catalogue, accounts: int, months: int, noise: float) -> None:
    if accounts < len(WELL_KNOWN) + 1:
        raise WorldError(f"a world has at least {len(WELL_KNOWN) + 1} accounts, not {accounts}")
    if not 1 <= months <= MOST_MONTHS:
        raise WorldError(f"a world lasts 1 to {MOST_MONTHS} months, not {months}")
    if not 0 <= noise <= MOST_NOISE:
        raise WorldError(f"noise is from 0 (none) to {MOST_NOISE}, not {noise}")
    needed = (
        ("product", PRODUCTS, catalogue.products),
        ("attribute", (*NAMES, "region", "children", "has_car", "gender"), catalogue.attributes),
        ("domain", (EVERYDAY,), catalogue.domains),
    )
    for kind, names, there in needed:
        if missing := sorted(set(names) - set(there)):
            raise WorldError(
                f"the demo bank needs the {kind} {', '.join(missing)}, "
                f"which catalogue {catalogue.name} does not have"
            )


def streams_of(seed: int) -> Streams:
    return dict(zip(SUBJECTS, np.random.default_rng(seed).spawn(len(SUBJECTS)), strict=True))


def ids_of(scene: Scene) -> tuple[str, ...]:
    """The account ids of the people of a scene, who come after the well-known ones."""
    return tuple(f"a{number:06d}" for number in range(1, len(scene) + 1))


def scene_of(streams: Streams, catalogue: Catalogue, count: int, window: Window) -> Scene:
    """`count` people and what they take: the first draws from each of its streams."""
    lives = live(streams["lives"], count, window)
    needs = feel(streams["needs"], lives, window)
    goods, domains = shelf(), tuple(catalogue.domains)
    places = [domains.index(catalogue.products[name].domain) for name in goods.names]
    market = open_market(streams["whims"], goods, count)
    return Scene(
        window=window,
        site=Site(goods, domains, np.array(places, dtype=np.int64)),
        lives=lives,
        profile=profiles(streams["profiles"], lives.age(window.until)),
        needs=needs,
        market=market,
        outcome=take(streams["takes"], market, lives, needs, window),
    )


def _happenings(streams: Streams, scene: Scene, told: Happenings, values: Values) -> Happenings:
    """All events within the window and after their person joined."""
    contacts = streams["contacts"]
    events = together(
        [
            browse(streams["browsing"], scene),
            steps_of_taking(contacts, scene),
            abandoned_starts(contacts, scene),
            campaigns(contacts, scene),
            opinions(contacts, scene, values),
            context_changes(contacts, scene, values),
            told,
        ]
    )
    first = np.maximum(scene.lives.joined.astype(np.int64), scene.window.start) * DAY_S
    return events.where(
        (events.at >= first[events.person]) & (events.at < scene.window.until * DAY_S)
    )


def _with_well_known(
    frames: dict[str, pd.DataFrame], catalogue: Catalogue, goods: Shelf, start: date, until: date
) -> World:
    """The well-known people ahead of the others, and what was numbered only now."""
    domain_of = {name: product.domain for name, product in catalogue.products.items()}
    known = portrait_frames(WELL_KNOWN, domain_of, catalogue.currency, start, until)
    known["truth"] = portrait_truth(WELL_KNOWN, goods)
    known["series_truth"] = portrait_series(WELL_KNOWN, start, until)
    everyone = tuple(known["accounts"]["account_id"]) + tuple(
        frames["accounts"]["account_id"].cat.categories
    )
    for name in list(frames):
        frames[name] = records.ahead(known[name], frames[name], everyone)
    frames["events"] = records.in_time(frames["events"])
    frames["cases"] = records.numbered_cases(frames["cases"])
    return World(**frames)
