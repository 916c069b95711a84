"""The performance page says what was measured, and does not hide a bar that is missed."""

from __future__ import annotations

from bench.page import page


def record(**figures: dict[str, object]) -> dict[str, object]:
    named = {name.replace("__", "."): figure for name, figure in figures.items()}
    return {"commit": "abc123", "machine": "a machine", "figures": named}


def figure(value: float, bar: float | None = None, *, holds: bool = True) -> dict[str, object]:
    return {"value": value, "unit": "ms", "bar": bar, "holds": holds}


def test_the_page_names_commit_and_machine() -> None:
    assert "commit `abc123` on: a machine" in page(record())


def test_figures_of_one_kind_are_a_list_with_their_bars() -> None:
    made = page(record(serving__cached_p99_ms=figure(3.25, 5)))
    assert "| serving.cached_p99_ms | 3.25 ms | 5 |" in made


def test_a_missed_bar_is_bold() -> None:
    made = page(record(serving__cached_p99_ms=figure(7.5, 5, holds=False)))
    assert "**7.5** ms" in made


def test_baselines_stand_below_raak_in_the_same_columns() -> None:
    made = page(
        record(zimnat__hit_at_1=figure(0.875, 0.872), zimnat__popularity__hit_at_1=figure(0.772))
    )
    assert "| | hit at 1 |" in made
    assert "| Raak | 0.875 |\n| popularity | 0.772 |\n| *bar for Raak* | 0.872 |" in made
