"""The README's questions: what is asked, and what must be true of the answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cli.demo.api import Reply
from recommender.catalogue import Catalogue
from recommender.decision import Stage

Body = Mapping[str, Any]
Expectation = tuple[str, Callable[[Body], bool]]

MARKETING = frozenset({"offer", "partner_offer"})
RANKED = (Stage.SCORED, Stage.ARBITRATED, Stage.SLOTTED)
"""Stages that no rule decides: others came before it."""
PLACEMENT = "home"


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
FRESH: Expectation = ("the answer is not degraded", lambda body: body["degraded"] is False)


def ruled_out(product_id: str, rule: str) -> Expectation:
    """`rule` of `product_id` withholds it, whatever the model thinks."""
    full = f"{product_id}.{rule}"
    return f"{full} withholds it", lambda body: withheld(body, product_id).get("rule") == full


def open_to(product_id: str) -> Expectation:
    """`product_id` is shown, or lost to better ones: no rule withholds it."""
    return (
        f"no rule withholds {product_id}",
        lambda body: withheld(body, product_id).get("stage", RANKED[0]) in RANKED,
    )


def all_slots(catalogue: Catalogue) -> Expectation:
    """As many recommendations as the placement has slots."""
    slots = catalogue.placements[PLACEMENT].slots
    return f"all {slots} slots are filled", lambda body: len(body["recommendations"]) == slots


FREE_OF_CHARGE = frozenset({"account", "savings"})


def nothing_that_costs_money(catalogue: Catalogue) -> Expectation:
    """No product is recommended, as an offer or otherwise, but accounts and buffers."""
    products = catalogue.products
    free = {name for name, product in products.items() if product.type in FREE_OF_CHARGE}
    return (
        "nothing that costs money is offered",
        lambda body: {shown["product_id"] for shown in body["recommendations"]} <= free | {None},
    )


def readme_questions(catalogue: Catalogue) -> tuple[Question, ...]:
    """The questions, for the demo bank's `catalogue`."""
    full = all_slots(catalogue)
    plain = {"placement": PLACEMENT, "channel": "web", "language": "en"}
    explain = plain | {"explain": "true"}
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
                full,
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
            (full, savings_first, no_mortgage),
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
            (full, NO_OFFER),
            plain,
        ),
        Question(
            "And somebody whose complaint is still open?",
            "demo-complaint",
            (
                full,
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
                full,
                ("there is an alert", lambda body: len(body["alerts"]) > 0),
                nothing_that_costs_money(catalogue),
            ),
            plain,
        ),
        Question(
            "Somebody who left university, found a job and rents a first home?",
            "demo-starter",
            (
                full,
                ruled_out("student_insurance", "students_only"),
                ruled_out("building_insurance", "owns_home"),
                open_to("current_account"),
            ),
            explain,
        ),
        Question(
            "Parents of a first child?",
            "demo-parents",
            (
                full,
                ruled_out("business_account", "own_business"),
                open_to("kids_savings"),
                open_to("life_insurance"),
            ),
            explain,
        ),
        Question(
            "Somebody of 65 who is about to retire?",
            "demo-retiring",
            (
                full,
                ruled_out("disability_insurance", "working_age"),
                ruled_out("kids_savings", "has_children"),
                open_to("annuity"),
            ),
            explain,
        ),
        Question(
            "Somebody we have never heard of, asked by a back end",
            "nobody-by-this-name",
            (full, NO_OFFER),
            plain,
        ),
    )
