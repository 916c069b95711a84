"""The closed loop as a page: the course of each policy, its regret, and every world by itself."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes

from bench.loop.course import Course, mean_values
from training.report.svg import FAINT, INK, SERIES, TRIAL, drawing, inline

STYLE = """:root{--page:#fbfbf9;--ink:#1d2327;--quiet:#5b656d;--faint:#a9b1b7;--line:#dfe3e6;
--panel:#fff;--trial:#0b6e6e;--series-1:#4a5fb5;--series-2:#b4531a;--series-3:#7a4a8f}
@media(prefers-color-scheme:dark){:root{--page:#14181b;--ink:#e6eaec;--quiet:#9da8af;
--faint:#5f6b73;--line:#2b3338;--panel:#1b2125;--trial:#4fc3bd;--series-1:#93a5f3;
--series-2:#f0955a;--series-3:#cf9be3}}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.55 system-ui,sans-serif}
main{max-width:56rem;margin:0 auto;padding:1.5rem 1rem 4rem}h1{font-size:1.6rem;margin:0}
h2{font-size:1.2rem;margin:2.5rem 0 .25rem}p{max-width:46rem;margin:.4rem 0}
.quiet{color:var(--quiet)}
.headline{border-left:4px solid var(--trial);background:var(--panel);padding:.75rem 1rem;
margin:1.25rem 0;font-size:1.08rem}svg{width:100%;height:auto;margin-top:.5rem}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.92rem;
font-variant-numeric:tabular-nums}th,td{text-align:right;padding:.35rem .6rem;
border-bottom:1px solid var(--line)}th{font-weight:500}th:first-child{text-align:left}
.trial{color:var(--trial);font-weight:700}"""

WORTH = (
    "What an offer to the panel is truly worth: the chance that it is accepted, times the "
    "catalogue's value. Nobody on the panel has ever been shown anything."
)
REGRET = (
    "What knowing the truth would be worth more. Part of it nobody can learn: whims, and what "
    "people have in mind without having looked at it."
)
CLOSE_UP = "The policy that learns from responses beside the same one that never shows anything."

LEARNED = "learned"
NAMES = {
    LEARNED: "learned",
    "without_responses": "learned, nothing ever shown",
    "life_stage_popularity": "popularity in life stage",
    "life_stage_acceptance": "acceptance in life stage",
}
COLOURS = dict(zip(NAMES, (TRIAL, *SERIES), strict=False))
MARKERS = dict(zip(NAMES, "osD^", strict=True))
WORLD_WIDTH, HEIGHT = 3.0, 3.6
ROOM_FOR_NAMES = 3.4
"""Weeks to the right of the last one, where the lines are named."""


def write_page(path: Path, courses: Sequence[Course]) -> None:
    """A page of its own that needs nothing else."""
    parts = [
        _headline(courses),
        f"<h2>Value per offer</h2><p class=quiet>{WORTH}</p>",
        _course(courses),
        f"<h2>Regret</h2><p class=quiet>{REGRET}</p>",
        _regret(courses),
        f"<h2>World by world</h2><p class=quiet>{CLOSE_UP}</p>",
        _worlds(courses),
        "<h2>In figures</h2>",
        _table(courses),
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" '
        'content="width=device-width, initial-scale=1"><meta name="color-scheme" '
        f'content="light dark"><title>The closed loop</title><style>{STYLE}</style>'
        f"<main><h1>The closed loop</h1>{''.join(parts)}</main></html>\n",
        encoding="utf-8",
    )


def _headline(courses: Sequence[Course]) -> str:
    own, popular = (mean_values(courses, name) for name in (LEARNED, "life_stage_popularity"))
    weeks = len(own) - 1
    rises = ", ".join(str(course.rises(LEARNED)) for course in courses)
    return (
        f"<p class=headline>After {weeks} weeks of recommend, respond and retrain an offer is "
        f"worth {own[-1] / own[0] - 1:.1%} more than before them, and {own[-1] / popular[-1]:.2f} "
        f"times what popularity within life stage makes of it.</p><p class=quiet>Mean of "
        f"{len(courses)} worlds. Weeks of {weeks} in which it rose, by world: {rises}.</p>"
    )


def _course(courses: Sequence[Course]) -> Markup:
    with drawing(8, HEIGHT, "course") as figure:
        axes = figure.subplots()
        ends = {}
        for policy, name in NAMES.items():
            heights = mean_values(courses, policy)
            _line(axes, policy, heights)
            ends[name] = (heights[-1], COLOURS[policy])
        for name in ("oracle", "random"):
            height = float(np.mean([getattr(course, name).value for course in courses]))
            last = len(heights) - 1
            axes.hlines(height, 0, last, color=FAINT, linestyle=(0, (4, 3)), linewidth=1.2)
            ends[name] = (height, INK)
        axes.set_ylim(bottom=0)
        _name_lines(axes, ends, len(heights) - 1)
        return inline(figure, "Line plot of value per offer by week, for each policy.")


def _regret(courses: Sequence[Course]) -> Markup:
    with drawing(8, HEIGHT, "regret") as figure:
        axes = figure.subplots()
        ends = {}
        for policy, name in NAMES.items():
            heights = np.mean([course.regret(policy) for course in courses], axis=0).tolist()
            _line(axes, policy, heights)
            ends[name] = (heights[-1], COLOURS[policy])
        axes.set_ylim(bottom=0)
        _name_lines(axes, ends, len(heights) - 1)
        return inline(figure, "Line plot of regret per offer by week, for each policy.")


def _worlds(courses: Sequence[Course]) -> Markup:
    """Close up: the two that learn alike, in every world."""
    with drawing(WORLD_WIDTH * len(courses), HEIGHT, "worlds") as figure:
        panels = figure.subplots(1, len(courses), squeeze=False)[0]
        for number, (axes, course) in enumerate(zip(panels, courses, strict=True), start=1):
            for policy in (LEARNED, "without_responses"):
                _line(axes, policy, course.values(policy))
            weeks = len(course.values(LEARNED)) - 1
            rose = f"world {number}: rose in {course.rises(LEARNED)} of {weeks} weeks"
            axes.set_title(rose, loc="left", fontsize=10)
            axes.set_xlabel("week")
        return inline(figure, "Line plots of value per offer by week, for each world.")


def _line(axes: Axes, policy: str, heights: Sequence[float]) -> None:
    learned = policy == LEARNED
    axes.plot(
        range(len(heights)),
        heights,
        color=COLOURS[policy],
        marker=MARKERS[policy],
        markersize=5 if learned else 3.5,
        linewidth=2.2 if learned else 1.3,
    )


def _name_lines(axes: Axes, ends: dict[str, tuple[float, str]], last: int) -> None:
    """Each line's name at its end, in its colour, pushed apart where two would overlap."""
    axes.set_xlim(-0.2, last + ROOM_FOR_NAMES)
    axes.set_xticks(range(last + 1))
    axes.set_xlabel("weeks of responses")
    gap = 0.075 * axes.get_ylim()[1]
    at = -gap
    for name, (height, colour) in sorted(ends.items(), key=lambda one: one[1][0]):
        at = max(height, at + gap)
        axes.text(last + 0.3, at, name, color=colour, va="center", fontsize=9.5)


def _table(courses: Sequence[Course]) -> str:
    """Means over the worlds, by week."""
    rows = {name: mean_values(courses, policy) for policy, name in NAMES.items()}
    weeks = range(len(rows[NAMES[LEARNED]]))
    head = "".join(f"<th>{'week ' if not week else ''}{week}</th>" for week in weeks)
    body = "".join(
        f"<tr{' class=trial' if name == NAMES[LEARNED] else ''}><th>{name}</th>"
        + "".join(f"<td>{height:.4f}</td>" for height in heights)
        + "</tr>"
        for name, heights in rows.items()
    )
    return f"<div class=wide><table><tr><th></th>{head}</tr>{body}</table></div>"
