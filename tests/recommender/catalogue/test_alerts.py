"""Mistakes in kinds of alerts: each with its line, its path and how to mend it."""

from __future__ import annotations

import pytest

from recommender.catalogue import parse_catalogue
from recommender.errors import CatalogueError
from tests.recommender.bank import CATALOGUE_FILE

TEXT = CATALOGUE_FILE.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("right", "slip", "said"),
    [
        ("fact: shortfall", "fact: shortfal", "unknown fact 'shortfal'; did you mean 'shortfall'?"),
        ("fact: shortfall", "fcat: shortfall", "unknown key 'fcat'; did you mean 'fact'?"),
        ("severity: urgent", "severity: urgnt", "'urgnt' is not possible here; did you mean"),
        ("about: [mortgage]", "about: [mortage]", "about[0]: unknown product 'mortage'; did you"),
        ("about: [application]", "about: [appliance]", "unknown case 'appliance'; did you mean"),
        ("fact: shortfall\n", "fact: shortfall\n    about: [mortgage]\n", "cannot be narrowed"),
        ("fact: shortfall\n", "fact: shortfall\n    statuses: [open]\n", "has no statuses"),
        ("fact: shortfall\n", "fact: situation\n", "unknown placeholder {day}"),
        (
            "by {day}. We are sorry",
            "by {dya}. We are sorry",
            "alerts.promise_broken.message.en: unknown placeholder {dya}; did you mean 'day'?",
        ),
        (
            "By {day} your balance",
            "By {counterparty} your balance",
            "shortfall_ahead.unnamed.en: unknown placeholder {counterparty}",
        ),
        ("remedy: bridge_the_gap", "remedy: bridge_a_gap", "unknown action 'bridge_a_gap'; did"),
        ("within_days: 90", "within_days: 900", "fixed_rate_ends.within_days: input should be"),
        ("by_percent: 25", "by_percent: most", "worse.by_percent: this is no whole number"),
        ("times: 1, days: 90", "times: 0, days: 90", "at_most.times: input should be greater"),
        ("quiet_hours: exempt", "quiet_hours: except", "did you mean 'exempt'?"),
        ('from: "22:00"', "from: 22:00", "push.quiet_hours.from: this is no text; put it in"),
        ('from: "22:00"', 'from: "22.00"', "'22.00' is no time of day"),
        ('until: "07:30"', 'until: "22:00"', "quiet hours that begin as they end"),
        ("channels: [app, phone]", "channels: [ap, phone]", "push.channels[0]: 'ap' is not poss"),
        ("Europe/Amsterdam", "Europe/Amsterdm", "did you mean 'Europe/Amsterdam'?"),
        ("Europe/Amsterdam", "Europe", "timezone: unknown time zone 'Europe'"),
        ("when: {projected_shortfall: false}", "when: {age: {belw: 3}}", "did you mean 'below'?"),
    ],
)
def test_one_slip_of_the_pen_is_one_clear_line(right: str, slip: str, said: str) -> None:
    assert right in TEXT
    with pytest.raises(CatalogueError) as caught:
        parse_catalogue(TEXT.replace(right, slip, 1), "c.yaml")
    problems = [str(problem) for problem in caught.value.problems]
    assert any(said in problem for problem in problems), problems


def test_a_kind_on_a_condition_alone_needs_that_condition() -> None:
    text = TEXT.replace(
        "alerts:\n",
        "alerts:\n  lonely:\n    fact: situation\n    severity: notice\n"
        "    title: {en: a, nl: a}\n    message: {en: a, nl: a}\n",
        1,
    )
    with pytest.raises(CatalogueError, match=r"alerts\.lonely: a situation needs its condition"):
        parse_catalogue(text)


def test_a_catalogue_without_alerts_raises_none() -> None:
    begin, end = TEXT.index("alerts:\n"), TEXT.index("# Where alerts go")
    assert parse_catalogue(TEXT[:begin] + TEXT[end:]).alerts == {}
