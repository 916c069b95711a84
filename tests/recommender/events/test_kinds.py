"""Each kind of event takes its own fields and no others."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from recommender.events import parse_event, parse_events, stranger
from recommender.tables import EventKind
from tests.recommender.bank import bank
from tests.recommender.events.told import NOW, SUBJECTS, told


def test_every_kind_of_the_table_is_an_event() -> None:
    assert set(SUBJECTS) == set(EventKind)


@pytest.mark.parametrize("kind", EventKind)
def test_every_kind_is_read_and_known_to_the_bank(kind: EventKind) -> None:
    event = parse_event(json.dumps(told(kind)))
    assert event.kind is kind
    assert event.at == NOW
    assert stranger(event, bank()) is None


@pytest.mark.parametrize("kind", EventKind)
def test_a_field_that_nobody_declared_is_refused(kind: EventKind) -> None:
    with pytest.raises(ValidationError, match="extra_forbidden"):
        parse_event(json.dumps(told(kind, prodct_id="mortgage")))


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("page_view", {"at": "2026-11-23T12:00:00"}),
        ("page_view", {"at": 1_763_899_200}),
        ("page_view", {"at": "0001-01-01T00:00:00+14:00"}),
        ("page_view", {"event_id": ""}),
        ("page_view", {"event_id": "a b"}),
        ("page_view", {"channel": "telepathy"}),
        ("page_view", {"product_id": 7}),
        ("impression", {"product_id": None}),
        ("start", {"product_id": None}),
        ("nps", {"value": 11}),
        ("nps", {"value": "9"}),
        ("rating", {"value": 0}),
        ("complaint_opened", {"case_id": None}),
        ("context_change", {"after": 1.5}),
        ("transaction", {"amount_minor": 1.5}),
        ("transaction", {"currency": "euro"}),
        ("transaction", {"balance_minor": 2**70}),
    ],
)
def test_what_does_not_fit_is_refused(kind: str, fields: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        parse_event(json.dumps(told(kind) | fields))


def test_an_instant_of_another_zone_is_turned_to_utc() -> None:
    event = parse_event(json.dumps(told("search") | {"at": "2026-11-23T14:00:00+02:00"}))
    assert event.at == datetime(2026, 11, 23, 12, tzinfo=UTC)
    assert event.at.utcoffset() == NOW.utcoffset()


@pytest.mark.parametrize("bad", [b"", b"{}", b"]", b'{"kind": "nps"}', b"\xff"])
def test_one_bad_event_among_many_is_told_apart(bad: bytes) -> None:
    good = json.dumps(told("nps")).encode()
    first, wrong, last = parse_events([good, bad, good])
    assert isinstance(wrong, ValidationError)
    assert first == last == parse_event(good)


def test_two_events_in_one_text_are_no_event() -> None:
    good = json.dumps(told("nps")).encode()
    (wrong,) = parse_events([good + b"," + good])
    assert isinstance(wrong, ValidationError)
    assert parse_events([]) == []


@pytest.mark.parametrize(
    ("kind", "fields", "said"),
    [
        ("page_view", {"product_id": "mortage"}, "product_id: unknown 'mortage'; did you mean"),
        ("search", {"domain": "houses"}, "domain: unknown 'houses'"),
        ("impression", {"action_id": "dance", "product_id": None}, "action_id: unknown 'dance'"),
        ("impression", {"action_id": "offer.car_loan"}, "action_id: unknown"),
        ("context_change", {"attribute": "mood"}, "attribute: unknown 'mood'"),
        ("context_change", {"after": "astronaut"}, "after: no value of occupation; it takes"),
        ("context_change", {"attribute": "children"}, "before: no value of children"),
        (
            "context_change",
            {"attribute": "has_car", "before": None, "after": 1},
            "after: no value of has_car; it takes a JSON boolean",
        ),
    ],
)
def test_names_that_the_catalogue_does_not_have_are_told(
    kind: str, fields: dict[str, object], said: str
) -> None:
    found = stranger(parse_event(json.dumps(told(kind) | fields)), bank())
    assert found is not None
    assert found.startswith(said)


def test_an_offer_may_be_named_by_its_action_too() -> None:
    shown = told("impression", action_id="offer.mortgage")
    assert stranger(parse_event(json.dumps(shown)), bank()) is None
