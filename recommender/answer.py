"""The answer: a decision in the words of one language, as the JSON that every channel gets."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from recommender.account import Account
from recommender.catalogue import Action, AlertText, Person, Product
from recommender.decision import ActionKind, Alert, Decision, Shown, Stage, Versions
from recommender.live import Live
from recommender.reasons import Reason
from recommender.rules.near_words import Calendar
from recommender.words import amount, day_name


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


class AlertAnswer(msgspec.Struct, frozen=True):
    alert_id: str
    kind: str
    due_on: str
    amount_minor: int
    shortfall_minor: int
    currency: str
    title: str
    message: str


class WithheldAnswer(msgspec.Struct, frozen=True):
    product_id: str
    stage: Stage
    rule: str
    text: str
    nearest: str | None
    """The least that would have to change for this rule to pass; None when nothing would do."""


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
        alerts=tuple([_alert(alert, language, live) for alert in decision.alerts]),
    )


def with_withheld(said: Answer, decision: Decision, account: Account, live: Live) -> Answer:
    """The same answer, and for each product that is not shown the stage, the rule, why, and the
    nearest change.

    `account` is the one the decision was made for.
    """
    if not account.consent.personalisation:
        account = account.without_profile()
    facts = live.facts(account, decision.at)
    calendar = Calendar(decision.at.date(), account.birth_date, account.joined_on)
    return msgspec.structs.replace(
        said,
        withheld=tuple(
            WithheldAnswer(
                item.product_id,
                item.stage,
                item.rule,
                live.explain_rule(item.rule, facts, decision.language),
                live.nearest(item, facts, calendar, decision.language),
            )
            for item in decision.withheld
        ),
    )


def encode_answer(said: Answer) -> bytes:
    return msgspec.json.encode(said)


def _recommendation(shown: Shown, language: str, live: Live) -> Recommendation:
    catalogue = live.catalogue
    source: Action | Product | Person
    if shown.product_id is None:
        source = action = catalogue.every_action[shown.action_id]
        title = action.title
    else:
        product = catalogue.products[shown.product_id]
        source, title = product.moment_of_truth or product, product.title
    sayable = live.sayable
    return Recommendation(
        action_id=shown.action_id,
        product_id=shown.product_id,
        kind=shown.kind,
        domain=shown.domain,
        title=title[language],
        message=source.message[language],
        url=source.url,
        propensity=None if shown.propensity is None else round(shown.propensity, 6),
        rank=shown.rank,
        reasons=tuple([sayable[token][language] for token in shown.tokens]),
    )


def _alert(alert: Alert, language: str, live: Live) -> AlertAnswer:
    texts: AlertText = getattr(live.catalogue.alerts, alert.kind)
    filled = {
        "day": day_name(alert.due_on, language),
        "amount": amount(alert.amount_minor, alert.currency),
        "shortfall": amount(alert.shortfall_minor, alert.currency),
        "counterparty": alert.counterparty,
    }
    return AlertAnswer(
        alert_id=alert.alert_id,
        kind=alert.kind,
        due_on=alert.due_on,
        amount_minor=alert.amount_minor,
        shortfall_minor=alert.shortfall_minor,
        currency=alert.currency,
        title=texts.title[language].format(**filled),
        message=texts.message[language].format(**filled),
    )


__all__ = ["Answer", "Recommendation", "answer", "encode_answer", "with_withheld"]
