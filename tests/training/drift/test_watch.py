"""The watch is silent while nothing changes, and names what does."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice

import numpy as np
import pytest
from prometheus_client.parser import text_string_to_metric_families

from recommender.account import Account
from recommender.catalogue import Catalogue
from recommender.errors import ArtefactError
from recommender.live import Live
from tests.training.drift.conftest import Aged
from training.accounts import build_accounts
from training.drift import Watch, read_reference, watch
from training.drift.fallbacks import fallback_share
from training.drift.page import render
from training.drift.prometheus import exposition
from training.drift.reference import feature_counts
from training.snapshots import Snapshots

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)


def warned(watched: Watch) -> set[str]:
    return {reading.of or reading.name for reading in watched.warnings}


def test_while_nothing_changes_nothing_warns(aged: Aged) -> None:
    watched = watch(aged.trained.model, aged.reference, aged.fresh, fallback_share=0.2)
    assert warned(watched) == set()
    assert watched.rows == len(aged.fresh)
    assert {reading.name for reading in watched.readings} == {
        "input_psi",
        "score_psi",
        "fresh_calibration_error",
        "fresh_ndcg_at_5",
        "fresh_coverage_at_3",
        "fallback_share",
    }


def test_a_column_that_changed_its_meaning_upstream_is_named(aged: Aged) -> None:
    """All incomes are `high` from now on: whoever fills the column made a mistake."""
    watched = watch(aged.trained.model, aged.reference, recoded(aged.fresh, "income_band:", "high"))
    assert "income_band" in warned(watched)
    assert "occupation" not in warned(watched)


def test_outcomes_that_no_longer_follow_the_promises_warn(aged: Aged) -> None:
    held = aged.fresh.held.tolil()
    target = np.random.default_rng(1).permutation(aged.fresh.target)
    held[np.arange(len(target)), target] = False
    changed = replace(aged.fresh, target=target, held=held.tocsr())
    found = warned(watch(aged.trained.model, aged.reference, changed))
    assert {"fresh_calibration_error", "fresh_ndcg_at_5"} <= found


def test_scores_that_moved_warn(aged: Aged) -> None:
    timid = replace(aged.trained.model, calibration_scale=0.05)
    assert "score_psi" in warned(watch(timid, aged.reference, aged.fresh))


def test_too_few_takings_say_nothing_and_that_is_said(aged: Aged) -> None:
    watched = watch(aged.trained.model, aged.reference, aged.fresh.take(range(20)))
    assert watched.readings == ()
    assert watched.notes[0].startswith("20 takings since it learnt, at least 100 are needed")


def test_without_any_takings_there_is_no_window(aged: Aged) -> None:
    watched = watch(aged.trained.model, aged.reference, aged.fresh.take([]))
    assert (watched.first_day, watched.last_day) == (None, None)


def test_each_features_counts_add_up_to_the_rows(aged: Aged) -> None:
    counts = feature_counts(aged.fresh)
    assert {"age", "occupation", "holds:mortgage", "interest:housing", "views:mortgage"} <= set(
        counts
    )
    assert {sum(found.values()) for found in counts.values()} == {len(aged.fresh)}


def test_the_reference_reads_back_and_damage_is_named(aged: Aged) -> None:
    assert read_reference(aged.reference.encode()) == aged.reference
    for content in (b"", b"{}", b'{"rows": "many"}'):
        with pytest.raises(ArtefactError, match=r"^reference\.json: "):
            read_reference(content)


def test_fallbacks_are_counted_by_the_function_that_serves(
    aged: Aged, catalogue: Catalogue
) -> None:
    live = Live.assemble(catalogue, aged.trained.model)
    strangers = [Account.unknown(f"a{number}") for number in range(5)]
    assert fallback_share(strangers, live, "home", AT) == 1.0
    people = islice(build_accounts(aged.tables, catalogue, AT), 100)
    assert 0.0 <= fallback_share(people, live, "home", AT) < 0.6
    assert fallback_share([], live, "home", AT) == 1.0


def test_prometheus_gets_every_reading(aged: Aged) -> None:
    watched = watch(aged.trained.model, aged.reference, aged.fresh, fallback_share=0.2)
    text = exposition(watched, at=1_800_000_000.0).decode()
    samples = {
        (sample.name, sample.labels.get("feature")): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert samples["raak_fallback_share", None] == 0.2
    assert samples["raak_watch_warnings", None] == 0
    assert samples["raak_watch_time_seconds", None] == 1_800_000_000.0
    for reading in watched.readings:
        if reading.of:
            assert samples["raak_input_psi", reading.of] == reading.value


def test_the_page_names_what_warns_first(aged: Aged) -> None:
    watched = watch(aged.trained.model, aged.reference, recoded(aged.fresh, "region:", "north"))
    page = render(watched, "2026-11-23 12:00 UTC")
    assert "input_psi region:" in page
    assert page.index("1 warning.") < page.index("Scores and outcomes")
    calm = render(watch(aged.trained.model, aged.reference, aged.fresh), "now")
    assert "Nothing is beyond the level that warns." in calm


def recoded(rows: Snapshots, prefix: str, value: str) -> Snapshots:
    """Every row has this value of the feature."""
    tokens = rows.tokens.tolil()
    for column, token in enumerate(rows.vocabulary):
        if token.startswith(prefix):
            tokens[:, column] = float(token == prefix + value)
    return replace(rows, tokens=tokens.tocsr())
