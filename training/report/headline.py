"""The result in words, as one would tell it to a colleague."""

from __future__ import annotations

from training.evaluation import Estimate, View

LABELS = {
    "hybrid": "Raak hybrid",
    "popularity": "popularity",
    "life_stage_popularity": "popularity within life stage",
    "logistic_regression": "logistic regression",
    "lightgbm": "LightGBM",
}


def label(scorer: str) -> str:
    """The name people read; a scorer without one is called by its key."""
    return LABELS.get(scorer, scorer.replace("_", " "))


def headline(view: View) -> tuple[str, ...]:
    """Three or four sentences about one view: accuracy, against whom, calibration, variety."""
    trial = view.metrics[view.trial]
    accuracy = (
        f"Tried on {view.name}, {view.rows:,} cases of {view.accounts:,} accounts: in "
        f"{_hundred(trial.hit_at_1)} of 100 the product that the person took next came first, and "
        f"in {_hundred(trial.hit_at_3)} it was among the first three."
    )
    calibration = (
        f"Its propensities are {trial.calibration_error.value * 100:.1f} percentage points off "
        "on average, and "
        f"{trial.coverage_at_3:.0%} of the catalogue reaches somebody's first three."
    )
    return (accuracy, *([_comparison(view)] if view.gains else []), calibration)


def _hundred(estimate: Estimate) -> str:
    return f"{estimate.value * 100:.0f}"


def _comparison(view: View) -> str:
    """Which baselines nDCG@5 puts below, level with and above the scorer on trial.

    Judged by the paired interval of the difference: level when it contains 0.
    """
    below = [key for key, gain in view.gains.items() if gain.low > 0]
    above = [key for key, gain in view.gains.items() if gain.high < 0]
    level = [key for key in view.gains if key not in (*below, *above)]
    parts = [
        f"{verb} {_and([f'{label(key)} ({_points(view.gains[key])})' for key in keys])}"
        for verb, keys in (("is ahead of", below), ("is level with", level), ("is behind", above))
        if keys
    ]
    return f"By nDCG@5 the {label(view.trial)} {_and(parts)}."


def _points(gain: Estimate) -> str:
    words = f"{gain.value:+.3f}, interval {gain.low:+.3f} to {gain.high:+.3f}"
    return words.replace("-", "\N{MINUS SIGN}")


def _and(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
