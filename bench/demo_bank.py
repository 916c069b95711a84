"""The demo bank, 20,000 accounts over 12 months: the hybrid beside every baseline, and the truth.

Two views, as in every report: what came later (`demo.*`), and accounts that no scorer saw
(`demo.unseen.*`). The demo bank's truth, which no scorer sees, adds *regret*: how much likelier
acceptance of the best product was than that of the product ranked first, for accounts as they stand
at the end.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from bench.figures import Figure, at_least, measured
from bench.tables import through_files
from bench.views import figures_of
from recommender.catalogue import Catalogue, parse_catalogue
from training.baselines import fit_baselines
from training.evaluation import Scorer, View, evaluate
from training.evaluation.metrics import Floats, not_held
from training.hybrid import Hybrid, HybridConfig
from training.snapshots import Snapshots, build_snapshots, snapshots_at
from training.splits import by_account, by_time
from training.tables import Tables
from training.world import generate

BANK = Path(__file__).parents[1] / "examples" / "bank" / "catalogue.yaml"
ACCOUNTS = 20_000
MONTHS = 12
UNTIL = date(2026, 11, 23)
WORLD_SEED = 7
SEED = 1
TEST_SHARE = 0.2


def measure() -> Iterable[Figure]:
    catalogue = parse_catalogue(BANK.read_text(encoding="utf-8"), BANK.name)
    world = generate(catalogue, accounts=ACCOUNTS, months=MONTHS, seed=WORLD_SEED, until=UNTIL)
    midnight = datetime(UNTIL.year, UNTIL.month, UNTIL.day, tzinfo=UTC)
    tables = through_files(world.frames(), catalogue, now=midnight)
    rows = build_snapshots(tables, catalogue)

    days = np.sort(rows.moment).astype("datetime64[D]")
    split = by_time(rows, days[int(len(days) * (1 - TEST_SHARE))])
    started = time.perf_counter()
    baselines = fit_baselines(split.train, seed=SEED)
    seconds = time.perf_counter() - started
    scorers = _scorers(split.train, catalogue, baselines)
    view = evaluate(scorers, split.test, name="later", seed=SEED)
    yield from _better("demo", view)
    yield measured("demo.baselines_s", seconds, "s")

    split = by_account(rows, TEST_SHARE, seed=SEED)
    scorers = _scorers(split.train, catalogue, fit_baselines(split.train, seed=SEED))
    yield from _better("demo.unseen", evaluate(scorers, split.test, name="unseen", seed=SEED))
    at_the_end = _at_the_end(tables, catalogue, np.unique(split.test.account))
    for scorer, regret in _regrets(scorers, at_the_end, world.truth).items():
        name = "demo.unseen" if scorer == "hybrid" else f"demo.unseen.{scorer}"
        yield measured(f"{name}.regret_at_1", regret, "probability")


def _scorers(
    train: Snapshots, catalogue: Catalogue, baselines: Mapping[str, Scorer]
) -> dict[str, Scorer]:
    hybrid = Hybrid.fit(train, catalogue, HybridConfig(), seed=SEED)
    return {"hybrid": hybrid, **baselines}


def _better(prefix: str, view: View) -> Iterable[Figure]:
    """All figures of a view; the bar of our nDCG@5 is the best baseline's.

    `clear_of_<popularity>` is the distance between the intervals of our nDCG@5 and of theirs.
    """
    ours = view.metrics[view.trial].ndcg_at_5
    others = {key: one.ndcg_at_5 for key, one in view.metrics.items() if key != view.trial}
    for figure in figures_of(prefix, view):
        if figure.name == f"{prefix}.ndcg_at_5":
            best = max(one.value for one in others.values())
            yield at_least(figure.name, figure.value, figure.unit, best)
        else:
            yield figure
    for key in ("popularity", "life_stage_popularity"):
        yield at_least(f"{prefix}.clear_of_{key}", ours.low - others[key].high, "", 0.0)


def _at_the_end(tables: Tables, catalogue: Catalogue, accounts: np.ndarray) -> Snapshots:
    return snapshots_at(tables, catalogue, accounts, np.full(len(accounts), np.datetime64(UNTIL)))


def _regrets(
    scorers: Mapping[str, Scorer], rows: Snapshots, truth: pd.DataFrame
) -> dict[str, float]:
    """Mean probability of acceptance that ranking by each scorer forgoes, of products not held."""
    ids = rows.account_ids[rows.account]
    table = truth.pivot_table(
        "acceptance", index="account_id", columns="product_id", observed=False
    )
    chances: Floats = table.reindex(index=ids, columns=rows.products).to_numpy(dtype=np.float64)
    chances = np.where(not_held(rows.held), np.nan_to_num(chances), 0.0)
    best = chances.max(axis=1)
    every = np.arange(len(rows))
    return {
        name: float((best - chances[every, scorer.propensities(rows).argmax(axis=1)]).mean())
        for name, scorer in scorers.items()
    }
