"""Terms: what is dated counts from the bank's midnight of its first day to that after its last."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.account import Account, Consent
from recommender.catalogue import with_policies
from recommender.catalogue.terms import on_day, turning_days
from recommender.decide import decide, decide_all
from recommender.decision import Decision
from recommender.live import Live
from recommender.request import Request
from recommender.rules import Facts
from tests.recommender.accounts import accounts
from tests.recommender.bank import CATALOGUE_FILE, live_of
from tests.recommender.test_decide import STUDENT, requests

TEXT = CATALOGUE_FILE.read_text(encoding="utf-8")
NOBODY = "{all: [{age: {at_least: 18}}, {age: {below: 18}}]}"
FIRST, LAST = date(2026, 12, 1), date(2026, 12, 24)
DAY = timedelta(1)
TERM = f"valid_from: {FIRST}, valid_to: {LAST}"
days = st.integers(-40, 40).map(lambda n: FIRST + n * DAY)


def in_force(policies: str) -> Live:
    return live_of(with_policies(TEXT, policies))


def decided(live: Live, day: date, account: Account = STUDENT) -> Decision:
    late = datetime.combine(day, time(23, 59), live.days.zone).astimezone(UTC)
    return decide(account, Request(late, limit=20), live)


def sold(decision: Decision) -> bool:
    return any(item.product_id for item in decision.shown)


DATED = in_force(
    f"policies: [{{id: advent, stage: suitable, applies_to: all, when: {NOBODY}, {TERM}}}]"
)
SET_OF_POLICIES = in_force(f"policy_set: {{owner: risk, {TERM}}}")


@given(days)
def test_a_policy_stops_within_its_term_and_asks_nothing_outside_it(day: date) -> None:
    decision = decided(DATED, day)
    stopped = {item.rule for item in decision.withheld}
    assert sold(decision) is not (FIRST <= day <= LAST)
    assert ("policy.advent" in stopped) is (FIRST <= day <= LAST)


@given(days)
def test_outside_the_term_of_the_policy_set_nothing_is_offered_and_no_slot_is_empty(
    day: date,
) -> None:
    decision = decided(SET_OF_POLICIES, day)
    rules = {item.rule for item in decision.withheld}
    within = FIRST <= day <= LAST
    assert sold(decision) is within
    assert ("policy.policy_set_ended" in rules) is not within
    assert decision.shown


@pytest.mark.parametrize("language", ["en", "nl"])
def test_why_nothing_is_offered_can_be_said(language: str) -> None:
    said = SET_OF_POLICIES.explain_rule("policy.policy_set_ended", Facts(), language)
    assert said.endswith(".")


@pytest.mark.parametrize("live", [DATED, SET_OF_POLICIES])
@given(day=days)
def test_a_decision_never_outlives_what_it_was_made_with(live: Live, day: date) -> None:
    decision = decided(live, day)
    at = decision.valid_until - timedelta(microseconds=1)
    then = decide(STUDENT, Request(at, limit=20), live)
    assert (then.shown, then.withheld) == (decision.shown, decision.withheld)


def test_decisions_of_two_days_made_together_are_those_made_apart() -> None:
    asked = [
        (STUDENT, Request(datetime.combine(day, time(12), UTC), limit=20))
        for day in (FIRST - DAY, FIRST, LAST, LAST + DAY)
    ]
    assert decide_all(asked, DATED) == [decide(*one, DATED) for one in asked]


def test_a_lever_counts_to_its_last_day() -> None:
    lever = f"{{factor: 3, until: {LAST}, owner: marketing}}"
    best = decided(in_force("levers: {}"), FIRST).shown[0].product_id
    live = in_force(f"levers: {{product: {{{best}: {lever}}}}}")

    def factor(day: date) -> float:
        shown = {item.product_id: item.arbitration for item in decided(live, day).shown}
        terms = shown[best]
        assert terms is not None
        assert terms.score == pytest.approx(
            terms.propensity * terms.value * terms.context * terms.lever
        )
        return terms.lever

    assert [factor(day) for day in (FIRST, LAST, LAST + DAY)] == [3, 3, 1]


def test_what_is_never_dated_is_never_made_twice() -> None:
    live = in_force("levers: {}")
    assert turning_days(live.catalogue) == ()
    assert live.on(FIRST) is live
    assert DATED.on(FIRST) is DATED.on(LAST)
    assert on_day(live.catalogue, FIRST) == live.catalogue


def test_the_last_day_of_the_calendar_has_no_day_after_it() -> None:
    live = in_force("policy_set: {valid_to: 9999-12-31}\nlevers: {}")
    assert turning_days(live.catalogue) == ()
    assert sold(decided(live, FIRST, STUDENT))
    assert not sold(decided(live, FIRST, Account("a", consent=Consent())))


ASKING_MUCH = in_force(
    """
assertions: []
policies:
"""
    + "".join(
        f"  - {{id: x_{domain}, stage: suitable, when: {when},"
        f" applies_to: {{domains: [{domain}]}}}}\n"
        for domain, when in {
            "saving": "{not: {days_since: {case_closed: complaint, below: 9}}}",
            "mobility": "{not: {days_since: {contact: true, below: 3}}}",
            "family": "{not: {projected_balance: {below: 500}}}",
            "housing": "{days_since: {opened: travel_insurance, below: 400}}",
            "study": "{days_since: {joined: true, at_least: 200}}",
            "work": "{not: {held_before: savings_account}}",
        }.items()
    )
)


@given(accounts, requests, st.floats(0, 1))
def test_whatever_rules_ask_time_alone_moves_nothing_until_valid_until(
    account: Account, asked: Request, share: float
) -> None:
    first = decide(account, asked, ASKING_MUCH)
    last = max(asked.at, first.valid_until - timedelta(microseconds=1))
    later = asked.at + (last - asked.at) * share
    second = decide(account, msgspec.structs.replace(asked, at=later), ASKING_MUCH)
    assert (first.shown, first.withheld) == (second.shown, second.withheld)
