"""One small bank, trained once, and as a version of a registry; and again with offers on record."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest

from recommender.catalogue import Catalogue
from tests.training.snapshots.frames import as_tables
from training.hybrid import HybridConfig
from training.lightfm_fit import FactorisationConfig
from training.registry import Contender, Entry
from training.registry.store import TRIAL
from training.responses import Responses, build_responses
from training.snapshots import Snapshots, build_snapshots
from training.tables import Tables
from training.train import TrainConfig, TrainedModel, train
from training.trials import TrialConfig
from training.world import generate

UNTIL = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, tzinfo=UTC)
QUICK = TrainConfig(
    hybrid=HybridConfig(factorisation=FactorisationConfig(dimensions=8, epochs=4)),
    trials=TrialConfig(resamples=10),
)

ACCEPTED = {
    "estate_planning": 0.4,
    "funeral_insurance": 0.35,
    "annuity": 0.3,
    "savings_account": 0.05,
    "credit_card": 0.05,
    "travel_insurance": 0.05,
}
"""How often each is taken when it is shown, whoever sees it: far from what people take next."""


@pytest.fixture(scope="session")
def history(catalogue: Catalogue) -> Tables:
    made = generate(catalogue, accounts=900, months=12, seed=5, until=UNTIL)
    return as_tables(made.frames(), catalogue)


@pytest.fixture(scope="session")
def rows(history: Tables, catalogue: Catalogue) -> Snapshots:
    return build_snapshots(history, catalogue)


@pytest.fixture(scope="session")
def nothing_shown(history: Tables, catalogue: Catalogue) -> Responses:
    return build_responses(history, catalogue)


@pytest.fixture(scope="session")
def learn(history: Tables, catalogue: Catalogue) -> Callable[[], TrainedModel]:
    """Train on the bank as it is at the moment of the call: a test may have spoilt something."""
    return lambda: train(history, catalogue, QUICK, created_at=NOW)


@pytest.fixture(scope="session")
def trained(learn: Callable[[], TrainedModel]) -> TrainedModel:
    return learn()


@pytest.fixture(scope="session")
def answered(catalogue: Catalogue) -> Tables:
    """The same bank, where everyone was shown four products at random in the last half year."""
    frames = generate(catalogue, accounts=900, months=12, seed=5, until=UNTIL).frames()
    shown = offers(frames["accounts"]["account_id"].tolist(), seed=11)
    frames["events"] = pd.concat([frames["events"], shown], ignore_index=True)
    return as_tables(frames, catalogue)


@pytest.fixture(scope="session")
def learn_answers(answered: Tables, catalogue: Catalogue) -> Callable[[], TrainedModel]:
    """`learn`, where offers are on record."""
    return lambda: train(answered, catalogue, QUICK, created_at=NOW)


@pytest.fixture(scope="session")
def trained_on_answers(learn_answers: Callable[[], TrainedModel]) -> TrainedModel:
    return learn_answers()


@pytest.fixture(scope="session")
def responses(answered: Tables, catalogue: Catalogue) -> Responses:
    return build_responses(answered, catalogue)


def offers(account_ids: list[str], *, seed: int) -> pd.DataFrame:
    """Events of four offers to each account, and of what was taken of them an hour later."""
    random = np.random.default_rng(seed)
    products, chances = list(ACCEPTED), list(ACCEPTED.values())
    events: list[dict[str, Any]] = []
    for account in account_ids:
        for product in random.choice(len(products), 4, replace=False).tolist():
            number = len(events)
            at = pd.Timestamp("2026-05-23") + pd.Timedelta(minutes=int(random.integers(260_000)))
            about = {
                "account_id": account,
                "product_id": products[product],
                "decision_id": f"decision-{number}",
                "channel": "web",
            }
            events.append({**about, "event_id": f"s{number}", "kind": "impression", "at": at})
            if random.random() < chances[product]:
                later = at + pd.Timedelta(hours=1)
                events.append({**about, "event_id": f"t{number}", "kind": "taken", "at": later})
    return pd.DataFrame(events)


def entry(trained: TrainedModel) -> Entry:
    tried = {TRIAL + name: content for name, content in trained.tried_files.items()}
    return Entry({**trained.files, **tried})


def contender(trained: TrainedModel, rows: Snapshots, offers: Responses) -> Contender:
    return Contender(trained.model.version, entry(trained), rows, offers)
