"""Champion and challenger of different catalogues meet on the takings that both can read."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from recommender.catalogue import Catalogue, parse_catalogue
from recommender.registry import RegistryError
from tests.recommender.bank import CATALOGUE_FILE
from tests.training.registry.conftest import NOW, QUICK, UNTIL, entry
from training.registry import Registry, contender, judge, trial_rows
from training.registry.trial import propensities_of
from training.snapshots import Snapshots
from training.tables import read_tables, write_tables
from training.train import TrainedModel, train
from training.world import generate

TEXT = CATALOGUE_FILE.read_text(encoding="utf-8")
FINER = TEXT.replace("age: {bins: [18, 25, 35, 45, 55, 67]}", "age: {bins: [18, 25, 30, 40, 67]}")
AT = datetime(2026, 11, 23, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def tables(catalogue: Catalogue, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tables")
    made = generate(catalogue, accounts=900, months=12, seed=5, until=UNTIL)
    write_tables(folder, made.frames())
    return folder


@pytest.fixture(scope="module")
def registry(
    tables: Path, trained: TrainedModel, tmp_path_factory: pytest.TempPathFactory
) -> Registry:
    """`usual` learnt with the bank's catalogue, `finer` with other bins, `bare` has none."""
    finer = parse_catalogue(FINER, "finer")
    read = read_tables(tables, finer, now=AT)
    other = train(read, finer, QUICK, created_at=NOW)
    registry = Registry(str(tmp_path_factory.mktemp("registry")))
    for name, made, text in (("usual", trained, TEXT), ("finer", other, FINER)):
        files = {**entry(made).files, "catalogue.yaml": text.encode()}
        registry.add(name, files, at=NOW.isoformat(), by="me")
    registry.add("bare", trained.files, at=NOW.isoformat(), by="me")
    return registry


def test_models_of_different_features_are_compared_on_the_same_takings(
    registry: Registry, tables: Path
) -> None:
    finer = contender(registry, "finer", tables, AT)
    usual = contender(registry, "usual", tables, AT, beside=finer)
    assert "age:25-29" in finer.rows.vocabulary
    assert "age:25-29" not in usual.rows.vocabulary
    rows = trial_rows(finer, usual, least=60)
    assert rows.champion is not None
    ours, theirs = rows.challenger.snapshots, rows.champion.snapshots
    assert (ours.target == theirs.target).all()
    assert (ours.moment == theirs.moment).all()
    assert judge(rows).held_against == ()


def test_equal_catalogues_read_the_tables_once(registry: Registry, tables: Path) -> None:
    one = contender(registry, "usual", tables, AT)
    assert contender(registry, "usual", tables, AT, beside=one).rows is one.rows


def test_a_version_without_a_catalogue_cannot_be_tried(registry: Registry, tables: Path) -> None:
    with pytest.raises(RegistryError, match=r"^bare carries no catalogue\.yaml"):
        contender(registry, "bare", tables, AT)


def test_tokens_and_products_that_the_rows_lack_are_left_out(
    trained: TrainedModel, rows: Snapshots
) -> None:
    few = rows.take(range(50))
    lost = few.vocabulary.index("holds:current_account")
    kept = np.arange(len(few.vocabulary)) != lost
    without = replace(
        few,
        tokens=few.tokens[:, np.flatnonzero(kept)],
        vocabulary=tuple(np.array(few.vocabulary)[kept]),
    )
    whole, reduced = propensities_of(trained.model, few), propensities_of(trained.model, without)
    unaffected = few.tokens[:, lost].toarray()[:, 0] == 0
    assert unaffected.any()
    assert not unaffected.all()
    assert whole[unaffected] == pytest.approx(reduced[unaffected])
    assert not np.allclose(whole[~unaffected], reduced[~unaffected])
    assert reduced.sum(axis=1) == pytest.approx(np.ones(50))
