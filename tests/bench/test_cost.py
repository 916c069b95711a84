"""A command's cost is its own, whatever the process that asks for it has used before."""

from __future__ import annotations

import numpy as np
import pytest

from bench.cost import cost_of


def test_the_peak_is_the_commands_and_not_that_of_who_asks() -> None:
    much = np.ones(100_000_000)  # 800 MB, all of it touched
    cost = cost_of("--help")
    assert 1 < cost.peak_mb < much.nbytes / 1e6 / 2
    assert cost.seconds > 0


def test_a_command_that_fails_is_no_measurement_and_what_it_said_is_told() -> None:
    with pytest.raises(RuntimeError, match=r"raak nonsense failed:\n(.|\n)*No such command"):
        cost_of("nonsense")
