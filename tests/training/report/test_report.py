from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from recommender.model import Model
from tests.training.rows import made_up
from training.baselines import LifeStagePopularity, Logistic, Popularity
from training.evaluation import Estimate, Scorer, View, evaluate
from training.report import Report, neighbours, render, write_report
from training.report.headline import headline
from training.responses import ResponseWeek

TOKENS = ("occupation:student", "occupation:unknown", "account:7", "holds:a", "age:<18")


def a_model() -> Model:
    vectors = np.random.default_rng(1).normal(size=(len(TOKENS), 3))
    return Model(
        version="v1",
        features_digest="0",
        vocabulary=TOKENS,
        products=("a", "b", "c", "d"),
        token_vectors=vectors,
        product_vectors=np.eye(4)[:, :3],
        product_bias=np.zeros(4),
        calibration_scale=2.0,
        calibration_offset=np.zeros(4),
    )


@pytest.fixture(scope="module")
def view() -> View:
    train, test = made_up(1), made_up(2)
    scorers: dict[str, Scorer] = {
        "hybrid": Logistic.fit(train),
        "popularity": Popularity.fit(train),
        "life_stage_popularity": LifeStagePopularity.fit(train),
    }
    return evaluate(scorers, test, name="unseen accounts", seed=1, resamples=50)


@pytest.fixture(scope="module")
def report(view: View) -> Report:
    titles = {f"product_{k}": f"Product <b>{k}</b>" for k in range(5)}
    return Report(
        version="2026-11-23-1",
        catalogue="a bank 2026-11",
        created_at="2026-11-23 07:00 UTC",
        data_window=("2025-11-23", "2026-11-22"),
        counts={"accounts": 80, "rejected rows": 3},
        views=[replace(view, name="later in time"), view],
        neighbours=neighbours(a_model(), np.full(len(TOKENS), 100), least_rows=50),
        titles={**titles, "a": "A", "b": "B", "c": "C", "d": "D"},
        configuration={"dimensions": 32},
        timings_s={"fit": 1.5},
        versions={"raak": "0.1.0"},
        notes=["3 rows were rejected."],
    )


class Page(HTMLParser):
    """Tags and what they refer to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def test_the_page_refers_to_nothing_outside_itself(report: Report) -> None:
    text = render(report)
    references = {
        value
        for _, attributes in Page(text).tags
        for name, value in attributes.items()
        if name in {"src", "href", "action", "srcset", "data", "xlink:href"}
    }
    assert all(value and value.startswith(("#", "data:image/png;")) for value in references)
    assert not re.search(r"https?:|@import|url\((?!#)", text)
    assert not {"script", "link", "iframe", "object"} & {tag for tag, _ in Page(text).tags}


def test_every_plot_says_in_words_what_it_shows(report: Report) -> None:
    plots = [attributes for tag, attributes in Page(render(report)).tags if tag == "svg"]
    assert len(plots) == 9
    assert all(plot["role"] == "img" and len(plot["aria-label"] or "") > 40 for plot in plots)


def test_plots_take_the_pages_colours_in_light_and_dark(report: Report) -> None:
    text = render(report)
    assert "prefers-color-scheme: dark" in text
    for plot in re.findall(r"<svg.*?</svg>", text, flags=re.DOTALL):
        assert not re.search(r"(?:fill|stroke): #", plot)


def test_names_are_text_and_not_markup(report: Report) -> None:
    text = render(report)
    assert "Product &lt;b&gt;1&lt;/b&gt;" in text
    assert "<b>" not in text


def test_a_life_stage_may_be_called_anything(report: Report, view: View) -> None:
    stages = tuple(replace(stage, name='<i>"$a_$b"') for stage in view.stages)
    text = render(replace(report, views=[replace(view, stages=stages)]))
    assert "<i>" not in text


def test_equal_reports_are_equal_bytes(report: Report, tmp_path: Path) -> None:
    write_report(tmp_path / "report.html", report)
    assert (tmp_path / "report.html").read_text(encoding="utf-8") == render(report)


def test_only_tokens_worth_reading_have_neighbours() -> None:
    rows = np.array([100, 100, 100, 100, 10])
    read = neighbours(a_model(), rows, least_rows=50)
    assert [one.token for one in read] == ["occupation:student", "holds:a"]


def test_a_lift_is_what_the_token_adds_to_the_products_logit_against_the_mean() -> None:
    model = a_model()
    first = neighbours(model, np.full(len(TOKENS), 100), least_rows=50)[0]
    alone = model.logits(["occupation:student"]) - model.logits([])
    alone -= alone.mean()
    assert first.raises[0].log_odds == pytest.approx(alone.max())
    assert first.lowers[0].log_odds == pytest.approx(alone.min())
    assert first.raises[0].product_id == model.products[alone.argmax()]


def test_a_held_product_is_not_news_about_its_holders() -> None:
    read = neighbours(a_model(), np.full(len(TOKENS), 100), least_rows=50)
    holds = next(one for one in read if one.token == "holds:a")
    assert "a" not in {lift.product_id for lift in (*holds.raises, *holds.lowers)}


def test_the_headline_judges_by_the_interval_of_the_difference(view: View) -> None:
    gains = {
        "popularity": Estimate(0.2, 0.1, 0.3),
        "logistic_regression": Estimate(0.01, -0.01, 0.03),
        "lightgbm": Estimate(-0.02, -0.03, -0.01),
    }
    _, comparison, _ = headline(replace(view, gains=gains))
    assert "ahead of popularity (+0.200" in comparison
    assert "level with logistic regression" in comparison
    assert "behind LightGBM" in comparison


def weeks(*values: float) -> tuple[ResponseWeek, ...]:
    return tuple(
        ResponseWeek(
            date(2026, 11, 2) + timedelta(weeks=number),
            offers=1_000,
            taken=50,
            value=Estimate(value, value - 0.01, value + 0.01),
        )
        for number, value in enumerate(values)
    )


def test_what_came_of_offers_is_shown_week_by_week(report: Report) -> None:
    text = render(replace(report, weeks=weeks(0.04, 0.05)))
    assert "What came of what was shown" in text
    assert "0.040 in the week of 2026-11-02, 0.050 in that of 2026-11-09" in text


@pytest.mark.parametrize("few", [(), (0.04,)])
def test_fewer_than_two_weeks_of_offers_are_no_course(
    report: Report, few: tuple[float, ...]
) -> None:
    assert "What came of what was shown" not in render(replace(report, weeks=weeks(*few)))
