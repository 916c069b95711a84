"""The answer: the contract of the HTTP body, in the person's language, with why and why not."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec
import pytest
from hypothesis import given

from recommender.account import Account, Interest, Payment
from recommender.answer import Answer, answer, encode_answer
from recommender.decide import decide
from recommender.explanation import explained
from recommender.request import Request
from tests.recommender.accounts import AT, TODAY, accounts
from tests.recommender.bank import bank, bank_live
from tests.recommender.test_decide import BOTH, STUDENT, requests

FIELDS = [
    "decision_id",
    "account_id",
    "placement",
    "channel",
    "language",
    "as_of",
    "versions",
    "degraded",
    "experiments",
    "recommendations",
    "alerts",
]
RECOMMENDATION = [
    "action_id",
    "product_id",
    "kind",
    "domain",
    "title",
    "message",
    "url",
    "propensity",
    "rank",
    "reasons",
]


def body(account: Account, request_: Request, *, explain: bool = False) -> dict[str, object]:
    live = bank_live()
    decision = decide(account, request_, live)
    said = answer(decision, live)
    if explain:
        said = explained(said, decision, account, live)
    decoded: dict[str, object] = msgspec.json.decode(encode_answer(said))
    return decoded


@given(accounts, requests)
def test_every_answer_has_the_fields_of_the_contract(account: Account, request_: Request) -> None:
    said = answer(decide(account, request_, bank_live()), bank_live())
    decoded = msgspec.json.decode(encode_answer(said))
    assert list(decoded) == FIELDS
    for item in decoded["recommendations"]:
        assert list(item) == RECOMMENDATION
        assert item["title"]
        assert item["message"]
        assert all(reason["text"] for reason in item["reasons"])


@given(accounts, requests)
def test_whatever_is_withheld_is_explained_in_words(account: Account, request_: Request) -> None:
    live = bank_live()
    decision = decide(account, request_, live)
    said = explained(answer(decision, live), decision, account, live)
    assert isinstance(said.withheld, tuple)
    assert len(said.withheld) == len(decision.withheld)
    for item in said.withheld:
        assert item.text.endswith(".")
        assert "{" not in item.text


def test_the_student_is_told_which_rule_withheld_the_mortgage() -> None:
    withheld = body(STUDENT, Request(AT), explain=True)["withheld"]
    assert isinstance(withheld, list)
    (mortgage,) = [item for item in withheld if item["product_id"] == "mortgage"]
    assert mortgage == {
        "product_id": "mortgage",
        "stage": "eligible",
        "rule": "mortgage.needs_income",
        "text": "A mortgage needs an income; you have none that we know of.",
        "nearest": "with income: low, middle or high; once we can see that no shortfall is ahead; "
        "and if you looked at Housing a lot",
    }


def test_withheld_is_left_out_unless_asked_for() -> None:
    assert "withheld" not in body(STUDENT, Request(AT))


@pytest.mark.parametrize(
    ("language", "title", "message"),
    [
        (
            "en",
            "Your balance will be short",
            (
                "On Thursday 26 November EUR 62.50 leaves for Energy and your balance will be short "  # noqa: E501  # one sentence
                "by about EUR 42.50."
            ),
        ),
        (
            "nl",
            "Uw saldo komt tekort",
            (
                "Op donderdag 26 november gaat EUR 62.50 naar Energy en komt uw saldo ongeveer "
                "EUR 42.50 tekort."
            ),
        ),
    ],
)
def test_a_shortfall_is_told_in_time_and_in_words(language: str, title: str, message: str) -> None:
    account = msgspec.structs.replace(
        STUDENT,
        balance_minor=2_000,
        coming=(Payment(date(2026, 11, 26), -6_250, "EUR", "Energy"),),
    )
    alerts = body(account, Request(AT, language=language))["alerts"]
    assert isinstance(alerts, list)
    assert (alerts[0]["title"], alerts[0]["message"]) == (title, message)


def test_reasons_name_what_the_person_did_and_never_income_or_region() -> None:
    keen = Account(
        "keen",
        birth_date=date(1990, 1, 1),
        joined_on=TODAY - timedelta(400),
        consent=BOTH,
        attributes={"occupation": "employed", "income_band": "high", "region": "north"},
        domain_interest={"housing": Interest(9, AT)},
        product_interest={"mortgage": Interest(9, AT)},
    )
    live = bank_live()
    for token, words in live.sayable.items():
        assert not token.startswith(("income_band", "region", "gender", "occupation*household"))
        assert set(words) == set(bank().languages)
    said = answer(decide(keen, Request(AT, limit=20), live), live)
    codes = {reason.code for item in said.recommendations for reason in item.reasons}
    assert codes <= {"occupation", "household", "housing", "children", "has_car"} | {
        "holds",
        "interest",
        "views",
    }


def test_the_answer_can_be_read_back_as_what_it_is() -> None:
    live = bank_live()
    said = answer(decide(STUDENT, Request(AT), live), live)
    assert msgspec.json.decode(encode_answer(said), type=Answer) == said
