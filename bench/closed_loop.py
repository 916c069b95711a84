"""The closed loop on the demo bank: eight weeks of recommend, respond, retrain, in several worlds.

Whoever visits the site is shown what `decide` chooses for the home page, some of it drawn to learn
from, and accepts each offer by the world's truth, which nothing that learns can see. Every Monday
`train` learns from all that is on record. Two baselines have banks of their own with the same
customers: what people in one's life stage take most, and what they accept most often when shown.
A third bank trains like the first and never shows anything: what it gains is time's doing, and
what the first gains beyond it is the responses'.
After each week every policy decides for a panel of people whom none of them ever met.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from bench.figures import OUT, Figure, at_least, at_most, measured
from bench.loop.bank import Bank, only, recent_money, visitors
from bench.loop.course import Course, Worth, mean_values
from bench.loop.explore import explore
from bench.loop.page import LEARNED, write_page
from bench.loop.panel import HOUR, best_worth, members, true_chances, worth
from bench.loop.policies import best_accepted, empty_model, life_stage_tokens, most_taken
from bench.tables import through_files
from recommender.artefact import read_artefact
from recommender.catalogue import Catalogue, parse_catalogue
from recommender.live import Live
from recommender.model import Model
from recommender.request import Request
from training.baselines import LifeStagePopularity
from training.responses import ResponsesConfig, build_responses
from training.snapshots import SnapshotConfig, build_snapshots
from training.train import TrainConfig, train
from training.world import generate
from training.world.customers import Customers, customers

BANK = Path(__file__).parents[1] / "examples" / "bank" / "catalogue.yaml"
SEEDS = (1, 2, 3)
WEEKS = 8
ACCOUNTS = 20_000
"""As many as the demo bank has."""
PANEL = 40_000
"""Of whom some eight in ten visit: fewer, and a week's gain drowns in whom they happen to be. Of
10,000, a week that changes one offer in thirty moves the mean by some .00007 by chance alone."""
MONTHS = 15
FIRST_DAY = date(2026, 11, 23)
"""A Monday, the first of the loop."""
UNTIL = date(2027, 2, 23)
"""Where the story ends: more than a month after the loop, so that nobody's plans end with it."""
HISTORY_DAYS = 14
"""What the bank has on record of takings when the loop begins: as little as training accepts."""
TEMPERATURE = 0.35
ANSWER_DAYS = 1


@dataclass(frozen=True)
class Scenario:
    """`shopping`: what people accept depends on what they are looking into just then."""

    seed: int
    shopping: bool = True


def world(catalogue: Catalogue, accounts: int, seed: int) -> tuple[Bank, Customers]:
    """A bank with its tables as they are read by `raak train`, and its customers' truth."""
    made = generate(catalogue, accounts=accounts, months=MONTHS, seed=seed, until=UNTIL)
    tables = through_files(made.frames(), catalogue, now=datetime(2027, 2, 23, tzinfo=UTC))
    people = customers(catalogue, accounts=accounts, months=MONTHS, seed=seed, until=UNTIL)
    generated = np.isin(tables.accounts["account_id"].to_numpy(dtype=object), people.ids)
    return Bank(catalogue, recent_money(only(tables, generated), FIRST_DAY)), people


def on_record(day: date) -> SnapshotConfig:
    """Takings since two weeks before the loop, up to `day`."""
    return SnapshotConfig(window_from=FIRST_DAY - timedelta(days=HISTORY_DAYS), window_until=day)


def learned(bank: Bank, day: date) -> Model:
    """What `raak train` makes of all that happened before `day`, read back from its files."""
    config = TrainConfig(
        snapshots=on_record(day),
        responses=ResponsesConfig(until=day, answer_days=ANSWER_DAYS),
    )
    at = datetime.combine(day, datetime.min.time(), UTC)
    made = train(bank.tables, bank.catalogue, config, created_at=at, with_trials=False)
    return read_artefact(made.files)


def popularity(bank: Bank, day: date) -> Model:
    rows = build_snapshots(bank.tables, bank.catalogue, on_record(day))
    return most_taken(LifeStagePopularity.fit(rows), bank.catalogue)


def acceptance(bank: Bank, day: date) -> Model:
    config = ResponsesConfig(until=day, answer_days=ANSWER_DAYS)
    responses = build_responses(bank.tables, bank.catalogue, config)
    return best_accepted(responses, bank.catalogue) if len(responses) else popularity(bank, day)


SILENT = "without_responses"
"""The policy that is never put in force: it learns from what people take of their own accord."""
POPULARITY, ACCEPTANCE = "life_stage_popularity", "life_stage_acceptance"
POLICIES: dict[str, Callable[[Bank, date], Model]] = {
    LEARNED: learned,
    SILENT: learned,
    POPULARITY: popularity,
    ACCEPTANCE: acceptance,
}


def run(scenario: Scenario, weeks: int = WEEKS) -> Course:
    catalogue = parse_catalogue(BANK.read_text(encoding="utf-8"), BANK.name)
    bank, people = world(catalogue, ACCOUNTS, scenario.seed)
    others, strangers = world(catalogue, PANEL, 1_000 + scenario.seed)
    days = [FIRST_DAY + timedelta(days=number) for number in range(7 * weeks)]
    panel = members(others, strangers, days, shopping=scenario.shopping)
    random = Live.assemble(catalogue, empty_model(catalogue, life_stage_tokens(catalogue)))
    courses: dict[str, list[Worth]] = {}
    lives: dict[str, list[Worth]] = {}
    for name, learn in POLICIES.items():
        own = Bank(catalogue, bank.tables)
        courses[name], lives[name] = [], []
        for week in range(weeks + 1):
            live = Live.assemble(catalogue, learn(own, FIRST_DAY + timedelta(weeks=week)))
            courses[name].append(worth(panel, live))
            if week < weeks and name != SILENT:
                lives[name].append(
                    week_of(own, people, live, days[7 * week : 7 * week + 7], scenario)
                )
    return Course(courses, lives, worth(panel, random), best_worth(panel, random))


def week_of(
    bank: Bank, people: Customers, live: Live, days: Sequence[date], scenario: Scenario
) -> Worth:
    """A week of visits; the answer is what the offers shown were truly worth."""
    offers: list[tuple[float, float]] = []
    for day in days:
        at = datetime.combine(day, HOUR)
        accounts = bank.accounts(visitors(bank.tables, day), at)
        chances = true_chances(people, accounts, day, shopping=scenario.shopping)
        # The same dice for every policy: who accepts an offer from one accepts it from all.
        random = np.random.default_rng((scenario.seed, day.toordinal()))
        dice = random.random((len(people.ids), len(people.products)))
        for account, row in zip(accounts, chances, strict=True):
            decision = explore(account, Request(at), live, temperature=TEMPERATURE)
            own = dice[people.rows[account.account_id]]
            products = [one.product_id for one in decision.shown if one.product_id is not None]
            columns = [people.products.index(product) for product in products]
            taken = [people.products[column] for column in columns if own[column] < row[column]]
            value = [bank.catalogue.products[product].value for product in products]
            offers += list(zip(row[columns].tolist(), row[columns] * value, strict=True))
            bank.record(decision, taken)
        bank.close_day()
    means = np.mean(offers, axis=0)
    return Worth(float(means[0]), float(means[1]))


def measure() -> Iterable[Figure]:
    """The worst of the worlds for each bar; all courses also go to bench/out/loop.html."""
    with ProcessPoolExecutor(len(SEEDS), mp_context=get_context("spawn")) as pool:
        courses = list(pool.map(run, [Scenario(seed) for seed in SEEDS]))
    write_page(OUT / "loop.html", courses)
    for baseline in (POPULARITY, ACCEPTANCE):
        lead = min(one.values(LEARNED)[-1] / one.values(baseline)[-1] for one in courses)
        yield at_least(f"loop.over_{baseline}", lead, "x", 1.25)
    rises = min(course.rises(LEARNED) for course in courses)
    yield at_least("loop.weeks_that_rise", rises, "weeks", WEEKS)
    gain = min(one.values(LEARNED)[-1] / one.values(LEARNED)[0] for one in courses)
    yield at_least("loop.last_over_first_week", gain, "x", 1.0)
    regret = max(one.regret(LEARNED)[-1] / one.regret(LEARNED)[0] for one in courses)
    yield at_most("loop.regret_last_over_first_week", regret, "x", 1.0)
    for policy in POLICIES:
        prefix = "loop" if policy == LEARNED else f"loop.{policy}"
        for week, value in enumerate(mean_values(courses, policy)):
            yield measured(f"{prefix}.week_{week}", value, "value/offer")
    for seed, course in zip(SEEDS, courses, strict=True):
        for week, value in enumerate(course.values(LEARNED)):
            yield measured(f"loop.world_{seed}.week_{week}", value, "value/offer")
    for name in ("random", "oracle"):
        mean = float(np.mean([getattr(one, name).value for one in courses]))
        yield measured(f"loop.{name}.week_{WEEKS}", mean, "value/offer")
