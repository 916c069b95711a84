"""What each fact is found in, and what it is not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given

from recommender.account import Account, Holding, Payment
from recommender.alerts import sources
from recommender.alerts.cause import Cause, Outlook
from recommender.alerts.facts import FACTS, Fact
from recommender.alerts.lookout import Lookout, alert_id
from recommender.alerts.wording import alert_answer
from tests.recommender.alerts.scenes import (
    AT,
    HOUR,
    LOOKOUT,
    TODAY,
    alerts,
    case,
    debit,
    kind,
    kinds,
    lookout_of,
    short,
    situations,
)
from tests.recommender.bank import bank


@given(situations)
def test_the_order_in_which_things_are_known_makes_no_difference(account: Account) -> None:
    turned = msgspec.structs.replace(
        account,
        coming=account.coming[::-1],
        cases=account.cases[::-1],
        holdings=account.holdings[::-1],
    )
    assert alerts(turned) == alerts(account)


@given(situations)
def test_each_alert_can_be_said_in_every_language(account: Account) -> None:
    for alert in alerts(account):
        for language in bank().languages:
            said = alert_answer(alert, language, bank())
            assert said.title
            assert "{" not in said.title + said.message


def test_an_alert_is_said_though_its_remedy_left_the_catalogue() -> None:
    (alert,) = alerts(short())
    gone = msgspec.structs.replace(alert, remedy="of_old")
    assert alert_answer(alert, "en", bank()).remedy is not None
    assert alert_answer(gone, "en", bank()).remedy is None


def test_a_cause_has_the_same_id_on_every_day() -> None:
    (today,) = alerts(short())
    (tomorrow,) = alerts(short(), AT + timedelta(days=1))
    assert today.alert_id == tomorrow.alert_id == alert_id("ann", "shortfall_ahead", "2026-11-26")


def test_a_further_debit_makes_a_shortfall_worse_and_not_another() -> None:
    deeper = short(4_000, coming=(debit(6_000, 3), debit(3_000, 5)))
    (one,), (other,) = alerts(short()), alerts(deeper)
    assert one.alert_id == other.alert_id
    assert (one.shortfall_minor, other.shortfall_minor) == (4_000, 7_000)


def test_money_that_comes_on_the_same_day_prevents_a_shortfall() -> None:
    salary = Payment(TODAY + timedelta(3), 250_000, "EUR", "Employer")
    assert kinds(short(coming=(debit(6_000), salary))) == []


def test_without_a_balance_nothing_is_said_of_it() -> None:
    assert kinds(short(balance_minor=None)) == []


def test_a_larger_debit_is_announced_unless_the_shortfall_is() -> None:
    assert kinds(short(balance_minor=100_000, coming=(debit(30_000),))) == ["large_debit_ahead"]
    assert kinds(short(balance_minor=20_000, coming=(debit(30_000),))) == ["shortfall_ahead"]
    assert kinds(short(balance_minor=100_000, coming=(debit(24_999),))) == []


@pytest.mark.parametrize(
    ("hours", "status", "said"),
    [
        (40, "open", []),
        (20, "open", ["promise_at_risk"]),
        (1, "open", ["promise_at_risk"]),
        (0, "open", ["promise_broken"]),
        (-300, "open", ["promise_broken"]),
        (-1, "answered", []),
        (1, "answered", []),
    ],
)
def test_a_promise_is_at_risk_then_broken_until_it_is_kept(
    hours: int, status: str, said: list[str]
) -> None:
    waiting = case("complaint", hours * HOUR, status=status)
    assert kinds(Account("ann", cases=(waiting,))) == said
    closed = msgspec.structs.replace(waiting, closed_at=AT)
    assert kinds(Account("ann", cases=(closed,))) == []


def test_a_new_date_is_another_promise() -> None:
    broken = Account("ann", cases=(case("order", -1 * HOUR),))
    assert kinds(broken) == ["promise_broken"]
    assert kinds(Account("ann", cases=(case("order", 20 * 24 * HOUR),))) == []


def test_an_application_that_waits_for_the_person_is_told() -> None:
    waits = case("application", status="waiting_for_customer")
    assert kinds(Account("ann", cases=(waits,))) == ["application_waiting"]
    assert kinds(Account("ann", cases=(case("application"),))) == []
    assert kinds(Account("ann", cases=(case("order", status="waiting_for_customer"),))) == []


@pytest.mark.parametrize(
    ("product", "days", "said"),
    [
        ("mortgage", 90, ["fixed_rate_ends"]),
        ("mortgage", 91, []),
        ("mortgage", -1, []),
        ("credit_card", 0, ["card_or_policy_ends"]),
        ("current_account", 5, []),
    ],
)
def test_a_term_that_ends_is_announced_in_time(product: str, days: int, said: list[str]) -> None:
    held = Holding(product, TODAY - timedelta(300), None, TODAY + timedelta(days))
    assert kinds(Account("ann", holdings=(held,))) == said
    given_up = msgspec.structs.replace(held, closed_on=TODAY)
    assert kinds(Account("ann", holdings=(given_up,))) == []


def test_money_is_idle_that_no_bill_waits_for() -> None:
    assert kinds(short(balance_minor=1_600_000, coming=())) == ["idle_money"]
    kept_for = short(balance_minor=1_600_000, coming=(debit(200_000, 10),))
    assert kinds(kept_for) == []
    saves = (Holding("savings_account", TODAY - timedelta(9)),)
    assert kinds(short(balance_minor=1_600_000, coming=(), holdings=saves)) == []


def test_the_loudest_come_first_and_then_the_soonest() -> None:
    mortgage = Holding("mortgage", TODAY - timedelta(300), None, TODAY + timedelta(9))
    card = Holding("credit_card", TODAY - timedelta(300), None, TODAY + timedelta(2))
    everything = short(holdings=(card, mortgage), cases=(case("order", -1 * HOUR),))
    assert kinds(everything) == [
        "promise_broken",
        "shortfall_ahead",
        "fixed_rate_ends",
        "card_or_policy_ends",
    ]


def test_a_kind_that_combines_what_is_known_needs_only_yaml() -> None:
    lookout = lookout_of(
        {
            "rent_with_complaint": kind(
                "debit",
                within_days=2,
                at_least_minor=50_000,
                when={"all": [{"open_case": "complaint"}, {"projected_shortfall": False}]},
                title={"en": "{amount} to {counterparty}", "nl": "{amount} naar {counterparty}"},
            ),
            "young_and_short": kind(
                "situation", when={"all": [{"age": {"below": 25}}, {"projected_shortfall": True}]}
            ),
        }
    )
    rent = short(balance_minor=200_000, coming=(debit(90_000, 2, "Rent"),))
    assert kinds(rent, AT, lookout) == []
    complains = msgspec.structs.replace(rent, cases=(case("complaint"),))
    (alert,) = alerts(complains, AT, lookout)
    assert alert_answer(alert, "nl", lookout.catalogue).title == "EUR 900.00 naar Rent"
    young = short(birth_date=datetime(2004, 1, 1, tzinfo=UTC).date())
    assert kinds(young, AT, lookout) == ["young_and_short"]
    assert kinds(short(), AT, lookout) == []


def test_a_new_source_of_facts_plugs_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """As series of payments do: a fact is a source and the placeholders that its causes fill."""

    def dearer(account: Account, outlook: Outlook) -> list[Cause]:
        return [
            Cause(
                "gym/monthly",
                day=outlook.day,
                amount_minor=2_999,
                counterparty="Gym",
                evidence=("t1", "t2"),
            )
        ]

    facts = {**FACTS, "dearer": Fact(dearer, lambda _: 0, fills=("day", "amount", "counterparty"))}
    for name in ("recommender.catalogue.alerts.FACTS", "recommender.alerts.lookout.FACTS"):
        monkeypatch.setattr(name, facts)
    lookout = lookout_of({"dearer_subscription": kind("dearer")}, version="plugged")
    (alert,) = alerts(Account("ann"), AT, lookout)
    assert (alert.kind, alert.evidence) == ("dearer_subscription", ("t1", "t2"))


def test_every_source_is_a_fact_that_the_catalogue_can_name() -> None:
    public = {
        value
        for name, value in vars(sources).items()
        if getattr(value, "__module__", "") == sources.__name__
        and callable(value)
        and not name.startswith("_")
        and not isinstance(value, type)
    }
    assert public == {fact.source for fact in FACTS.values()}
    assert {watch.kind.fact for watch in LOOKOUT.watches.values()} <= set(FACTS)
    assert isinstance(LOOKOUT, Lookout)


def test_a_payee_in_another_spelling_is_the_same_alert() -> None:
    lookout = lookout_of({"due": kind("debit")})
    ids = set()
    for name in ("ZONWIND Energy B.V.", "Zonwind Energy"):
        (alert,) = alerts(Account("ann", coming=(debit(10_000, 2, name),)), AT, lookout)
        ids.add(alert.alert_id)
    assert len(ids) == 1
