from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.__main__ import run
from bench.figures import (
    Figure,
    Skipped,
    at_least,
    at_most,
    measured,
    shared_data,
    table,
    write_figures,
)

numbers = st.floats(allow_nan=False, allow_infinity=False)


@given(numbers, numbers)
def test_a_figure_holds_on_the_right_side_of_its_bar(value: float, bar: float) -> None:
    assert at_least("x", value, "ms", bar).holds == (value >= bar)
    assert at_most("x", value, "ms", bar).holds == (value <= bar)
    assert measured("x", value, "ms").holds


def test_the_file_has_the_agreed_shape(tmp_path: Path) -> None:
    write_figures(tmp_path / "bench.json", [at_least("a.b", 3, "rps", 2)], merge=False)
    written = json.loads((tmp_path / "bench.json").read_text())
    assert written.keys() == {"commit", "machine", "figures"}
    assert written["figures"] == {
        "a.b": {
            "value": 3.0,
            "unit": "rps",
            "bar": 2.0,
            "holds": True,
            "commit": written["commit"],
        }
    }


def test_a_figure_that_is_kept_keeps_the_commit_it_was_measured_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "bench.json"
    monkeypatch.setattr("bench.figures.commit", lambda: "old")
    write_figures(path, [measured("a", 1, "s"), measured("b", 1, "s")], merge=False)
    monkeypatch.setattr("bench.figures.commit", lambda: "new")
    write_figures(path, [measured("b", 2, "s")], merge=True)
    figures = json.loads(path.read_text())["figures"]
    assert {name: figure["commit"] for name, figure in figures.items()} == {"a": "old", "b": "new"}


def test_merging_keeps_other_figures_and_replaces_its_own(tmp_path: Path) -> None:
    path = tmp_path / "bench.json"
    write_figures(path, [measured("a", 1, "s"), measured("b", 1, "s")], merge=False)
    write_figures(path, [measured("b", 2, "s")], merge=True)
    figures = json.loads(path.read_text())["figures"]
    assert {name: figure["value"] for name, figure in figures.items()} == {"a": 1.0, "b": 2.0}


def test_a_truncated_file_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "bench.json"
    path.write_text('{"figures": {')
    write_figures(path, [measured("a", 1, "s")], merge=True)
    assert list(json.loads(path.read_text())["figures"]) == ["a"]


def test_the_table_shows_each_name_value_and_verdict() -> None:
    text = table([at_least("serving.rps", 35_400, "rps", 40_000), measured("x", 0.5, "share")])
    assert "35,400" in text
    assert "FAILS" in text
    assert len(text.splitlines()) == 2


def test_absent_shared_data_is_a_reason_to_skip(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("RAAK_SHARED_DATA", str(tmp_path))
    with pytest.raises(Skipped, match="zimnat"):
        shared_data("zimnat")


def test_a_skipped_or_broken_group_does_not_cost_the_others_figures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def skips() -> Iterable[Figure]:
        raise Skipped("no wrk")

    def breaks() -> Iterable[Figure]:
        raise ZeroDivisionError

    def works() -> Iterable[Figure]:
        yield measured("demo.x", 1, "s")

    groups: dict[str, Callable[[], Iterable[Figure]]] = {
        "serving": skips,
        "decide": breaks,
        "demo": works,
    }
    path = tmp_path / "bench.json"
    assert run(groups, groups.__getitem__, path, merge=False) == ["decide"]
    assert list(json.loads(path.read_text())["figures"]) == ["demo.x"]
    assert "skipped: no wrk" in capsys.readouterr().out
