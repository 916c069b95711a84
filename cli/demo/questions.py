"""The README's questions: what is asked, and what must be true of the answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cli.demo.api import Reply

Body = Mapping[str, Any]
Expectation = tuple[str, Callable[[Body], bool]]

MARKETING = frozenset({"offer", "partner_offer"})


@dataclass(frozen=True, slots=True)
class Question:
    """Asked by a back end with its key, or by the browser of `browser_of` with a token."""

    asked: str
    account_id: str
    expected: tuple[Expectation, ...]
    parameters: Mapping[str, str]
    browser_of: str | None = None
    status: int = 200

    def verdicts(self, reply: Reply) -> Iterator[tuple[str, bool]]:
        """Each expectation in words, and whether it holds."""
        yield f"answers {self.status}", reply.status == self.status
        if reply.status == self.status:
            for words, holds in self.expected:
                yield words, holds(reply.body)


def offers(body: Body) -> list[Body]:
    return [shown for shown in body["recommendations"] if shown["kind"] in MARKETING]


def products(body: Body) -> list[str]:
    return [shown["product_id"] for shown in offers(body)]


def withheld(body: Body, product_id: str) -> Body:
    """How `product_id` was withheld; empty when it was not."""
    return next((item for item in body["withheld"] if item["product_id"] == product_id), {})


NO_OFFER: Expectation = ("nothing is sold", lambda body: not offers(body))
NOT_EMPTY: Expectation = ("no slot is empty", lambda body: len(body["recommendations"]) > 0)
FRESH: Expectation = ("the answer is not degraded", lambda body: body["degraded"] is False)


def readme_questions(credit: frozenset[str]) -> tuple[Question, ...]:
    """The questions; `credit` are the catalogue's credit products."""
    explain = {"placement": "home", "channel": "web", "language": "en", "explain": "true"}
    plain = {"placement": "home", "channel": "web", "language": "en"}
    savings_first: Expectation = (
        "a savings product comes first",
        lambda body: [shown["domain"] for shown in offers(body)][:1] == ["saving"],
    )
    no_mortgage: Expectation = ("no mortgage", lambda body: "mortgage" not in products(body))
    return (
        Question(
            "What do we offer an 18-year-old who just opened a student account?",
            "demo-student",
            (
                savings_first,
                no_mortgage,
                (
                    "the rule that withholds the mortgage is named",
                    lambda body: withheld(body, "mortgage").get("rule", "").startswith("mortgage."),
                ),
                FRESH,
            ),
            explain,
        ),
        Question(
            "The same, asked by her own browser with her token",
            "demo-student",
            (savings_first, no_mortgage),
            plain,
            browser_of="demo-student",
        ),
        Question(
            "Her token, somebody else's account",
            "demo-parents",
            (),
            plain,
            browser_of="demo-student",
            status=404,
        ),
        Question(
            "Her token, an account that does not exist",
            "nobody-by-this-name",
            (),
            plain,
            browser_of="demo-student",
            status=404,
        ),
        Question(
            "What do we show somebody who gave no consent?",
            "demo-no-consent",
            (NO_OFFER, NOT_EMPTY),
            plain,
        ),
        Question(
            "And somebody whose complaint is still open?",
            "demo-complaint",
            (
                NO_OFFER,
                (
                    "the complaint comes first",
                    lambda body: body["recommendations"][0]["action_id"] == "complaint_status",
                ),
            ),
            plain,
        ),
        Question(
            "And somebody whose direct debit is larger than the balance?",
            "demo-shortfall",
            (
                ("there is an alert", lambda body: len(body["alerts"]) > 0),
                ("no credit is offered", lambda body: credit.isdisjoint(products(body))),
            ),
            plain,
        ),
        Question(
            "Somebody we have never heard of, asked by a back end",
            "nobody-by-this-name",
            (NO_OFFER, NOT_EMPTY),
            plain,
        ),
    )
