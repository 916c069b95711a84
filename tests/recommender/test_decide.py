"""The laws of `decide`, on generated accounts under models that say anything at all."""

from __future__ import annotations

import os
import subprocess
import sys
from bisect import bisect_right
from datetime import date, datetime, timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.account import (
    Account,
    Case,
    Consent,
    Contact,
    ContactKind,
    Interest,
    Payment,
    pack,
    unpack,
)
from recommender.catalogue import ContactPolicy, InterestDecay
from recommender.catalogue.journey import JourneyPolicy
from recommender.decide import decide, decide_all, decide_both
from recommender.decision import ActionKind, Stage, encode
from recommender.errors import UnknownPlacement
from recommender.funnel import contact_state
from recommender.interests import level_at
from recommender.request import Request
from recommender.situation import facts_at, held_on
from tests.recommender.accounts import AT, DAYS, PRODUCTS, TODAY, accounts
from tests.recommender.bank import bank, bank_live, live_of

BOTH = Consent(personalisation=True, marketing=True)
STUDENT = Account(
    "student",
    birth_date=date(2008, 5, 1),
    joined_on=TODAY - timedelta(3),
    consent=BOTH,
    attributes={
        "occupation": "student",
        "household": "with_parents",
        "housing": "with_parents",
        "income_band": "none",
        "children": 0,
        "has_car": False,
    },
)
seeds = st.integers(0, 3)
requests = st.builds(
    Request,
    at=st.just(AT),
    placement=st.sampled_from(sorted(bank().placements)),
    channel=st.sampled_from(["web", "app", "branch", "phone"]),
    language=st.none() | st.sampled_from(["en", "nl"]),
    limit=st.none() | st.integers(1, 20),
)


@given(accounts, requests, seeds)
def test_no_score_brings_back_what_a_hard_stage_removed(
    account: Account, request_: Request, seed: int
) -> None:
    live = bank_live(seed)
    decision = decide(account, request_, live)
    seen = account if account.consent.personalisation else account.without_profile()
    facts = facts_at(seen, AT, DAYS, bank().interest.half_life_days)
    contact = contact_state(seen, bank().contact, AT)
    stays, stopped, _ = live.funnel.sift(
        facts, contact, live.funnel.on_sale(request_.channel, TODAY)
    )
    shown = {item.product_id for item in decision.shown if item.product_id}
    assert shown <= {candidate.product_id for candidate in stays}
    assert not shown & {item.product_id for item in stopped}
    assert set(stopped) <= set(decision.withheld)


@given(st.lists(st.tuples(accounts, requests), max_size=4), seeds)
def test_who_else_is_asked_about_makes_no_difference(
    asked: list[tuple[Account, Request]], seed: int
) -> None:
    live = bank_live(seed)
    alone = [encode(decide(account, request_, live)) for account, request_ in asked]
    assert [encode(decision) for decision in decide_all(asked, live)] == alone


@given(accounts, requests, seeds)
def test_the_bytes_of_an_account_decide_as_the_account_does(
    account: Account, request_: Request, seed: int
) -> None:
    live, state = bank_live(seed), pack(account)
    decided = encode(decide(account, request_, live))
    assert encode(decide(unpack(state), request_, live, state)) == decided


@given(accounts, requests, seeds)
def test_every_product_is_either_shown_or_withheld_with_a_stage_and_a_rule(
    account: Account, request_: Request, seed: int
) -> None:
    decision = decide(account, request_, bank_live(seed))
    shown = [item.product_id for item in decision.shown if item.product_id]
    withheld = [item.product_id for item in decision.withheld]
    assert sorted(shown + withheld) == sorted(PRODUCTS)
    assert all(item.rule for item in decision.withheld)


@given(accounts, requests, seeds)
def test_no_slot_is_empty_and_no_limit_is_passed(
    account: Account, request_: Request, seed: int
) -> None:
    decision = decide(account, request_, bank_live(seed))
    slots = request_.limit or bank().placements[request_.placement].slots
    assert 1 <= len(decision.shown) <= slots
    assert [item.rank for item in decision.shown] == list(range(1, len(decision.shown) + 1))
    assert len({item.action_id for item in decision.shown}) == len(decision.shown)


@given(accounts, requests, seeds)
def test_without_consent_to_marketing_nothing_is_sold(
    account: Account, request_: Request, seed: int
) -> None:
    quiet = msgspec.structs.replace(account, consent=Consent(personalisation=True))
    decision = decide(quiet, request_, bank_live(seed))
    assert not [item for item in decision.shown if item.product_id]


@given(accounts, requests, seeds)
def test_without_consent_to_personalise_the_profile_changes_nothing(
    account: Account, request_: Request, seed: int
) -> None:
    private = msgspec.structs.replace(account, consent=Consent(marketing=True))
    bare = private.without_profile()
    live = bank_live(seed)
    assert decide(private, request_, live) == decide(bare, request_, live)


@given(accounts, requests, seeds)
def test_nobody_is_offered_what_they_have_whatever_they_consented_to(
    account: Account, request_: Request, seed: int
) -> None:
    private = msgspec.structs.replace(account, consent=Consent(marketing=True))
    live = bank_live(seed)
    held = held_on(account, TODAY)
    shown = {item.product_id for item in decide(private, request_, live).shown}
    assert not shown & (held - live.repeatable)


def test_a_shortfall_is_told_without_consent_since_it_is_service() -> None:
    short = msgspec.structs.replace(
        STUDENT,
        consent=Consent(),
        balance_minor=2_000,
        coming=(Payment(TODAY + timedelta(3), -6_250, "EUR", "Energy"),),
    )
    assert decide(short, Request(AT), bank_live()).alerts


@given(accounts, requests, seeds)
def test_equal_inputs_give_equal_bytes(account: Account, request_: Request, seed: int) -> None:
    live = bank_live(seed)
    assert encode(decide(account, request_, live)) == encode(decide(account, request_, live))


@given(accounts, requests)
def test_web_and_app_show_the_same(account: Account, request_: Request) -> None:
    live = bank_live()
    web = decide(account, msgspec.structs.replace(request_, channel="web"), live)
    app = decide(account, msgspec.structs.replace(request_, channel="app"), live)
    if not any(item.rule.endswith("wrong_channel") for item in (*web.withheld, *app.withheld)):
        assert [item.action_id for item in web.shown] == [item.action_id for item in app.shown]


@given(accounts, requests, seeds)
def test_a_shown_propensity_is_a_probability(
    account: Account, request_: Request, seed: int
) -> None:
    for item in decide(account, request_, bank_live(seed)).shown:
        assert item.propensity is None or 0 <= item.propensity <= 1


@given(accounts, requests, st.floats(0, 1))
def test_until_valid_until_time_alone_moves_nothing(
    account: Account, request_: Request, share: float
) -> None:
    live = bank_live()
    first = decide(account, request_, live)
    last = max(AT, first.valid_until - timedelta(microseconds=1))
    later = AT + (last - AT) * share
    second = decide(account, msgspec.structs.replace(request_, at=later), live)
    assert msgspec.structs.replace(first, decision_id="", at=later) == msgspec.structs.replace(
        second, decision_id="", valid_until=first.valid_until
    )


@given(st.floats(0.4, 20), st.integers(0, 60 * 86_400))
def test_a_decision_ends_when_an_interest_fades_to_below_a_level(level: float, age_s: int) -> None:
    interest = Interest(level, AT - timedelta(seconds=age_s))
    account = Account("a", consent=BOTH, domain_interest={"housing": interest})
    decay = bank().interest
    until = decide(account, Request(AT), bank_live()).valid_until

    def reached(at: datetime) -> int:
        return bisect_right(decay.bounds, level_at(interest, at, decay.half_life_days))

    # rounded down to microseconds, and doubles are not exact: never later, hardly earlier
    just_before, just_after = until - timedelta(microseconds=1), until + timedelta(microseconds=3)
    assert reached(just_before) == reached(AT) or until == AT
    assert until == DAYS.ends(AT) or reached(just_after) < reached(AT)


@pytest.mark.parametrize("seed", range(4))
def test_an_18_year_old_student_is_never_shown_a_mortgage_whatever_the_model_says(
    seed: int,
) -> None:
    decision = decide(STUDENT, Request(AT, limit=20), bank_live(seed))
    assert "mortgage" not in {item.product_id for item in decision.shown}
    (mortgage,) = [item for item in decision.withheld if item.product_id == "mortgage"]
    assert mortgage.stage in {Stage.ELIGIBLE, Stage.SUITABLE}
    assert mortgage.rule.startswith("mortgage.")


def test_an_open_complaint_puts_care_first_and_sells_nothing() -> None:
    upset = msgspec.structs.replace(
        STUDENT, cases=(Case("c1", "complaint", "open", AT - timedelta(days=1)),)
    )
    decision = decide(upset, Request(AT), bank_live())
    assert decision.shown[0].kind is ActionKind.SERVICE
    assert not [item for item in decision.shown if item.product_id]


def test_a_shortfall_ahead_raises_one_alert_and_nothing_that_costs_money_is_offered() -> None:
    short = msgspec.structs.replace(
        STUDENT,
        balance_minor=2_000,
        coming=(Payment(TODAY + timedelta(3), -6_250, "EUR", "Energy"),),
    )
    decision = decide(short, Request(AT, limit=20), bank_live())
    (alert,) = decision.alerts
    assert (alert.kind, alert.shortfall_minor) == ("shortfall_ahead", 4_250)
    offered = [item.product_id for item in decision.shown if item.product_id is not None]
    assert decision.shown[0].action_id == "bridge_the_gap"
    assert {bank().products[name].type for name in offered} <= {"account", "savings"}


def test_after_not_interested_a_product_rests_for_thirty_days() -> None:
    product = decide(STUDENT, Request(AT), bank_live()).shown[0].product_id
    said_no = Contact(ContactKind.NOT_INTERESTED, AT, f"offer.{product}", product)
    account = msgspec.structs.replace(STUDENT, contacts=(said_no,))
    for days, rests in ((29, True), (31, False)):
        decision = decide(account, Request(AT + timedelta(days=days)), bank_live())
        cooling = {item.product_id for item in decision.withheld if "cooling" in item.rule}
        assert (product in cooling) is rests


def test_the_weekly_cap_counts_every_channel() -> None:
    cap = bank().contact.marketing_per_week
    channels = ("web", "branch", "phone", "app")
    contacts = tuple(
        Contact(ContactKind.SHOWN, AT - timedelta(days=n), "offer.x", "x", channels[n % 4])
        for n in range(cap)
    )
    for count, sells in ((cap, False), (cap - 1, True)):
        account = msgspec.structs.replace(STUDENT, contacts=contacts[:count])
        shown = decide(account, Request(AT), bank_live()).shown
        assert any(item.product_id for item in shown) is sells


def test_an_unknown_placement_is_named_with_those_there_are() -> None:
    with pytest.raises(UnknownPlacement, match=r"'hom'.*home.*did you mean 'home'"):
        decide(STUDENT, Request(AT, placement="hom"), bank_live())


def test_two_processes_with_other_hash_seeds_decide_the_same_bytes() -> None:
    script = (
        "from tests.recommender.test_decide import *; import sys;"
        "sys.stdout.buffer.write(encode(decide(STUDENT, Request(AT, limit=20), bank_live())))"
    )
    outputs = [
        subprocess.run(
            [sys.executable, "-c", script],
            check=True,
            capture_output=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    ]
    assert outputs[0] == outputs[1]
    assert outputs[0]


OTHERS = {
    "model": bank_live(1),
    "contact": live_of(bank().model_copy(update={"contact": ContactPolicy(marketing_per_week=1)})),
    "journey": live_of(bank().model_copy(update={"journey": JourneyPolicy(loyal_years=1)})),
    "alerts": live_of(bank().model_copy(update={"alerts": {}})),
    "timezone": live_of(bank().model_copy(update={"timezone": "Pacific/Auckland"})),
    "decay": live_of(bank().model_copy(update={"interest": InterestDecay(half_life_days=2)})),
}
"""What differs from the bank, each in one thing that a decision could wrongly be spared."""


@pytest.mark.parametrize("differs", OTHERS)
@settings(max_examples=25)
@given(asked=st.lists(st.tuples(accounts, requests), max_size=4))
def test_under_two_things_in_force_it_is_decided_as_under_each(
    differs: str, asked: list[tuple[Account, Request]]
) -> None:
    for before, after in ((bank_live(), OTHERS[differs]), (OTHERS[differs], bank_live())):
        both = decide_both(asked, before, after)
        assert both == (decide_all(asked, before), decide_all(asked, after))
