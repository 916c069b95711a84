"""An alert in the words of one language, as every channel gets it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from recommender.account import AlertStatus
from recommender.catalogue import Catalogue
from recommender.catalogue.alerts import Severity
from recommender.decision import Alert
from recommender.words import amount, case_name, day_name


class Remedy(msgspec.Struct, frozen=True):
    """What the person can do about it."""

    action_id: str
    title: str
    message: str
    url: str


class AlertAnswer(msgspec.Struct, frozen=True):
    alert_id: str
    kind: str
    severity: Severity
    status: AlertStatus
    raised_at: datetime | None
    due_on: str | None
    amount_minor: int | None
    shortfall_minor: int | None
    currency: str
    title: str
    message: str
    remedy: Remedy | None
    evidence: tuple[str, ...]


def alert_answers(
    alerts: Sequence[Alert], language: str, catalogue: Catalogue
) -> tuple[AlertAnswer, ...]:
    if not alerts:  # as most people have none
        return ()
    return tuple([alert_answer(alert, language, catalogue) for alert in alerts])


def alert_answer(alert: Alert, language: str, catalogue: Catalogue) -> AlertAnswer:
    kind = catalogue.alerts[alert.kind]
    filled = _filled(alert, language, catalogue)
    message = kind.message if alert.counterparty or kind.unnamed is None else kind.unnamed
    return AlertAnswer(
        alert_id=alert.alert_id,
        kind=alert.kind,
        severity=alert.severity,
        status=alert.status,
        raised_at=None if alert.raised_at is None else alert.raised_at.astimezone(UTC),
        due_on=alert.due_on,
        amount_minor=alert.amount_minor,
        shortfall_minor=alert.shortfall_minor,
        currency=alert.currency,
        title=kind.title[language].format(**filled),
        message=message[language].format(**filled),
        remedy=_remedy(alert.remedy, language, catalogue),
        evidence=alert.evidence,
    )


def _filled(alert: Alert, language: str, catalogue: Catalogue) -> dict[str, str]:
    """What each placeholder stands for; the fact says which of them its texts may have."""
    about = alert.about or ""
    product = catalogue.products.get(about)
    return {
        "day": "" if alert.due_on is None else day_name(alert.due_on, language),
        "amount": amount(alert.amount_minor or 0, alert.currency),
        "before": amount(alert.before_minor or 0, alert.currency),
        "shortfall": amount(alert.shortfall_minor or 0, alert.currency),
        "counterparty": alert.counterparty or "",
        "case": case_name(about, language),
        "product": about if product is None else product.title[language],
    }


def _remedy(action_id: str | None, language: str, catalogue: Catalogue) -> Remedy | None:
    # what was told under an earlier catalogue may name an action that has left since
    action = None if action_id is None else catalogue.actions.get(action_id)
    if action is None or action_id is None:
        return None
    return Remedy(action_id, action.title[language], action.message[language], action.url)
