"""The closed loop's page: each policy by its name, each world by its own course."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.closed_loop import POLICIES
from bench.loop.course import Course, Worth, mean_values
from bench.loop.page import LEARNED, NAMES, write_page


def course(*values: float, oracle: float = 1.0) -> Course:
    own = [Worth(acceptance=value / 2, value=value) for value in values]
    flat = [Worth(0.1, 0.2)] * len(own)
    policies = {policy: own if policy == LEARNED else flat for policy in POLICIES}
    return Course(policies, {}, Worth(0.01, 0.02), Worth(oracle / 2, oracle))


@given(st.lists(st.floats(0, 1), min_size=2, max_size=9))
def test_what_the_value_gains_the_regret_loses(values: list[float]) -> None:
    one = course(*values)
    gained = one.values(LEARNED)[-1] - one.values(LEARNED)[0]
    lost = one.regret(LEARNED)[0] - one.regret(LEARNED)[-1]
    assert gained == pytest.approx(lost, abs=1e-12)


def test_a_week_that_stands_still_is_no_rise() -> None:
    assert course(0.1, 0.2, 0.2, 0.3).rises(LEARNED) == 2


def test_the_mean_is_taken_week_by_week() -> None:
    assert mean_values([course(0.1, 0.3), course(0.3, 0.5)], LEARNED) == pytest.approx([0.2, 0.4])


def test_the_page_names_every_policy_and_needs_nothing_else(tmp_path: Path) -> None:
    page = tmp_path / "loop.html"
    write_page(page, [course(0.1, 0.2, 0.3), course(0.2, 0.1, 0.3)])
    text = page.read_text(encoding="utf-8")
    assert set(NAMES) == set(POLICIES)
    for name in NAMES.values():
        assert name in text
    assert "by world: 2, 1." in text
    assert "world 2: rose in 1 of 2 weeks" in text
    assert "http" not in text
