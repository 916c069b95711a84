"""bench/out/alerts.html: the reliability curve and the coverage by day, one file, no requests."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from recommender.money.rhythm import Floats
from training.evaluation.reliability import equal_mass_bins
from training.report.svg import FAINT, INK, SERIES, TRIAL, drawing, inline

BINS = 10
STYLE = """:root{--ink:#1c1c22;--faint:#8a8a96;--trial:#0b5fa5;
--series-1:#b4530a;--series-2:#3d7d3a;
--series-3:#7a4fa3;--series-4:#a03050;--series-5:#5a6472;background:#fff;color:var(--ink)}
@media(prefers-color-scheme:dark){:root{--ink:#e8e8ee;--faint:#8f8f9c;--trial:#6db3f2;
--series-1:#f0a060;--series-2:#8fce8a;--series-3:#c4a0e8;--series-4:#f090a8;--series-5:#a8b4c4;
background:#16161a}}body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;
padding:0 1rem}svg{width:100%;max-width:34rem;height:auto}section{margin:2rem 0}
table{border-collapse:collapse}td,th{padding:.2rem .8rem;text-align:right}"""


def write_page(
    path: Path, chance: Floats, fell: Floats, covered: Floats, shares: Sequence[float]
) -> None:
    """`chance` and `fell` (cases,); `covered` (cases, days, shares)."""
    promised, came, count = curve(chance, fell)
    rows = "".join(
        f"<tr><td>{one:.3f}</td><td>{other:.3f}</td><td>{many}</td></tr>"
        for one, other, many in zip(promised, came, count, strict=True)
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Balances ahead</title>'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<style>{STYLE}</style><h1>Balances ahead, on Berka</h1>"
        f"<p>{len(chance):,} outlooks of 30 days, each from what was known on its day; what they "
        "have from other accounts was fitted on the other half of them.</p>"
        "<section><h2>Falls below 10,000 within 30 days</h2>"
        f"{_reliability(promised, came)}<table><tr><th>promised</th><th>came</th><th>outlooks</th>"
        f"</tr>{rows}</table></section><section><h2>Intervals that hold, by day</h2>"
        f"{_coverage(covered, shares)}</section></html>\n",
        encoding="utf-8",
    )


def curve(chance: Floats, fell: Floats) -> tuple[Floats, Floats, list[int]]:
    """Mean chance, share that fell and number of cases, by bins of equally many cases that are
    not all but certain to stay above.
    """
    place = np.zeros(len(chance), np.intp)
    likely = chance >= 1 / 100
    place[likely] = 1 + equal_mass_bins(chance[likely], BINS)
    count = np.bincount(place)
    full = count > 0
    promised = np.bincount(place, chance)[full] / count[full]
    came = np.bincount(place, fell)[full] / count[full]
    return promised, came, count[full].tolist()


def _reliability(promised: Floats, came: Floats) -> str:
    with drawing(4.8, 4.2, "balance reliability") as figure:
        axes = figure.subplots()
        axes.plot([0, 1], [0, 1], color=FAINT, linewidth=1.2, linestyle=(0, (4, 3)))
        axes.plot(promised, came, marker="o", color=TRIAL, linewidth=1.8)
        axes.set_xlabel("chance promised")
        axes.set_ylabel("share that fell below")
        worst = int(np.abs(promised - came).argmax())
        return str(
            inline(
                figure,
                f"Reliability curve; farthest from the diagonal where {promised[worst]:.2f} was "
                f"promised and {came[worst]:.2f} came.",
            )
        )


def _coverage(covered: Floats, shares: Sequence[float]) -> str:
    by_day = covered.mean(axis=0)
    days = np.arange(1, len(by_day) + 1)
    with drawing(6.4, 4.2, "balance coverage") as figure:
        axes = figure.subplots()
        for place, share in enumerate(shares):
            axes.axhspan(share - 0.03, share + 0.03, color=FAINT, alpha=0.25, linewidth=0)
            axes.plot(days, by_day[:, place], color=SERIES[place], label=f"{share:.0%}")
        axes.set_ylim(0.3, 1)
        axes.set_xlabel("day of the outlook")
        axes.set_ylabel("share inside the interval")
        axes.legend(loc="lower right", fontsize=9)
        axes.tick_params(colors=INK)
        told = ", ".join(
            f"{share:.0%}: {by_day[:, place].mean():.3f}" for place, share in enumerate(shares)
        )
        return str(inline(figure, f"Coverage of the central intervals by day. Mean {told}."))
