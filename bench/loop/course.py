"""How the policies fared, week by week, and a page that shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from markupsafe import Markup

from training.report.svg import FAINT, SERIES, TRIAL, drawing, inline

STYLE = """:root{--page:#fbfbf9;--ink:#1d2327;--faint:#a9b1b7;--trial:#0b6e6e;--series-1:#b4531a;
--series-2:#4a5fb5}@media(prefers-color-scheme:dark){:root{--page:#14181b;--ink:#e6eaec;
--faint:#5f6b73;--trial:#4fc3bd;--series-1:#f0955a;--series-2:#93a5f3}}
body{margin:2rem auto;max-width:46rem;padding:0 1rem;background:var(--page);color:var(--ink);
font:16px/1.55 system-ui,sans-serif}"""


@dataclass(frozen=True)
class Worth:
    """Means per offer shown: acceptance alone, and times the catalogue's value."""

    acceptance: float
    value: float


@dataclass(frozen=True)
class Course:
    """The worth of each policy on the panel after each week; of random and oracle, once."""

    policies: dict[str, list[Worth]]
    live: dict[str, list[Worth]]
    """What was shown in each week was worth, exploration included."""
    random: Worth
    oracle: Worth


def write_page(path: Path, courses: Sequence[Course]) -> None:
    """A page of its own: value per offer and regret, as the mean over the worlds."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>The closed loop</title>'
        f"<style>{STYLE}</style><h1>The closed loop</h1><p>True acceptance times the catalogue's "
        f"value per offer shown to a fixed panel, mean of {len(courses)} worlds.</p>"
        f"{_plot(courses, regret=False)}{_plot(courses, regret=True)}</html>\n",
        encoding="utf-8",
    )


def _plot(courses: Sequence[Course], *, regret: bool) -> Markup:
    oracle = float(np.mean([course.oracle.value for course in courses]))
    title = "regret against the oracle" if regret else "value per offer"
    with drawing(7, 3.4, title) as figure:
        axes = figure.subplots()
        for (name, own), colour in zip(_means(courses).items(), (TRIAL, *SERIES), strict=False):
            heights = oracle - own if regret else own
            axes.plot(range(len(own)), heights, color=colour, marker="o", label=name)
        if not regret:
            axes.axhline(oracle, color=FAINT, label="oracle")
        axes.set_xlabel("weeks of responses")
        axes.set_title(title, loc="left", fontsize=10)
        axes.set_ylim(bottom=0)
        axes.legend()
        return inline(figure, f"Line plot of {title} by week, for each policy.")


def _means(
    courses: Sequence[Course],
) -> dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float64]]]:
    """By policy, (weeks + 1,)."""
    return {
        name: np.mean([[one.value for one in course.policies[name]] for course in courses], axis=0)
        for name in courses[0].policies
    }
