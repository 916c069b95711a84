"""The gate lets an honest retraining pass and refuses what is worse, naming the numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from recommender.catalogue import Catalogue
from recommender.model import Model
from tests.training.registry.conftest import contender, entry
from training import material
from training.registry import Contender, GateConfig, NotTried, Verdict, judge, trial_rows
from training.registry.trial import TrialRows, Tried
from training.responses import Responses
from training.snapshots import SnapshotConfig, Snapshots, build_snapshots, snapshots_at
from training.tables import Tables
from training.train import TrainedModel

LEAST = 60


def judged(challenger: Contender, champion: Contender | None) -> Verdict:
    return judge(trial_rows(challenger, champion, least=LEAST))


def complaints(verdict: Verdict) -> str:
    return "\n".join(str(finding) for finding in verdict.held_against)


@pytest.fixture(scope="session")
def champion(trained: TrainedModel, rows: Snapshots, nothing_shown: Responses) -> Contender:
    return contender(trained, rows, nothing_shown)


def spoilt(
    monkeypatch: pytest.MonkeyPatch,
    learn: Callable[[], TrainedModel],
    spoil: Callable[[Snapshots, Tables, Catalogue], Snapshots],
) -> TrainedModel:
    """What a training makes of spoilt rows, when its own guard is not looking."""

    def build(tables: Tables, catalogue: Catalogue, config: SnapshotConfig) -> Snapshots:
        return spoil(build_snapshots(tables, catalogue, config), tables, catalogue)

    with monkeypatch.context() as patched:
        patched.setattr(material, "build_snapshots", build)
        patched.setattr(material, "guard", lambda *_, **__: None)
        return learn()


def test_a_model_as_good_as_the_champion_passes(champion: Contender) -> None:
    assert complaints(judged(champion, champion)) == ""


def test_a_first_model_needs_no_champion_only_to_beat_popularity(champion: Contender) -> None:
    verdict = judged(champion, None)
    assert complaints(verdict) == ""
    assert {finding.against for finding in verdict.findings} == {
        "popularity within life stage",
        "the bound",
    }


def test_both_are_tried_on_the_same_rows_which_neither_has_seen(champion: Contender) -> None:
    found = trial_rows(champion, champion, least=LEAST)
    seen_until = np.datetime64(champion.entry.tried_until() or "")
    assert (found.challenger.snapshots.moment > seen_until).all()
    assert (found.before.moment < found.first_day).all()
    assert found.champion is not None
    assert (found.champion.snapshots.target == found.challenger.snapshots.target).all()
    assert not found.serving_is_unseeing


def test_a_model_of_shuffled_labels_is_refused_with_its_numbers(
    monkeypatch: pytest.MonkeyPatch,
    learn: Callable[[], TrainedModel],
    champion: Contender,
    rows: Snapshots,
) -> None:
    def shuffle(honest: Snapshots, *_: object) -> Snapshots:
        target = np.random.default_rng(3).permutation(honest.target)
        held = honest.held.tolil()
        held[np.arange(len(target)), target] = False
        return replace(honest, target=target, held=held.tocsr())

    worse = contender(spoilt(monkeypatch, learn, shuffle), rows, champion.offers)
    verdict = judged(worse, champion)
    said = complaints(verdict)
    for words in (
        "nDCG@5, as tried, 0.",
        "the champion 0.",
        "popularity within life stage 0.",
        "log loss, as tried,",
    ):
        assert words in said


def test_a_model_that_learnt_from_a_leaked_feature_is_refused(
    monkeypatch: pytest.MonkeyPatch,
    learn: Callable[[], TrainedModel],
    champion: Contender,
    rows: Snapshots,
) -> None:
    """Its rows know the day after, and so the product taken; the gate's own rows do not."""

    def look_ahead(honest: Snapshots, tables: Tables, catalogue: Catalogue) -> Snapshots:
        day_after = honest.moment + np.timedelta64(1, "D")
        later = snapshots_at(tables, catalogue, honest.account, day_after)
        return replace(honest, tokens=later.tokens)

    leaked = spoilt(monkeypatch, learn, look_ahead)
    assert leaked.views[0].metrics["hybrid"].ndcg_at_5.value > 0.9, "it looks splendid by itself"
    assert "nDCG@5, as tried, 0." in complaints(
        judged(contender(leaked, rows, champion.offers), champion)
    )


def test_a_leak_that_is_in_the_tables_themselves_is_too_good_to_be_true(
    champion: Contender, rows: Snapshots
) -> None:
    honest = trial_rows(champion, champion, least=LEAST)
    gate_rows = honest.challenger.snapshots
    knows = np.full((len(gate_rows), len(gate_rows.products)), 1e-4)
    knows[np.arange(len(gate_rows)), gate_rows.target] = 1.0
    knows /= knows.sum(axis=1, keepdims=True)
    leaking = replace(honest, challenger=replace(honest.challenger, propensities=knows))
    assert "too good to be true" in complaints(judge(leaking))


def test_a_model_with_one_life_stage_broken_is_refused_and_the_stage_is_named(
    champion: Contender,
) -> None:
    honest = trial_rows(champion, champion, least=LEAST)
    stage = most_frequent_stage(honest)
    broken = with_stage_broken(honest.challenger, stage)
    verdict = judge(replace(honest, challenger=broken))
    found = [finding for finding in verdict.held_against if stage in finding.what]
    assert {finding.against for finding in found} >= {"the champion"}
    others = [finding for finding in verdict.held_against if "(" in finding.what]
    assert all(stage in finding.what for finding in others)


def test_what_was_broken_between_the_trial_and_the_service_is_refused(
    champion: Contender, trained: TrainedModel, rows: Snapshots
) -> None:
    honest = trial_rows(champion, champion, least=LEAST)
    turned = replace(
        honest, as_it_will_serve=with_stage_broken(honest.challenger, most_frequent_stage(honest))
    )
    assert "as it will serve" in complaints(judge(turned))


def test_a_narrower_model_is_refused_for_its_coverage(champion: Contender) -> None:
    honest = trial_rows(champion, champion, least=LEAST)
    propensities = honest.challenger.propensities
    everybody_the_same = replace(
        honest.challenger,
        propensities=np.broadcast_to(propensities.mean(axis=0), propensities.shape),
    )
    assert "coverage@3" in complaints(judge(replace(honest, challenger=everybody_the_same)))


def test_an_overconfident_model_is_refused_for_its_calibration(champion: Contender) -> None:
    honest = trial_rows(champion, champion, least=LEAST)
    sharp = honest.challenger.propensities**6
    sharp /= sharp.sum(axis=1, keepdims=True)
    sharper = replace(honest.challenger, propensities=sharp)
    said = complaints(judge(replace(honest, challenger=sharper)))
    assert "calibration error, as tried," in said
    assert "log loss, as tried," in said
    assert "nDCG@5" not in said, "its order is the same"


def test_without_rows_that_nobody_has_seen_there_is_no_verdict(
    trained: TrainedModel, champion: Contender, rows: Snapshots
) -> None:
    untried = replace(trained, tried_files={})
    with pytest.raises(NotTried, match=r"^0 rows after .* never tried\); at least 60 are needed"):
        judged(Contender("untried", entry(untried), rows, champion.offers), champion)


def test_a_wider_margin_lets_more_pass(champion: Contender) -> None:
    honest = trial_rows(champion, champion, least=LEAST)
    broken = with_stage_broken(honest.challenger, most_frequent_stage(honest))
    strict = judge(replace(honest, challenger=broken))
    lenient = GateConfig(
        ndcg_margin=1, log_loss_margin=20, calibration_margin=1, stage_ndcg_margin=1
    )
    lenient = lenient.model_copy(update={"largest_calibration_error": 1.0})
    found = judge(replace(honest, challenger=broken), lenient)
    assert len(found.held_against) < len(strict.held_against)


def most_frequent_stage(honest: TrialRows) -> str:
    names, counts = np.unique(
        honest.challenger.snapshots.life_stage.astype(str), return_counts=True
    )
    return str(names[counts.argmax()])


def with_stage_broken(tried: Tried, stage: str) -> Tried:
    """For the people of one stage the order of the products is turned round."""
    propensities = tried.propensities.copy()
    of_stage = tried.snapshots.life_stage == stage
    may = propensities[of_stage] > 0
    turned = np.where(may, 1.0 / np.maximum(propensities[of_stage], 1e-6), 0.0)
    propensities[of_stage] = turned / turned.sum(axis=1, keepdims=True)
    return replace(tried, propensities=propensities)


def test_propensities_of_takings_are_those_that_serving_gives_before_any_response(
    trained: TrainedModel, champion: Contender
) -> None:
    found = trial_rows(champion, None, least=LEAST).as_it_will_serve
    model: Model = trained.model
    for row in range(0, 20, 5):
        held = {found.snapshots.products[column] for column in found.snapshots.held[row].indices}
        served = model.propensities(found.snapshots.tokens_of(row), held)
        assert served == pytest.approx(found.propensities[row], abs=1e-9)
