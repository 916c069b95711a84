"""Taking and dropping products: each month, each person, each product, by its acceptance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, cast

import numpy as np

from training.world.draws import Flags, Floats, Rows
from training.world.lives import Lives
from training.world.needs import MOOD_SPREAD, TASTE_SPREAD, Needs, felt, rest_needs
from training.world.products import OUTLIVED, PRODUCTS, Person
from training.world.shelf import Shelf
from training.world.state import STUDENT, State
from training.world.window import Days, Window

LOG_ODDS = 1.0
"""How strongly needs decide: 0 would be pure chance."""

WHIM_SPREAD = 0.3
"""Personal likes and dislikes of single products, which no need explains."""

PAST_STEPS = 10
"""Years before the window are told in so many steps; a step weighs less than a month in it."""
PAST_WEIGHT = 1.3

CONSIDERED_PER_TAKEN = 3.0
"""Looking is not buying: so often a product is looked into and not taken."""

DROPPED_A_MONTH = 0.006
OUTLIVED_DROPPED_A_MONTH = 0.35

NEVER: Final = -1


@dataclass(frozen=True)
class Taken:
    """Every holding: whose, what, from which day, and the first day without it (NEVER: open).

    `at_joining` marks what came with becoming a customer, without any shopping around.
    """

    person: Rows
    product: Rows
    opened: Days
    closed: Days
    at_joining: Flags


@dataclass(frozen=True)
class Considered:
    """What people looked into within a month and left at that."""

    person: Rows
    product: Rows
    day: Days


@dataclass(frozen=True)
class Outcome:
    """What came of the needs.

    `offerable[m]` (n, products): what each could take at the start of month m. `acceptance`
    (n, products): the chance of taking each within the month after the window.
    """

    taken: Taken
    considered: Considered
    offerable: tuple[Flags, ...]
    acceptance: Floats


class _Book:
    """The holdings as they grow: a matrix of opening days, and the rows of what was closed."""

    def __init__(self, people: int, products: int) -> None:
        self.opened: Days = np.full((people, products), NEVER, dtype=np.int32)
        self._first: Flags = np.zeros((people, products), dtype=np.bool_)
        self._closed: list[tuple[Rows, Rows, Days, Days, Flags]] = []

    @property
    def held(self) -> Flags:
        return cast("Flags", self.opened != NEVER)

    def open(self, people: Rows, products: Rows, days: Days, *, at_joining: bool = False) -> None:
        self.opened[people, products] = days
        self._first[people, products] = at_joining

    def close(self, people: Rows, products: Rows, days: Days) -> None:
        opened, first = self.opened[people, products], self._first[people, products]
        self._closed.append((people, products, opened, days, first))
        self.opened[people, products] = NEVER

    def taken(self) -> Taken:
        people, products = np.nonzero(self.held)
        still = np.full(len(people), NEVER, dtype=np.int32)
        open_ = (
            people,
            products,
            self.opened[people, products],
            still,
            self._first[people, products],
        )
        return Taken(*(np.concatenate(column) for column in zip(*self._closed, open_, strict=True)))


@dataclass(frozen=True)
class Market:
    """Everything that decides who takes what."""

    shelf: Shelf
    whims: Floats
    """(n, products)"""

    def acceptance(self, needs: Floats, person: Person, held: Flags) -> Floats:
        """(n, products): the chance of taking each product within a month; 0 where impossible."""
        shelf = self.shelf
        holds = held.astype(np.float32)
        odds = needs @ shelf.answers.T + holds @ shelf.after + self.whims
        odds = LOG_ODDS * odds - shelf.rarity
        possible = allowed(shelf, person, held) & ~(holds @ shelf.excludes > 0)
        return cast("Floats", np.where(possible, 1 / (1 + np.exp(-odds)), np.float32(0)))


def allowed(shelf: Shelf, person: Person, held: Flags) -> Flags:
    """(n, products): whether this life can have the product at all."""
    columns = [PRODUCTS[name].fits(person) for name in shelf.names]
    for row, name in enumerate(shelf.names):
        if required := PRODUCTS[name].needs_one_of:
            columns[row] = columns[row] & held[:, [shelf.row(one) for one in required]].any(axis=1)
    return np.stack(columns, axis=1)


def open_market(rng: np.random.Generator, shelf: Shelf, people: int) -> Market:
    whims = rng.normal(0, WHIM_SPREAD, (people, len(shelf))).astype(np.float32)
    return Market(shelf, whims)


def take(
    rng: np.random.Generator, market: Market, lives: Lives, needs: Needs, window: Window
) -> Outcome:
    """All holdings up to the end of the window, and what people would take next."""
    book = _Book(len(lives), len(market.shelf))
    considered, offerable = [], []
    _past(rng, book, market, lives, window)
    for month in range(window.months):
        _join(rng, book, market.shelf, lives, month, window)
        before = book.held
        person = Person(lives.states[month], lives.age(int(window.edges[month])))
        chance = market.acceptance(needs.levels[month], person, before)
        offerable.append(chance > 0)
        considered.append(_take(rng, book, market.shelf, chance, lives, month, window))
        _drop(rng, book, before, market.shelf, lives, month, window)
    last = window.months
    person = Person(lives.states[last], lives.age(window.until))
    return Outcome(
        book.taken(),
        Considered(*(np.concatenate(column) for column in zip(*considered, strict=True))),
        tuple(offerable),
        market.acceptance(needs.levels[last], person, book.held),
    )


def _past(
    rng: np.random.Generator, book: _Book, market: Market, lives: Lives, window: Window
) -> None:
    """What those who joined before the window hold when it begins: a first account, then more.

    Told with the life they lead at the start of the window, which is what shaped most of it.
    """
    state = lives.states[0]
    rest = rest_needs(state, lives.age(window.start))
    rest += rng.normal(0, TASTE_SPREAD, rest.shape).astype(np.float32)
    person = Person(state, lives.age(window.start))
    rows = np.flatnonzero(lives.joined < window.start)
    _first_account(rng, book, market.shelf, state, rows, lives.joined[rows])
    tenure = window.start - lives.joined
    steps = np.ceil(np.minimum(tenure / 365.25, PAST_STEPS))
    for step in range(PAST_STEPS):
        mood = rng.normal(0, 3 * MOOD_SPREAD, rest.shape).astype(np.float32)
        chance = market.acceptance(felt(rest + mood), person, book.held) * PAST_WEIGHT
        chance[(step >= steps) | (lives.joined >= window.start)] = 0
        people, products = np.nonzero(rng.random(chance.shape, dtype=np.float32) < chance)
        since = (step + rng.random(len(people))) / steps[people]
        days = lives.joined[people] + since * (tenure[people] - 1)
        book.open(people, products, days.astype(np.int32))


def _join(
    rng: np.random.Generator,
    book: _Book,
    shelf: Shelf,
    lives: Lives,
    month: int,
    window: Window,
) -> None:
    first, end = window.edges[month], window.edges[month + 1]
    rows = np.flatnonzero((lives.joined >= first) & (lives.joined < end))
    _first_account(rng, book, shelf, lives.states[month], rows, lives.joined[rows])


def _first_account(
    rng: np.random.Generator, book: _Book, shelf: Shelf, state: State, rows: Rows, days: Days
) -> None:
    """The product with which people become customers."""
    student = state.occupation[rows] == STUDENT
    usual = np.where(student, shelf.row("student_account"), shelf.row("current_account"))
    saver = ~student & (rng.random(len(rows)) < 0.15)
    product = np.where(saver, shelf.row("savings_account"), usual)
    book.open(rows, product, days, at_joining=True)


def _take(
    rng: np.random.Generator,
    book: _Book,
    shelf: Shelf,
    chance: Floats,
    lives: Lives,
    month: int,
    window: Window,
) -> tuple[Rows, Rows, Days]:
    """Open what is taken in this month; the answer is what was only considered."""
    first, end = int(window.edges[month]), int(window.edges[month + 1])
    # A life may change within the month: what is taken must fit before and after.
    after = Person(lives.states[month + 1], lives.age(end))
    chance = chance * allowed(shelf, after, book.held)
    chance[lives.joined >= end - 1] = 0
    dice = rng.random(chance.shape, dtype=np.float32)
    people, products = np.nonzero(dice < chance)
    book.open(people, products, _days_in(rng, people, lives, first, end))
    looked, at = np.nonzero((dice >= chance) & (dice < chance * (1 + CONSIDERED_PER_TAKEN)))
    return looked, at, _days_in(rng, looked, lives, first, end)


def _days_in(rng: np.random.Generator, people: Rows, lives: Lives, first: int, end: int) -> Days:
    """A day for each of `people` in [first, end), after the one on which they joined."""
    earliest = np.maximum(lives.joined[people] + 1, first)
    days = earliest + rng.random(len(people)) * (end - earliest)
    return cast("Days", days.astype(np.int32))


def _drop(
    rng: np.random.Generator,
    book: _Book,
    before: Flags,
    shelf: Shelf,
    lives: Lives,
    month: int,
    window: Window,
) -> None:
    """Close some of what was held before this month, most of what lost its use."""
    first, end = int(window.edges[month]), int(window.edges[month + 1])
    person = Person(lives.states[month + 1], lives.age(end))
    chance = np.full(before.shape, DROPPED_A_MONTH, np.float32)
    for name, useless in OUTLIVED.items():
        column = shelf.row(name)
        chance[:, column] = np.where(useless(person), OUTLIVED_DROPPED_A_MONTH, chance[:, column])
    # Nobody drops what they joined with in the month they joined.
    before = before & (book.opened < first)
    people, products = np.nonzero(before & (rng.random(chance.shape, dtype=np.float32) < chance))
    days = first + rng.random(len(people)) * (end - first)
    book.close(people, products, days.astype(np.int32))
