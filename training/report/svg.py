"""A matplotlib figure as an inline SVG that follows the page's colours and refers to nothing."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager

import matplotlib as mpl
from cycler import cycler
from markupsafe import Markup, escape
from matplotlib.figure import Figure

INK = "#010101"
FAINT = "#020202"
TRIAL = "#030303"
SERIES = ("#040404", "#050505", "#060606", "#070707", "#080808")

RAISES, LOWERS = (0.06, 0.62, 0.6), (0.85, 0.42, 0.15)
"""Red, green and blue of a map's two colours; as pixels they cannot follow the page's own, so they
are seen on a light ground and on a dark one, and told apart by the colour-blind."""

COLOURS = {
    INK: "var(--ink)",
    FAINT: "var(--faint)",
    TRIAL: "var(--trial)",
    **{colour: f"var(--series-{number})" for number, colour in enumerate(SERIES, start=1)},
}
"""Colours that stand in for the page's own, so that one figure serves light and dark."""


@contextmanager
def drawing(width: float, height: float, name: str) -> Iterator[Figure]:
    """A figure of `width` x `height` inches in the page's style; `name` makes its ids unique."""
    with mpl.rc_context(
        {
            "svg.fonttype": "none",
            "text.parse_math": False,
            "svg.hashsalt": name,
            "font.family": "sans-serif",
            "font.size": 10,
            "text.color": INK,
            "axes.labelcolor": INK,
            "axes.prop_cycle": cycler(color=[INK]),
            "axes.edgecolor": FAINT,
            "axes.facecolor": "none",
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": True,
            "axes.axisbelow": True,
            "grid.color": FAINT,
            "grid.alpha": 0.35,
            "grid.linewidth": 0.7,
            "xtick.color": INK,
            "ytick.color": INK,
            "legend.frameon": False,
            "figure.facecolor": "none",
        }
    ):
        yield Figure(figsize=(width, height), layout="constrained")


def inline(figure: Figure, alt: str) -> Markup:
    """`figure` as an `<svg>` element with `alt` as its text for those who cannot see it."""
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None}, transparent=True)
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r' xmlns(:xlink)?="[^"]*"', "", text)
    text = re.sub(r'<g id="[^"]*"', "<g", text).replace("xlink:href", "href")
    for stand_in, colour in COLOURS.items():
        text = text.replace(stand_in, colour)
    words = escape(alt)
    return Markup(  # noqa: S704 - matplotlib's own markup; the words in it are escaped by both
        re.sub(
            r"<svg [^>]*?(viewBox=\"[^\"]*\")[^>]*>",
            lambda match: f'<svg {match[1]} role="img" aria-label="{words}"><title>{words}</title>',
            text,
            count=1,
        )
    )
