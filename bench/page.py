"""`python -m bench.page`: docs/performance.md, from what the last `make bench` measured."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bench.figures import OUT, number

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"

GROUPS = {
    "serving": "One worker, `wrk` with 16 connections. The floor is a bare ASGI application that "
    "does one Redis GET of an equal body. *Cached*: the answer was made before. *Computed*: every "
    "request asks for another account, so each decision is made then and there.",
    "decide": "The decision function alone, no HTTP and no Redis.",
    "events": "What people do: taken in over HTTP in a burst, folded by the worker, seen in the "
    "next answer while a quarter of the bar comes in. *Durable*: on a Redis that has each write in "
    "its file before it answers (`appendfsync always`), which measures the disk as well.",
    "events_chaos": "Workers and Redis killed again and again: each event must count exactly once.",
    "redis": "What one account takes in Valkey.",
    "world": "`raak world`: 20,000 accounts over 12 months, in a process of its own.",
    "training": "Snapshots, fit, calibration and artefact against LightFM's own `fit` on the same "
    "rows; the peak is that of `raak train`, report and baselines included.",
    "retrain": "`raak train` on twelve demo banks of 20,000 accounts, their events as the log that "
    "the worker writes: seconds from files to snapshots, and the peak of the whole run, report "
    "included.",
    "simulate": "`raak simulate` on 100,000 accounts, the demo bank's five times over. The rate "
    "counts the decisions before and after, for each second of each core once the tables are "
    "read: processes started, accounts built, decided for, counted. `decide_alone_us` is what "
    "`decide` takes of `cpu_us_per_decision`. Memory is the largest process's, at 20,000 accounts "
    "and at five times as many.",
    "replay": "Ten thousand decisions that a service showed and a worker logged, made again by "
    "`raak replay --all` in a process with another hash seed.",
    "demo_start": "`raak demo --once` in an empty folder, and again in the same.",
    "zimnat": "A real insurer, five folds of unseen customers, one held product hidden each.",
    "demo": "The demo bank, split by time; the baselines see the same rows.",
    "loop": "Eight simulated weeks of recommend, respond, retrain, on people no policy met. Bars "
    "are for the worst of three worlds, weeks are their mean: true value per offer shown. *Without "
    "responses* trains alike and never shows anything.",
    "berka": "A real Czech bank, 1993 to 1998: by time, and with one product hidden.",
    "movielens": "MovieLens 100K, the `ua` split, with identity features: LightFM through our own "
    "training code.",
    "alerts": "What recurs and what the balance will be: Berka's standing orders, found without "
    "their table; its balances 30 days ahead, with what comes from other accounts cross-fitted (a "
    "page in `bench/out/alerts.html`); the demo bank's known truth: series by period and by level "
    "of noise, shortfalls announced two days ahead or earlier, alerts of which nothing came.",
    "alerts_scale": "Transactions of 100,000 accounts over 24 months, from the files to what lies "
    "ahead of each, as `raak publish` goes; the memory is the sum of the peaks of all processes.",
}
"""What each group measures, in the order of the page."""

BASELINES = frozenset({"popularity", "life_stage_popularity", "logistic_regression", "lightgbm"})
LESS_IS_BETTER = ("log_loss", "calibration_error", "regret")
AHEAD = "▲"
ABSENT = "–"
LEGEND = (
    f"**Bold** is a bar that is missed, {AHEAD} a baseline that does better than Raak, "
    f"{ABSENT} what was not measured or does not apply."
)

Figures = Mapping[str, Mapping[str, Any]]


def page(record: Mapping[str, Any]) -> str:
    """The page for what bench.json holds."""
    figures: Figures = record["figures"]
    lines = [
        "# Performance",
        "",
        "Measured by `make bench` (`make bench ONLY=serving`: one group);",
        "this page is written by `python -m bench.page`.",
        "",
        f"Written at commit `{record['commit']}`, measured on: {record['machine']}.",
        LEGEND,
        "",
        *_missed(figures),
    ]
    for group, words in GROUPS.items():
        found = {name: figure for name, figure in figures.items() if name.startswith(f"{group}.")}
        lines += ["", f"## {group}", "", words, ""]
        lines += [*_section(found), "", _measured_at(found)] if found else ["Not measured."]
    return "\n".join(lines) + "\n"


def _missed(figures: Figures) -> Iterator[str]:
    """Every bar that is missed, so that nobody has to look for them."""
    missed = [name for name, figure in figures.items() if not figure["holds"]]
    yield f"Bars missed: {', '.join(missed)}." if missed else "No bar is missed."


def _measured_at(figures: Figures) -> str:
    """The commits that a section's figures were measured at; older files do not tell."""
    commits = dict.fromkeys(figure.get("commit", "unknown") for figure in figures.values())
    return "Measured at " + ", ".join(f"`{commit}`" for commit in commits) + "."


def _section(figures: Figures) -> Iterator[str]:
    """A table with a line for each figure, or for each scorer where several are compared."""
    compared = {_scorer(name) for name in figures}
    return _comparison(figures) if len(compared) > 1 else _list(figures)


def _list(figures: Figures) -> Iterator[str]:
    yield "| figure | value | bar |"
    yield "|---|---:|---:|"
    for name, figure in figures.items():
        bar = "" if figure["bar"] is None else number(figure["bar"])
        yield f"| {name} | {_cell(figure)} {figure['unit']} | {bar} |"


def _comparison(figures: Figures) -> Iterator[str]:
    metrics = list(dict.fromkeys(name.rpartition(".")[2] for name in figures))
    yield "| | " + " | ".join(metric.replace("_", " ") for metric in metrics) + " |"
    yield "|---|" + "---:|" * len(metrics)
    bars = {name.rpartition(".")[2]: figure for name, figure in figures.items() if figure["bar"]}
    group = next(iter(figures)).partition(".")[0]
    for scorer in dict.fromkeys(_scorer(name) for name in figures):
        prefix = f"{group}.{scorer}." if scorer else f"{group}."
        cells = (
            _cell(figures.get(prefix + metric)) + _mark(figures, group, scorer, metric)
            for metric in metrics
        )
        yield f"| {scorer.replace('_', ' ') or 'Raak'} | " + " | ".join(cells) + " |"
    if bars:
        cells = (number(bars[metric]["bar"]) if metric in bars else "" for metric in metrics)
        yield "| *bar for Raak* | " + " | ".join(cells) + " |"


def _scorer(name: str) -> str:
    """`time.popularity` of `berka.time.popularity.hit_at_1`; empty for our own figures."""
    return ".".join(name.split(".")[1:-1])


def _mark(figures: Figures, group: str, scorer: str, metric: str) -> str:
    """AHEAD where a baseline's figure is better than ours under the same conditions."""
    conditions = [part for part in scorer.split(".") if part and part not in BASELINES]
    theirs = figures.get(f"{group}.{scorer}.{metric}")
    ours = figures.get(".".join([group, *conditions, metric]))
    if scorer.split(".") == conditions or theirs is None or ours is None:
        return ""
    sign = -1 if metric.startswith(LESS_IS_BETTER) else 1
    return f" {AHEAD}" if sign * theirs["value"] > sign * ours["value"] else ""


def _cell(figure: Mapping[str, Any] | None) -> str:
    if figure is None:
        return ABSENT
    value = number(figure["value"])
    return value if figure["holds"] else f"**{value}**"


if __name__ == "__main__":
    PAGE.write_text(page(json.loads((OUT / "bench.json").read_text())), encoding="utf-8")
