"""Journeys: where somebody is in a life domain, and the actions that serve that stage."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.account import (
    Account,
    Application,
    Case,
    Consent,
    Holding,
    Interest,
    Opinion,
    Preferences,
    Wish,
)
from recommender.answer import answer
from recommender.decide import decide
from recommender.decision import ActionKind, Decision, Stage
from recommender.request import Request
from recommender.rules import compile_condition
from recommender.rules.conditions import JOURNEY_STAGES, InterestAtLeast, Not
from tests.recommender.accounts import AT, DOMAINS, TODAY, accounts
from tests.recommender.bank import bank, bank_live

BOTH = Consent(personalisation=True, marketing=True)
ANN = Account(
    "ann",
    birth_date=date(1990, 5, 1),
    consent=BOTH,
    balance_minor=100_000,
    attributes={
        "occupation": "employed",
        "household": "couple",
        "housing": "rents",
        "income_band": "middle",
        "children": 0,
        "has_car": False,
    },
)
ENDED = Holding("mortgage", TODAY - timedelta(days=4_000), TODAY - timedelta(days=100))
BEGUN = Application(AT - timedelta(days=2), "app")
CHANNELS = ("web", "app", "branch", "phone")
steps = st.none() | st.integers(-3, 50).map(lambda days: AT - timedelta(days=days))
applications = st.dictionaries(
    st.sampled_from(tuple(bank().products)),
    st.builds(Application, steps, st.just("web"), steps, steps),
    max_size=3,
)


def with_(**changes: object) -> Account:
    return msgspec.structs.replace(ANN, **changes)


def stage(account: Account, domain: str = "housing") -> str | None:
    return bank_live().facts(account, AT).stage(domain)


def look(level: float) -> dict[str, Interest]:
    return {"housing": Interest(level, AT)}


@pytest.mark.parametrize(
    ("account", "found"),
    [
        (ANN, "unaware"),
        (with_(domain_interest=look(0.6)), "aware"),
        (with_(domain_interest=look(2.5)), "considering"),
        (with_(applications={"mortgage": BEGUN}), "applying"),
        (with_(holdings=(Holding("mortgage", TODAY - timedelta(days=60)),)), "owning"),
        (with_(holdings=(Holding("mortgage", TODAY - timedelta(days=1_200)),)), "loyal"),
        (with_(holdings=(ENDED, Holding("mortgage", TODAY - timedelta(days=60)))), "owning"),
        (with_(holdings=(ENDED,)), "unaware"),
    ],
)
def test_each_stage_has_its_sign(account: Account, found: str) -> None:
    assert stage(account) == found


@given(accounts, applications)
def test_everyone_who_agreed_is_at_one_stage_of_every_domain(
    account: Account, begun: dict[str, Application]
) -> None:
    agreed = msgspec.structs.replace(account, consent=BOTH, applications=begun)
    facts = bank_live().facts(agreed, AT)
    assert {facts.stage(domain) for domain in DOMAINS} <= set(JOURNEY_STAGES)


def test_without_consent_interest_tells_nothing_but_what_is_held_does() -> None:
    account = with_(consent=Consent(marketing=True), domain_interest=look(9)).without_profile()
    assert stage(account) is None
    held = with_(consent=Consent(), holdings=(Holding("mortgage", TODAY),))
    assert stage(held.without_profile()) == "owning"


def test_what_was_begun_and_left_can_be_taken_up_in_every_channel() -> None:
    account = with_(applications={"savings_account": BEGUN}, consent=Consent(personalisation=True))
    for channel in CHANNELS:
        decision = decide(account, Request(AT, channel=channel), bank_live())
        first = answer(decision, bank_live()).recommendations[0]
        assert first.action_id == "resume.savings_account"
        assert first.title == "Go on where you were: Savings account"
        assert first.url == "/saving/savings-account/application"


@pytest.mark.parametrize(
    "settled",
    [
        Application(BEGUN.started_at, "app", submitted_at=AT - timedelta(days=1)),
        Application(BEGUN.started_at, "app", taken_at=AT - timedelta(days=1)),
        Application(AT - timedelta(days=31), "app"),
        Application(AT + timedelta(hours=1), "app"),
    ],
    ids=["sent", "taken", "long ago", "not yet"],
)
def test_what_is_settled_is_not_reminded_of(settled: Application) -> None:
    account = with_(applications={"savings_account": settled})
    shown = decide(account, Request(AT), bank_live()).shown
    assert not any(one.action_id.startswith("resume.") for one in shown)


@given(accounts, applications, st.integers(0, 2))
def test_who_began_is_reminded_and_not_offered_the_same_again(
    account: Account, begun: dict[str, Application], seed: int
) -> None:
    account = msgspec.structs.replace(account, applications=begun)
    live = bank_live(seed)
    decision = decide(account, Request(AT, "message_centre"), live)
    unfinished = live.facts(account, AT).unfinished
    assert not unfinished & {one.product_id for one in decision.shown}
    reminded = {one.action_id for one in decision.shown if one.action_id.startswith("resume.")}
    assert reminded <= {f"resume.{name}" for name in unfinished}
    assert len(reminded) <= 1


@given(accounts, applications, st.integers(0, 2))
def test_nobody_is_reminded_of_what_a_rule_keeps_from_them(
    account: Account, begun: dict[str, Application], seed: int
) -> None:
    account = msgspec.structs.replace(account, applications=begun)
    decision = decide(account, Request(AT, "message_centre"), bank_live(seed))
    reminded = {one.action_id for one in decision.shown}
    for item in decision.withheld:
        by_rule = item.stage in {Stage.AVAILABLE, Stage.ELIGIBLE, Stage.SUITABLE}
        if by_rule and not item.rule.endswith(".application_open"):
            assert f"resume.{item.product_id}" not in reminded


def test_a_domain_that_is_not_wanted_is_not_reminded_of() -> None:
    wishes = Preferences(domains={"saving": Wish.NONE})
    account = with_(applications={"savings_account": BEGUN}, preferences=wishes)
    shown = decide(account, Request(AT), bank_live()).shown
    assert not any(one.action_id.startswith("resume.") for one in shown)


def test_a_moment_of_truth_is_taken_up_with_a_person() -> None:
    reminder = bank().every_action["resume.mortgage"]
    assert reminder.url == "/housing/mortgage/appointment"


@pytest.mark.parametrize(
    "troubled",
    [
        {"cases": (Case("c", "complaint", "open", AT - timedelta(days=1)),)},
        {"opinion": Opinion(0, AT - timedelta(days=1))},
    ],
    ids=["complaint", "unhappy"],
)
def test_a_policy_over_everything_stops_guidance_too(troubled: dict[str, object]) -> None:
    keen = with_(domain_interest=look(3))
    request = Request(AT, "message_centre", limit=5)
    assert any(guidance(decide(keen, request, bank_live(seed))) for seed in range(4))
    stopped = msgspec.structs.replace(keen, **troubled)
    assert not any(guidance(decide(stopped, request, bank_live(seed))) for seed in range(4))


def test_what_was_not_looked_at_without_consent_is_not_known_either() -> None:
    condition = Not(InterestAtLeast("housing", is_domain=True, level="low", bound=0.5))
    ask = compile_condition(condition)
    live = bank_live()
    assert ask(live.facts(with_(), AT)) is True
    assert ask(live.facts(with_(consent=Consent()).without_profile(), AT)) is None


def test_an_opinion_that_is_dated_ahead_ends_the_decision_then() -> None:
    ahead = AT + timedelta(seconds=30)
    decision = decide(with_(opinion=Opinion(0, ahead)), Request(AT), bank_live())
    assert decision.valid_until <= ahead


@given(accounts, applications)
def test_nothing_about_applications_changes_before_the_decision_ends(
    account: Account, begun: dict[str, Application]
) -> None:
    account = msgspec.structs.replace(account, applications=begun)
    live = bank_live()
    decision = decide(account, Request(AT), live)
    later = decision.valid_until - timedelta(microseconds=1)
    assert live.facts(account, AT).unfinished == live.facts(account, later).unfinished


def guidance(decision: Decision) -> set[str]:
    own = {name for name, item in bank().actions.items() if item.purpose == "marketing"}
    return {one.action_id for one in decision.shown} & own


def test_guidance_serves_its_stage_and_no_other() -> None:
    live, request = bank_live(), Request(AT, "message_centre", limit=5)
    aware = decide(with_(domain_interest=look(0.6)), request, live)
    considering = decide(with_(domain_interest=look(3)), request, live)
    assert "borrowing_calculator" not in guidance(aware)
    assert "first_home" not in guidance(considering)


@given(accounts, st.integers(0, 2), st.sampled_from(["home", "message_centre"]))
def test_guidance_is_marketing_and_its_chance_is_its_domains(
    account: Account, seed: int, placement: str
) -> None:
    live = bank_live(seed)
    decision = decide(account, Request(AT, placement), live)
    facts = live.facts(account, AT)
    for one in decision.shown:
        if one.action_id in guidance(decision):
            assert account.consent.marketing
            assert one.propensity is not None
            tokens = live.tokens(facts, account.account_id) if facts.values else []
            chances = live.model.propensities(tokens, facts.holds - live.repeatable)
            own = [live.model.columns[p] for p in live.journeys.products[one.domain]]
            assert one.propensity == pytest.approx(min(1.0, sum(chances[c] for c in own)))


def test_a_moment_of_truth_leads_to_a_person() -> None:
    live = bank_live()
    offers = [c for c in live.funnel.candidates if bank().products[c.subject].moment_of_truth]
    assert [(one.product_id, one.kind) for one in offers] == [("mortgage", ActionKind.ADVICE)]
    for seed in range(40):
        decision = decide(ANN, Request(AT, "message_centre", limit=20), bank_live(seed))
        for said in answer(decision, bank_live(seed)).recommendations:
            if said.product_id == "mortgage":
                assert said.url == "/housing/mortgage/appointment"
                return
    pytest.fail("no model of forty shows a mortgage")


LATE = Case("c", "order", "open", AT - timedelta(days=9), promised_at=AT - timedelta(hours=1))
UNHAPPY = Opinion(20, AT - timedelta(days=3))


@pytest.mark.parametrize(
    ("account", "remedy", "rule"),
    [
        (with_(cases=(LATE,)), "promise_broken", "policy.no_sales_while_we_are_late"),
        (with_(opinion=UNHAPPY), "what_went_wrong", "policy.no_sales_to_the_unhappy"),
    ],
)
def test_care_comes_before_commerce(account: Account, remedy: str, rule: str) -> None:
    live = bank_live()
    decision = decide(account, Request(AT), live)
    assert decision.shown[0].action_id == remedy
    assert not any(one.product_id for one in decision.shown)
    stopped = {one.rule for one in decision.withheld if one.stage is Stage.SUITABLE}
    assert rule in stopped
    assert "comes first" in live.explain_rule(rule, live.facts(account, AT), "en")
    assert "gaat voor" in live.explain_rule(rule, live.facts(account, AT), "nl")


def test_a_promise_is_broken_when_its_time_has_come_and_not_before() -> None:
    promised = msgspec.structs.replace(LATE, promised_at=AT + timedelta(hours=2))
    account = with_(cases=(promised,))
    decision = decide(account, Request(AT), bank_live())
    assert decision.shown[0].action_id != "promise_broken"
    assert decision.valid_until <= AT + timedelta(hours=2)
    later = decide(account, Request(AT + timedelta(hours=2)), bank_live())
    assert later.shown[0].action_id == "promise_broken"


def test_an_old_opinion_does_not_count_for_ever() -> None:
    old = with_(opinion=Opinion(20, AT - timedelta(days=31)))
    assert decide(old, Request(AT), bank_live()).shown[0].action_id != "what_went_wrong"
