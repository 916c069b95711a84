"""The answer: a decision in the words of one language, as the JSON that every channel gets."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from recommender.account import Account
from recommender.alerts.wording import AlertAnswer, alert_answer
from recommender.decision import ActionKind, Decision, Shown, Stage, Versions
from recommender.live import Live
from recommender.reasons import Reason
from recommender.situation import facts_at


class Recommendation(msgspec.Struct, frozen=True):
    action_id: str
    product_id: str | None
    kind: ActionKind
    domain: str
    title: str
    message: str
    url: str
    propensity: float | None
    rank: int
    reasons: tuple[Reason, ...]


class WithheldAnswer(msgspec.Struct, frozen=True):
    product_id: str
    stage: Stage
    rule: str
    text: str


class ExperimentArm(msgspec.Struct, frozen=True):
    key: str
    variation: str


class Answer(msgspec.Struct, frozen=True, omit_defaults=False):
    """The body of GET /v1/accounts/{account_id}/recommendations."""

    decision_id: str
    account_id: str
    placement: str
    channel: str
    language: str
    as_of: datetime
    versions: Versions
    degraded: bool
    experiments: tuple[ExperimentArm, ...]
    recommendations: tuple[Recommendation, ...]
    alerts: tuple[AlertAnswer, ...]
    withheld: tuple[WithheldAnswer, ...] | msgspec.UnsetType = msgspec.UNSET


def answer(decision: Decision, live: Live, *, degraded: bool = False) -> Answer:
    """The decision in words. Withheld products are left out: see `with_withheld`."""
    language = decision.language
    return Answer(
        decision_id=decision.decision_id,
        account_id=decision.account_id,
        placement=decision.placement,
        channel=decision.channel,
        language=language,
        as_of=decision.at.astimezone(UTC),
        versions=decision.versions,
        degraded=degraded,
        experiments=(),
        recommendations=tuple([_recommendation(shown, language, live) for shown in decision.shown]),
        alerts=tuple([alert_answer(alert, language, live.catalogue) for alert in decision.alerts]),
    )


def with_withheld(said: Answer, decision: Decision, account: Account, live: Live) -> Answer:
    """The same answer, and for each product that is not shown the stage, the rule and why.

    `account` is the one the decision was made for.
    """
    if not account.consent.personalisation:
        account = account.without_profile()
    facts = facts_at(account, decision.at, live.catalogue.interest.half_life_days)
    return msgspec.structs.replace(
        said,
        withheld=tuple(
            WithheldAnswer(
                item.product_id,
                item.stage,
                item.rule,
                live.explain_rule(item.rule, facts, decision.language),
            )
            for item in decision.withheld
        ),
    )


def encode_answer(said: Answer) -> bytes:
    return msgspec.json.encode(said)


def _recommendation(shown: Shown, language: str, live: Live) -> Recommendation:
    catalogue = live.catalogue
    source = (
        catalogue.actions[shown.action_id]
        if shown.product_id is None
        else catalogue.products[shown.product_id]
    )
    sayable = live.sayable
    return Recommendation(
        action_id=shown.action_id,
        product_id=shown.product_id,
        kind=shown.kind,
        domain=shown.domain,
        title=source.title[language],
        message=source.message[language],
        url=source.url,
        propensity=None if shown.propensity is None else round(shown.propensity, 6),
        rank=shown.rank,
        reasons=tuple([sayable[token][language] for token in shown.tokens]),
    )


__all__ = ["Answer", "Recommendation", "answer", "encode_answer", "with_withheld"]
