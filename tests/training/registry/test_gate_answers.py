"""Once models learn from responses, the gate looks at what they say of offers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pytest

from cli.promote import lines
from recommender.acceptance import Acceptance
from recommender.artefact import ARRAYS, MANIFEST, VOCABULARY, read_artefact, read_manifest
from recommender.catalogue import Catalogue
from tests.training.registry.conftest import NOW, QUICK, contender
from training import material
from training.artefact import Provenance, artefact_files
from training.registry import Contender, Finding, GateConfig, Verdict, judge, trial_rows
from training.registry.trial import TrialRows, Tried
from training.responses import AcceptanceConfig, Responses, ResponsesConfig, build_responses
from training.snapshots import Snapshots
from training.tables import Tables
from training.train import TrainedModel, train

LEAST = 60


@pytest.fixture(scope="module")
def champion(trained_on_answers: TrainedModel, rows: Snapshots, responses: Responses) -> Contender:
    return contender(trained_on_answers, rows, responses)


@pytest.fixture(scope="module")
def honest(champion: Contender) -> TrialRows:
    return trial_rows(champion, champion, least=LEAST)


def of_answers(verdict: Verdict) -> list[Finding]:
    return [finding for finding in verdict.findings if "answers" in finding.what]


def complaints(verdict: Verdict) -> str:
    return "\n".join(str(finding) for finding in verdict.held_against)


def turned(tried: Tried) -> Tried:
    """As a model says whose table was negated: what is taken least stands first."""
    return replace(tried, answers=replace(tried.answers, log_odds=-tried.answers.log_odds))


def negated(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The artefact with its table of acceptance negated: whole, and with the same numbers."""
    model, manifest = read_artefact(files), read_manifest(files[MANIFEST])
    accepts = model.acceptance
    assert accepts is not None
    worse = replace(model, acceptance=Acceptance(-accepts.effects, -accepts.bias))
    return artefact_files(
        worse,
        Provenance(
            manifest.created_at,
            manifest.catalogue_digest,
            manifest.data_window,
            manifest.rows,
            manifest.config,
            manifest.metrics,
        ),
    )


def test_an_honest_challenger_passes_and_its_answers_were_looked_at(honest: TrialRows) -> None:
    verdict = judge(honest)
    assert complaints(verdict) == ""
    assert [finding.what.split(" of ")[0] for finding in of_answers(verdict)] == [
        "log loss",
        "order (AUC)",
    ] * 2


@pytest.mark.parametrize("details", [True, False])
def test_whoever_promotes_is_shown_both_figures(honest: TrialRows, details: bool) -> None:
    verdict = judge(replace(honest, challenger=turned(honest.challenger)))
    shown = "\n".join(lines(verdict, details=details))
    for what in ("log loss", r"order \(AUC\)"):
        assert re.search(rf"  NO  {what} of [0-9,]+ answers, as tried, \d", shown)
        assert re.search(rf"  ok  {what} of [0-9,]+ answers, as it will serve, \d", shown)


def test_a_first_model_is_held_against_chance(champion: Contender) -> None:
    rows = trial_rows(champion, None, least=LEAST)
    verdict = judge(rows)
    assert complaints(verdict) == ""
    assert {finding.against for finding in of_answers(verdict)} == {"chance"}
    assert "chance 0.5000: must not be lower" in complaints(
        judge(replace(rows, challenger=turned(rows.challenger)))
    )


def test_a_table_negated_after_the_trial_is_refused_as_it_will_serve(
    trained_on_answers: TrainedModel, champion: Contender, rows: Snapshots, responses: Responses
) -> None:
    broken = replace(trained_on_answers, files=negated(trained_on_answers.files))
    found = judge(trial_rows(contender(broken, rows, responses), champion, least=LEAST))
    assert [finding.what for finding in found.held_against] == [
        finding.what for finding in of_answers(found) if "as it will serve" in finding.what
    ]
    assert len(found.held_against) == 2


def test_a_table_negated_in_the_trial_too_is_refused_as_tried(
    trained_on_answers: TrainedModel, champion: Contender, rows: Snapshots, responses: Responses
) -> None:
    broken = replace(
        trained_on_answers,
        files=negated(trained_on_answers.files),
        tried_files=negated(trained_on_answers.tried_files),
    )
    found = judge(trial_rows(contender(broken, rows, responses), champion, least=LEAST))
    assert found.held_against == tuple(of_answers(found))
    assert "as tried" in complaints(found)


def test_a_champion_that_is_worse_is_beaten(
    trained_on_answers: TrainedModel, champion: Contender, rows: Snapshots, responses: Responses
) -> None:
    broken = replace(trained_on_answers, tried_files=negated(trained_on_answers.tried_files))
    worse = contender(broken, rows, responses)
    assert complaints(judge(trial_rows(champion, worse, least=LEAST))) == ""


def test_what_learnt_from_shuffled_answers_orders_them_worse_and_is_refused(
    monkeypatch: pytest.MonkeyPatch,
    learn_answers: Callable[[], TrainedModel],
    champion: Contender,
    rows: Snapshots,
    responses: Responses,
) -> None:
    """What is accepted here is far from what is taken next, which is all that it can know."""

    def shuffled(tables: Tables, catalogue: Catalogue, config: ResponsesConfig) -> Responses:
        true = build_responses(tables, catalogue, config)
        return replace(true, taken=np.random.default_rng(3).permutation(true.taken))

    with monkeypatch.context() as patched:
        patched.setattr(material, "build_responses", shuffled)
        worse = contender(learn_answers(), rows, responses)
    assert worse.entry.serving().acceptance is not None
    said = complaints(judge(trial_rows(worse, champion, least=LEAST)))
    for who in ("as tried", "as it will serve"):
        assert re.search(rf"order \(AUC\) of [0-9,]+ answers, {who}, ", said)


def test_a_champion_that_learnt_from_no_response_is_compared_by_order_alone(
    trained: TrainedModel, champion: Contender, rows: Snapshots, responses: Responses
) -> None:
    plain = contender(trained, rows, responses)
    found = of_answers(judge(trial_rows(champion, plain, least=LEAST)))
    assert ["order" in finding.what for finding in found] == [True, True]
    assert all(finding.holds and finding.challenger > finding.other for finding in found)
    back = judge(trial_rows(plain, champion, least=LEAST))
    assert back.held_against == tuple(of_answers(back))


def test_without_offers_the_findings_are_what_they_were(
    trained: TrainedModel, rows: Snapshots, nothing_shown: Responses, honest: TrialRows
) -> None:
    """The takings of both banks are the same, and so is what was found of them."""
    plain = contender(trained, rows, nothing_shown)
    found = judge(trial_rows(plain, plain, least=LEAST))
    assert of_answers(found) == []
    whole = judge(honest)
    assert [one for one in whole.findings if one not in of_answers(whole)] == list(found.findings)


@pytest.mark.parametrize("few", [GateConfig(least_offers=100_000), GateConfig(least_taken=100_000)])
def test_too_few_answers_are_not_judged(honest: TrialRows, few: GateConfig) -> None:
    bad = replace(honest, challenger=turned(honest.challenger))
    assert of_answers(judge(bad))
    assert of_answers(judge(bad, few)) == []


def test_only_offers_that_neither_has_seen_and_both_know_count(
    trained_on_answers: TrainedModel, champion: Contender, rows: Snapshots, responses: Responses
) -> None:
    known = responses.take(np.arange(0, len(responses), 2))
    other = contender(trained_on_answers, rows, known)
    found = trial_rows(champion, other, least=LEAST)
    assert found.champion is not None
    ours, theirs = found.challenger.answers, found.champion.answers
    assert len(ours) == (known.moment >= found.first_day).sum() > 0
    assert (ours.account == theirs.account).all()
    assert (ours.taken == theirs.taken).all()
    assert ours.log_odds == pytest.approx(theirs.log_odds)


def test_the_tried_model_has_seen_no_answer_after_its_last_day(
    monkeypatch: pytest.MonkeyPatch,
    learn_answers: Callable[[], TrainedModel],
    trained_on_answers: TrainedModel,
    champion: Contender,
) -> None:
    """Other answers to what was shown later, or was still open then, leave it as it is."""
    tried = champion.entry.tried()
    assert tried is not None
    assert tried.acceptance is not None
    end = np.datetime64(champion.entry.tried_until() or "") + np.timedelta64(1, "D")

    def other(tables: Tables, catalogue: Catalogue, config: ResponsesConfig) -> Responses:
        true = build_responses(tables, catalogue, config)
        unknown = true.moment + np.timedelta64(config.answer_days, "D") > end
        assert unknown.any()
        return replace(true, taken=true.taken ^ unknown)

    with monkeypatch.context() as patched:
        patched.setattr(material, "build_responses", other)
        again = learn_answers()
    assert again.tried_files == trained_on_answers.tried_files
    assert again.files != trained_on_answers.files


def test_without_enough_answers_by_then_the_tried_model_is_what_it_was(
    trained: TrainedModel,
    answered: Tables,
    catalogue: Catalogue,
) -> None:
    many = QUICK.model_copy(update={"acceptance": AcceptanceConfig(least_taken=10_000)})
    plain = train(answered, catalogue, many, created_at=NOW)
    for name in (ARRAYS, VOCABULARY):
        assert plain.tried_files[name] == trained.tried_files[name]
