"""The whole why: of what is shown how it came to its rank, of all else what stood against it.

The model's part is exact: a score is a sum over the account's tokens, so what each of them moved
adds up to it.
"""

from __future__ import annotations

import msgspec

from recommender.account import Account
from recommender.answer import Answer, Contribution, Explanation, Recommendation, WithheldAnswer
from recommender.decision import Decision, Shown
from recommender.live import Live
from recommender.nearest_change import Situation, nearest_change
from recommender.rules.facts import Facts

DIGITS = 6


def explained(said: Answer, decision: Decision, account: Account, live: Live) -> Answer:
    """The same answer, with the reasons of every rank, and for each product that is not shown the
    stage, the rule, why, and the nearest change.

    `account` is the one the decision was made for.
    """
    if not account.consent.personalisation:
        account = account.without_profile()
    facts = live.facts(account, decision.at)
    tokens = live.tokens(facts, account.account_id) if facts.values else []
    known = [token for token in tokens if token in live.model.rows]
    return msgspec.structs.replace(
        said,
        recommendations=tuple(
            _explained(recommendation, shown, known, live)
            for recommendation, shown in zip(said.recommendations, decision.shown, strict=True)
        ),
        withheld=_withheld(decision, account, facts, live),
    )


def for_the_person(said: Answer, live: Live) -> Answer:
    """The same answer for whom it is about: of each rank only what may be said as a reason.

    What income or a lever did is for those who answer for it, and who can put it in words.
    """
    return msgspec.structs.replace(
        said,
        recommendations=tuple(_for_the_person(one, live) for one in said.recommendations),
    )


def _for_the_person(recommendation: Recommendation, live: Live) -> Recommendation:
    whole = recommendation.explanation
    if whole is msgspec.UNSET:
        return recommendation
    moved = tuple(one for one in whole.contributions if one.token in live.sayable)
    part = msgspec.structs.replace(whole, arbitration=None, contributions=moved)
    return msgspec.structs.replace(recommendation, explanation=part)


def _explained(
    recommendation: Recommendation, shown: Shown, tokens: list[str], live: Live
) -> Recommendation:
    moved: tuple[Contribution, ...] = ()
    if shown.product_id in live.model.columns:
        moved = contributions(tokens, str(shown.product_id), live)
    explanation = Explanation(shown.probability, shown.arbitration, moved)
    return msgspec.structs.replace(recommendation, explanation=explanation)


def contributions(tokens: list[str], product_id: str, live: Live) -> tuple[Contribution, ...]:
    """What each token moved the product's log-odds, against the mean over all products; the
    strongest first, whichever way. `tokens` are known to the model, as is the product.
    """
    moved = live.model.contributions(tokens, (product_id,))[:, 0].tolist()
    pairs = sorted(zip(tokens, moved, strict=True), key=lambda pair: (-abs(pair[1]), pair[0]))
    return tuple(Contribution(token, round(gain, DIGITS)) for token, gain in pairs)


def _withheld(
    decision: Decision, account: Account, facts: Facts, live: Live
) -> tuple[WithheldAnswer, ...]:
    seen = Situation(account, facts, decision, live.on(live.days.of(decision.at)))
    return tuple(
        WithheldAnswer(
            item.product_id,
            item.stage,
            item.rule,
            live.explain_rule(item.rule, facts, decision.language),
            nearest_change(item.product_id, seen),
        )
        for item in decision.withheld
    )
