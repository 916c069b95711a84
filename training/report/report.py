"""The training report: one HTML file that needs nothing else, to read and to mail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from training.evaluation import Estimate, View
from training.report import plots
from training.report.headline import headline, label
from training.report.neighbours import Neighbours
from training.responses import ResponseWeek

METRICS = (
    ("hit_at_1", "hit@1", "higher"),
    ("hit_at_3", "hit@3", "higher"),
    ("ndcg_at_5", "nDCG@5", "higher"),
    ("map_at_7", "MAP@7", "higher"),
    ("log_loss", "log loss", "lower"),
    ("calibration_error", "calibration error", "lower"),
)
"""Field of Metrics, its heading, and which way is better."""

DOUBTFUL_Z = 3.0
"""A product whose takings are this many standard deviations off its promises is marked."""


@dataclass(frozen=True)
class Report:
    """All that the page shows. The first view is the one the headline speaks of."""

    version: str
    catalogue: str
    created_at: str
    data_window: tuple[str, str]
    counts: Mapping[str, int]
    """Rows and accounts by what they were for, in the order to show."""
    views: Sequence[View]
    neighbours: Sequence[Neighbours]
    titles: Mapping[str, str]
    """Product id to the title people know it by."""
    configuration: Mapping[str, object]
    timings_s: Mapping[str, float]
    versions: Mapping[str, str]
    notes: Sequence[str] = field(default=())
    """What a reader must know to trust the figures: rejected rows, a window cut short."""
    weeks: Sequence[ResponseWeek] = field(default=())
    """What came of what was shown; none where nothing was."""


def write_report(path: Path, report: Report) -> None:
    """Write `report` as one HTML file at `path`."""
    path.write_text(render(report), encoding="utf-8")


def render(report: Report) -> str:
    """The page as HTML text, with no reference to anything outside itself."""
    environment = Environment(
        loader=PackageLoader("training.report", ""),
        autoescape=select_autoescape(default_for_string=True, default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["scorer"] = label
    environment.filters["interval"] = interval
    environment.filters["signed"] = lambda number: f"{number:+.1f}".replace("-", "\N{MINUS SIGN}")
    return environment.get_template("report.html.j2").render(
        report=report,
        headline=headline(report.views[0]),
        metrics=METRICS,
        best=_best,
        sections=[_section(view) for view in report.views],
        features=[
            (feature, list(tokens))
            for feature, tokens in groupby(report.neighbours, key=lambda one: one.feature)
        ],
        life_context=plots.life_context(report.neighbours, report.titles),
        doubtful_z=DOUBTFUL_Z,
        responses=plots.responses(report.weeks),
    )


def interval(estimate: Estimate) -> Markup:
    """A value over its interval, in three decimals, as a table cell's content.

    >>> print(interval(Estimate(0.5, 0.4567, 0.6)))
    0.500<small>0.457–0.600</small>
    """
    return Markup("{:.3f}<small>{:.3f}–{:.3f}</small>").format(
        estimate.value, estimate.low, estimate.high
    )


def _section(view: View) -> dict[str, object]:
    return {
        "view": view,
        "accuracy": [
            plots.accuracy(view, "hit_at_1", "hit@1"),
            plots.accuracy(view, "ndcg_at_5", "nDCG@5"),
        ],
        "reliability": plots.reliability(view),
        "stages": plots.life_stages(view) if len(view.stages) > 1 else None,
    }


def _best(view: View, name: str, better: str) -> str:
    """The scorer with the best value of one metric."""
    values = {key: getattr(one, name).value for key, one in view.metrics.items()}
    chosen = max if better == "higher" else min
    return chosen(values, key=values.__getitem__)
