"""`decide` alone: microseconds for one decision, over thousands of different accounts.

The accounts are the demo bank's, each decided once in turn, so that nothing stays warm that would
not be warm in service. The catalogue is the demo bank's, grown to 40 products and 120 rules, which
ask about ages, attributes, holdings and interests as its own do. The model has the demo bank's
tokens and products and 32 dimensions; its vectors are random, since how long a sum takes does not
depend on the numbers. The garbage collector is set as in a worker of the service.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np

from bench.figures import Figure, at_most, measured
from recommender.account import Account, pack, unpack
from recommender.answer import answer, encode_answer
from recommender.catalogue import Catalogue, Product, Rule, parse_catalogue
from recommender.decide import decide
from recommender.features import FeatureSpec
from recommender.live import Live
from recommender.model import Model
from recommender.request import Request
from recommender.rules.conditions import Compare, Holds, InterestAtLeast, Not, Operator
from service.pauses import spare_pauses
from training.accounts import build_accounts
from training.snapshots.vocabulary import Vocabulary
from training.tables import read_tables, write_tables
from training.world import generate

ACCOUNTS = 3_000
RULES = 120
MONTHS = 6
DIMENSIONS = 32
AT = datetime(2026, 11, 23, 8, tzinfo=UTC)
BANK = Path(__file__).parents[1] / "examples" / "bank" / "catalogue.yaml"


def measure() -> Iterable[Figure]:
    """Decide for every account once, and again with what a request does around it."""
    bank = parse_catalogue(BANK.read_text(encoding="utf-8"), BANK.name)
    accounts = demo_accounts(bank)
    catalogue = grown(bank)
    live = Live.assemble(catalogue, random_model(catalogue))
    request = Request(AT)
    states = [pack(account) for account in accounts]
    spare_pauses()
    for account in accounts[:200]:
        decide(account, request, live)

    alone = [timed(decide, account, request, live) for account in accounts]
    whole = [timed(from_state, state, request, live) for state in states]
    yield at_most("decide.median_us", statistics.median(alone) * 1e6, "us", 100)
    yield measured("decide.p99_us", statistics.quantiles(alone, n=100)[98] * 1e6, "us")
    yield measured("decide.with_json_median_us", statistics.median(whole) * 1e6, "us")
    yield measured("decide.products", len(catalogue.products), "products")
    yield measured("decide.rules", rules_in(catalogue), "rules")
    yield measured("decide.state_bytes", statistics.mean(map(len, states)), "bytes")


def timed(call: Callable[..., object], *arguments: object) -> float:
    """Seconds that one call took."""
    started = time.perf_counter()
    call(*arguments)
    return time.perf_counter() - started


def from_state(state: bytes, request: Request, live: Live) -> bytes:
    """What a request computes when nothing is cached: from stored bytes to JSON."""
    return encode_answer(answer(decide(unpack(state), request, live), live))


def grown(bank: Catalogue) -> Catalogue:
    """The bank with copies of two products, and with rules until there are enough.

    They let most people through, as rules do of which a product has three, and each is another.
    """
    names = list(bank.products)
    products = dict(bank.products) | {f"{name}_plus": bank.products[name] for name in names[-2:]}
    domains, place = list(bank.domains), 0
    while rules_in(bank, products) < RULES:
        name = list(products)[place % len(products)]
        conditions = (
            Compare("age", Operator.BELOW, (100 + place,)),
            Not(Compare("children", Operator.AT_LEAST, (9 + place,))),
            Not(Holds((names[place % len(names)], names[-place % len(names)]))),
            Not(InterestAtLeast(domains[place % len(domains)], True, "high", 50.0 + place)),
        )
        rule = Rule.model_construct(id=f"grown_{place}", when=conditions[place % len(conditions)])
        suitable = (*products[name].suitable, rule)
        products[name] = products[name].model_copy(update={"suitable": suitable})
        place += 1
    return bank.model_copy(update={"products": products})


def rules_in(catalogue: Catalogue, products: Mapping[str, Product] | None = None) -> int:
    own = (catalogue.products if products is None else products).values()
    return len(catalogue.policies) + sum(len(one.eligible) + len(one.suitable) for one in own)


def demo_accounts(catalogue: Catalogue) -> list[Account]:
    world = generate(catalogue, accounts=ACCOUNTS, months=MONTHS, seed=7, until=date(2026, 11, 23))
    with tempfile.TemporaryDirectory() as directory:
        write_tables(Path(directory), world.frames())
        tables = read_tables(Path(directory), catalogue, now=AT)
    return list(build_accounts(tables, catalogue, AT))


def random_model(catalogue: Catalogue) -> Model:
    spec = FeatureSpec.from_catalogue(catalogue)
    vocabulary = Vocabulary.of(spec, catalogue, ()).tokens
    random = np.random.default_rng(1)
    products = tuple(catalogue.products)
    return Model(
        version="random",
        features_digest=spec.digest,
        vocabulary=vocabulary,
        products=products,
        token_vectors=random.normal(size=(len(vocabulary), DIMENSIONS)),
        product_vectors=random.normal(size=(len(products), DIMENSIONS)),
        product_bias=np.zeros(len(products)),
        calibration_scale=0.2,
        calibration_offset=np.zeros(len(products)),
    )
