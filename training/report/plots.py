"""The report's plots. Each returns an inline SVG whose alt text says what the plot shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes

from training.evaluation import Estimate, View
from training.report.headline import label
from training.report.neighbours import Neighbours
from training.report.svg import FAINT, INK, LOWERS, RAISES, SERIES, TRIAL, drawing, inline
from training.responses import ResponseWeek

STAGES_SHOWN = 14
COMPARED = ("hybrid", "lightgbm", "life_stage_popularity")
TOKENS_SHOWN = 48
LEAST_WEEKS = 2
WEEKS_NAMED = 9
MARKERS = ("o", "s", "^", "D", "v")


def accuracy(view: View, metric: str, heading: str) -> Markup:
    """One metric of each scorer as bars, with intervals."""
    keys = list(view.metrics)
    estimates = [getattr(view.metrics[key], metric) for key in keys]
    with drawing(4.8, 0.6 + 0.34 * len(keys), f"{metric} {view.name}") as figure:
        _bars(figure.subplots(), heading, keys, estimates)
        values = "; ".join(
            f"{label(key)} {one.value:.3f}" for key, one in zip(keys, estimates, strict=True)
        )
        return inline(figure, f"Bar plot of {heading}, {view.name}: {values}.")


def _bars(axes: Axes, title: str, keys: Sequence[str], estimates: Sequence[Estimate]) -> None:
    places = np.arange(len(keys))[::-1]
    colours = [TRIAL, *[FAINT] * (len(keys) - 1)]
    axes.barh(places, [one.value for one in estimates], color=colours, height=0.66)
    axes.errorbar(
        [one.value for one in estimates],
        places,
        xerr=_arms(estimates),
        fmt="none",
        ecolor=INK,
        elinewidth=1.2,
        capsize=2.5,
    )
    for place, one in zip(places, estimates, strict=True):
        axes.annotate(
            f"{one.value:.3f}",
            (one.high, place),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            fontsize=9,
        )
    axes.set_yticks(places, [label(key) for key in keys])
    axes.set_xlim(0, max(one.high for one in estimates) * 1.15)
    axes.set_title(title, fontsize=10, loc="left")
    axes.grid(visible=False, axis="y")
    axes.tick_params(axis="y", length=0)


def _arms(estimates: Sequence[Estimate]) -> list[list[float]]:
    """Lengths of the interval's two arms, as matplotlib wants them."""
    return [
        [max(one.value - one.low, 0.0) for one in estimates],
        [max(one.high - one.value, 0.0) for one in estimates],
    ]


def reliability(view: View) -> Markup:
    """Promised against taken, over all products, for the scorer on trial and its peers."""
    keys = [key for key in (view.trial, "logistic_regression", "lightgbm") if key in view.curves]
    with drawing(4.8, 4.2, f"reliability {view.name}") as figure:
        axes = figure.subplots()
        top = max(
            float(max(view.curves[key].promised.max(), view.curves[key].taken.max()))
            for key in keys
        )
        axes.plot([0, top], [0, top], color=FAINT, linewidth=1.2, linestyle=(0, (4, 3)))
        for number, key in enumerate(keys):
            curve = view.curves[key]
            axes.plot(
                curve.promised,
                curve.taken,
                marker=MARKERS[number],
                markersize=5 if number == 0 else 4,
                linewidth=1.8 if number == 0 else 1.1,
                color=TRIAL if number == 0 else SERIES[number - 1],
                label=label(key),
                zorder=3 if number == 0 else 2,
            )
        axes.set_xlabel("propensity promised")
        axes.set_ylabel("share taken")
        axes.legend(loc="upper left", fontsize=9)
        curve = view.curves[view.trial]
        worst = int(np.abs(curve.taken - curve.promised).argmax())
        return inline(
            figure,
            f"Reliability curve, {view.name}. The {label(view.trial)} is farthest from the "
            f"diagonal where it promises {curve.promised[worst]:.2f}: {curve.taken[worst]:.2f} "
            "are taken.",
        )


def life_stages(view: View) -> Markup:
    """nDCG@5 by life stage, the most frequent stages first."""
    stages = view.stages[:STAGES_SHOWN]
    keys = [key for key in view.metrics if key in (view.trial, *COMPARED)]
    with drawing(4.8, 1.0 + 0.42 * len(stages), f"stages {view.name}") as figure:
        axes = figure.subplots()
        places = np.arange(len(stages))[::-1]
        for number, key in enumerate(keys):
            estimates = [stage.ndcg_at_5[key] for stage in stages]
            axes.errorbar(
                [one.value for one in estimates],
                places + 0.2 * (len(keys) - 1) / 2 - 0.2 * number,
                xerr=_arms(estimates),
                fmt=MARKERS[number],
                color=TRIAL if number == 0 else SERIES[number - 1],
                markersize=5,
                elinewidth=1.2,
                label=label(key),
            )
        axes.set_yticks(places, [f"{stage.name} ({stage.rows:,})" for stage in stages])
        axes.set_xlabel("nDCG@5")
        axes.grid(visible=False, axis="y")
        axes.tick_params(axis="y", length=0)
        figure.legend(loc="outside upper left", ncols=1, fontsize=9)
        values = "; ".join(
            f"{stage.name} {stage.ndcg_at_5[view.trial].value:.2f}" for stage in stages
        )
        return inline(
            figure, f"nDCG@5 of the {label(view.trial)} by life stage, {view.name}: {values}."
        )


def responses(weeks: Sequence[ResponseWeek]) -> Markup | None:
    """Value per offer shown, by week; None when there are too few weeks for a course."""
    if len(weeks) < LEAST_WEEKS:
        return None
    estimates = [week.value for week in weeks]
    with drawing(6.4, 2.9, "responses") as figure:
        axes = figure.subplots()
        axes.errorbar(
            range(len(weeks)),
            [one.value for one in estimates],
            yerr=_arms(estimates),
            fmt="o-",
            color=TRIAL,
            markersize=4,
            elinewidth=1.2,
        )
        axes.set_ylim(bottom=0)
        named = range(0, len(weeks), -(-len(weeks) // WEEKS_NAMED))
        axes.set_xticks(named, [f"{weeks[place].monday:%d %b}" for place in named])
        first, last = weeks[0], weeks[-1]
        return inline(
            figure,
            f"Line plot of value per offer shown by week: {first.value.value:.3f} in the week of "
            f"{first.monday}, {last.value.value:.3f} in that of {last.monday}.",
        )


def life_context(tokens: Sequence[Neighbours], titles: Mapping[str, str]) -> Markup | None:
    """A map of life context against products; None when there is no such token.

    Raised and lowered have a colour each, deeper the stronger, so that it reads on any ground.
    """
    shown = [token for token in tokens if token.is_life_context][:TOKENS_SHOWN]
    if not shown:
        return None
    products = [lift.product_id for lift in shown[0].lifts]
    lifts = np.array([[lift.log_odds for lift in token.lifts] for token in shown])
    strength = np.clip(np.abs(lifts) / max(float(np.quantile(np.abs(lifts), 0.99)), 1e-9), 0, 1)
    pixels = np.where(lifts[..., None] > 0, RAISES, LOWERS)
    with drawing(8.6, 2.2 + 0.17 * len(shown), "life context") as figure:
        axes = figure.subplots()
        axes.imshow(np.dstack([pixels, strength]), aspect="auto", interpolation="nearest")
        axes.set_xticks(
            range(len(products)), [titles[key] for key in products], rotation=90, fontsize=8
        )
        axes.set_yticks(range(len(shown)), [token.token for token in shown], fontsize=8)
        axes.tick_params(length=0)
        axes.grid(visible=False)
        return inline(figure, _strongest(shown, titles))


def _strongest(tokens: Sequence[Neighbours], titles: Mapping[str, str]) -> str:
    best = sorted(tokens, key=lambda token: -token.raises[0].log_odds)[:4]
    words = "; ".join(
        f"{token.token} raises {titles[token.raises[0].product_id]} by "
        f"{token.raises[0].log_odds:.1f}"
        for token in best
    )
    return f"Map of life context against products, in log-odds. Strongest: {words}."
