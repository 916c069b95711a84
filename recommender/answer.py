"""The answer: a decision in the words of one language, as the JSON that every channel gets."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec

from recommender.alerts.wording import AlertAnswer, alert_answers
from recommender.cards import Card
from recommender.decision import ActionKind, Arbitration, Decision, Shown, Stage, Versions
from recommender.live import Live
from recommender.reasons import Reason


class Contribution(msgspec.Struct, frozen=True, gc=False):
    """What one of the account's tokens moved a product's log-odds, against all products' mean."""

    token: str
    log_odds: float


class Explanation(msgspec.Struct, frozen=True, gc=False):
    """How a rank came about; `probability` is the chance the action had of this slot.

    To the person it is about, `arbitration` is None and `contributions` are those we may say.
    """

    probability: float
    arbitration: Arbitration | None
    contributions: tuple[Contribution, ...]


class Recommendation(msgspec.Struct, frozen=True, gc=False):
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
    explanation: Explanation | msgspec.UnsetType = msgspec.UNSET
    """With explain=true only."""


class WithheldAnswer(msgspec.Struct, frozen=True):
    product_id: str
    stage: Stage
    rule: str
    text: str
    nearest: str | None
    """The least that would have to change for the product to pass this rule and all after it; None
    when nothing would do, or when only a slot is missing."""


class ExperimentArm(msgspec.Struct, frozen=True):
    key: str
    variation: str


class Answer(msgspec.Struct, frozen=True, omit_defaults=False, gc=False):
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
    """The decision in words. Withheld products are left out: see `recommender.explanation`."""
    language = decision.language
    cards, reasons = live.cards[language], live.reasons[language]
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
        recommendations=tuple([_recommendation(one, cards, reasons) for one in decision.shown]),
        alerts=alert_answers(decision.alerts, language, live.catalogue),
    )


_decoder = msgspec.json.Decoder(Answer)


def encode_answer(said: Answer) -> bytes:
    return msgspec.json.encode(said)


def decode_answer(body: bytes) -> Answer:
    """What `encode_answer` wrote."""
    return _decoder.decode(body)


def _recommendation(
    shown: Shown, cards: Mapping[str, Card], reasons: Mapping[str, Reason]
) -> Recommendation:
    title, message, url = cards[shown.action_id]
    return Recommendation(
        action_id=shown.action_id,
        product_id=shown.product_id,
        kind=shown.kind,
        domain=shown.domain,
        title=title,
        message=message,
        url=url,
        propensity=None if shown.propensity is None else round(shown.propensity, 6),
        rank=shown.rank,
        reasons=tuple(map(reasons.__getitem__, shown.tokens)),
    )


__all__ = ["Answer", "Recommendation", "answer", "decode_answer", "encode_answer"]
