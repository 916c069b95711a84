"""Corrections lower the log loss, most of them are 0, and kin profit from what others taught."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from recommender.catalogue import Catalogue
from training.corrections import CorrectionsConfig, correct
from training.kinship import implied_levels, kinships
from training.lightfm_fit import FactorisationConfig, Factors, factorise, product_features
from training.snapshots import Snapshots

QUICK = FactorisationConfig(dimensions=8, epochs=5)


@pytest.fixture(scope="module")
def factors(snapshots: Snapshots, catalogue: Catalogue) -> Factors:
    features = product_features(snapshots.products, catalogue)
    return factorise(snapshots, features, QUICK, seed=1)


def scores(factors: Factors, snapshots: Snapshots) -> NDArray[np.float64]:
    found: NDArray[np.float64] = snapshots.tokens @ factors.token_vectors
    return found @ factors.product_vectors.T + factors.product_bias


def log_loss(factors: Factors, snapshots: Snapshots) -> float:
    logits = np.where(snapshots.held.toarray(), -np.inf, scores(factors, snapshots))
    logits -= logits.max(axis=1, keepdims=True)
    chances = np.exp(logits)
    chances /= chances.sum(axis=1, keepdims=True)
    return float(-np.log(chances[np.arange(len(snapshots)), snapshots.target]).mean())


def corrections(corrected: Factors, snapshots: Snapshots) -> NDArray[np.float64]:
    """(tokens, products): the dimensions that were added, one a product."""
    return corrected.token_vectors[:, -len(snapshots.products) :]


def test_the_log_loss_falls(factors: Factors, snapshots: Snapshots, catalogue: Catalogue) -> None:
    corrected = correct(factors, snapshots, catalogue, CorrectionsConfig(), seed=1)
    assert log_loss(corrected, snapshots) < log_loss(factors, snapshots) - 0.1


def test_equal_seeds_give_equal_bytes(
    factors: Factors, snapshots: Snapshots, catalogue: Catalogue
) -> None:
    one, same = (
        correct(factors, snapshots, catalogue, CorrectionsConfig(epochs=2), seed=3)
        for _ in range(2)
    )
    assert one.token_vectors.tobytes() == same.token_vectors.tobytes()
    assert one.product_bias.tobytes() == same.product_bias.tobytes()


def test_without_passes_or_with_too_large_a_table_lightfm_is_left_as_it_is(
    factors: Factors,
    snapshots: Snapshots,
    catalogue: Catalogue,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert correct(factors, snapshots, catalogue, CorrectionsConfig(epochs=0), seed=1) is factors
    size = len(snapshots.vocabulary) * len(snapshots.products)
    monkeypatch.setattr("training.corrections.LARGEST_TABLE", size - 1)
    assert correct(factors, snapshots, catalogue, CorrectionsConfig(), seed=1) is factors


def test_the_scores_are_lightfms_in_part_plus_the_corrections(
    factors: Factors, snapshots: Snapshots, catalogue: Catalogue
) -> None:
    config = CorrectionsConfig(epochs=1, trust=0.25)
    corrected = correct(factors, snapshots, catalogue, config, seed=1)
    table: NDArray[np.float64] = 0.25 * factors.token_vectors @ factors.product_vectors.T
    table += corrections(corrected, snapshots)
    assert corrected.token_vectors @ corrected.product_vectors.T == pytest.approx(table)


def test_the_dearer_a_correction_the_fewer_there_are(
    factors: Factors, snapshots: Snapshots, catalogue: Catalogue
) -> None:
    kin = kinships(snapshots.vocabulary, snapshots.products, catalogue).any(axis=0)
    kin = kin.reshape(len(snapshots.vocabulary), -1)
    kin = (implied_levels(snapshots.vocabulary, catalogue) @ kin.astype(np.float32)) > 0
    counts = []
    for price in (0.1, 1.0, 100.0):
        config = CorrectionsConfig(epochs=3, l1=price)
        table = corrections(correct(factors, snapshots, catalogue, config, seed=1), snapshots)
        counts.append(np.count_nonzero(table[~kin]))
    assert counts == sorted(counts, reverse=True)
    assert counts[0] > counts[1] > counts[2] == 0


def test_kinships_name_the_product_its_domain_and_its_type(catalogue: Catalogue) -> None:
    vocabulary = (
        "age:18-24",
        "holds:savings_account",
        "interest:saving:high",
        "views:mortgage:low",
    )
    products = tuple(catalogue.products)
    tables = kinships(vocabulary, products, catalogue).reshape(-1, len(vocabulary), len(products))
    domain = {product: catalogue.products[product].domain for product in products}
    type_ = {product: catalogue.products[product].type for product in products}
    related = {
        frozenset(np.array(products)[table[row] > 0])
        for table in tables
        for row in range(len(vocabulary))
        if table[row].any()
    }
    assert related == {
        frozenset(p for p in products if domain[p] == "saving"),
        frozenset(p for p in products if domain[p] == "saving" and p != "savings_account"),
        frozenset(
            p for p in products if type_[p] == type_["savings_account"] and p != "savings_account"
        ),
        frozenset({"mortgage"}),
        frozenset(p for p in products if domain[p] == "housing" and p != "mortgage"),
    }


def test_a_level_implies_itself_and_those_below_it(catalogue: Catalogue) -> None:
    vocabulary = tuple(
        f"{stem}:{level}"
        for stem in ("interest:saving", "views:mortgage", "income_band")
        for level in ("low", "medium", "high")
    )
    implied = implied_levels(vocabulary, catalogue).toarray()
    ladder = np.tri(3)
    assert implied[:3, :3] == pytest.approx(ladder)
    assert implied[3:6, 3:6] == pytest.approx(ladder)
    assert implied[6:, 6:] == pytest.approx(np.eye(3))
    assert implied.sum() == 6 + 6 + 3


def test_a_product_nobody_took_after_a_look_still_profits_from_a_look_at_it(
    factors: Factors, snapshots: Snapshots, catalogue: Catalogue
) -> None:
    looks = [f"views:{product}:high" for product in snapshots.products]
    place = {token: row for row, token in enumerate(snapshots.vocabulary)}
    rows = [place[token] for token in looks]
    table = corrections(
        correct(factors, snapshots, catalogue, CorrectionsConfig(), seed=1), snapshots
    )[rows]
    unseen = snapshots.token_counts()[rows] == 0
    others = (table.sum(axis=1) - np.diag(table)) / (len(looks) - 1)
    assert unseen.any()
    assert (np.diag(table)[unseen] > others[unseen]).all()
