"""The performance page says what was measured, and does not hide a bar that is missed."""

from __future__ import annotations

import pytest

from bench.__main__ import GROUPS as MEASURED
from bench.page import GROUPS, page


def record(**figures: dict[str, object]) -> dict[str, object]:
    named = {name.replace("__", "."): figure for name, figure in figures.items()}
    return {"commit": "abc123", "machine": "a machine", "figures": named}


def figure(
    value: float, bar: float | None = None, *, holds: bool = True, commit: str = "abc123"
) -> dict[str, object]:
    return {"value": value, "unit": "ms", "bar": bar, "holds": holds, "commit": commit}


def test_the_page_names_commit_and_machine() -> None:
    assert "commit `abc123`, measured on: a machine" in page(record())


def test_figures_of_one_kind_are_a_list_with_their_bars() -> None:
    made = page(record(serving__cached_p99_ms=figure(3.25, 5)))
    assert "| serving.cached_p99_ms | 3.25 ms | 5 |" in made


def test_a_missed_bar_is_bold() -> None:
    made = page(record(serving__cached_p99_ms=figure(7.5, 5, holds=False)))
    assert "**7.5** ms" in made


def test_missed_bars_are_named_at_the_top_too() -> None:
    made = page(
        record(
            serving__cached_p99_ms=figure(7.5, 5, holds=False), serving__held_p50_ms=figure(1, 2)
        )
    )
    assert "Bars missed: serving.cached_p99_ms." in made
    assert "No bar is missed." in page(record())


def test_a_group_without_figures_is_said_not_to_be_measured() -> None:
    made = page(record(serving__cached_p99_ms=figure(3)))
    assert made.count("Not measured.") == len(GROUPS) - 1


def test_every_group_of_the_benchmark_has_its_section() -> None:
    assert set(GROUPS) == set(MEASURED)


def test_figures_kept_from_an_older_commit_say_so() -> None:
    made = page(record(serving__a=figure(1, commit="old"), serving__b=figure(1, commit="new")))
    assert "Measured at `old`, `new`." in made


def test_figures_of_before_commits_were_kept_are_of_an_unknown_one() -> None:
    bare = {key: value for key, value in figure(1).items() if key != "commit"}
    assert "Measured at `unknown`." in page(record(serving__a=bare))


@pytest.mark.parametrize(
    ("metric", "better", "worse"),
    [("hit_at_1", 0.6, 0.4), ("log_loss", 1.0, 2.0), ("calibration_error", 0.01, 0.1)],
)
def test_a_baseline_that_does_better_is_marked(metric: str, better: float, worse: float) -> None:
    ours = {f"berka__time__{metric}": figure(0.5 if metric == "hit_at_1" else better * 1.5)}
    ahead = page(record(**ours, **{f"berka__time__popularity__{metric}": figure(better)}))
    behind = page(record(**ours, **{f"berka__time__popularity__{metric}": figure(worse)}))
    assert "▲ |" in ahead
    assert "▲ |" not in behind


def test_a_baseline_is_compared_with_us_under_the_same_conditions() -> None:
    made = page(
        record(
            movielens__auc=figure(0.5),
            movielens__train_removed__auc=figure(0.9),
            movielens__popularity__train_removed__auc=figure(0.7),
        )
    )
    assert "| popularity.train removed | 0.7 |" in made


def test_what_one_scorer_lacks_is_shown_as_not_measured() -> None:
    made = page(
        record(
            zimnat__hit_at_1=figure(0.8),
            zimnat__log_loss=figure(0.3),
            zimnat__popularity__hit_at_1=figure(0.7),
        )
    )
    assert "| popularity | 0.7 | – |" in made


def test_baselines_stand_below_raak_in_the_same_columns() -> None:
    made = page(
        record(zimnat__hit_at_1=figure(0.875, 0.872), zimnat__popularity__hit_at_1=figure(0.772))
    )
    assert "| | hit at 1 |" in made
    assert "| Raak | 0.875 |\n| popularity | 0.772 |\n| *bar for Raak* | 0.872 |" in made
