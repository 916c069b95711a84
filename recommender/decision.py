"""The decision: what to show, in which order and why; what was withheld, and by which rule."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from recommender.account import AlertStatus
from recommender.catalogue.alerts import Severity


class Stage(StrEnum):
    """The funnel, in order. Before SCORED they are hard: no score brings back what they removed."""

    AVAILABLE = "available"
    ELIGIBLE = "eligible"
    SUITABLE = "suitable"
    CONSENTED = "consented"
    CONTACTABLE = "contactable"
    SCORED = "scored"
    ARBITRATED = "arbitrated"
    SLOTTED = "slotted"


class ActionKind(StrEnum):
    OFFER = "offer"
    PARTNER_OFFER = "partner_offer"
    SERVICE = "service"
    ADVICE = "advice"


class Versions(msgspec.Struct, frozen=True, gc=False):
    """Which model, policies and catalogue made a decision."""

    model: str
    policy: str
    catalogue: str


class Arbitration(msgspec.Struct, frozen=True, gc=False):
    """How a rank came about: `score` = propensity x value x context x lever."""

    propensity: float
    value: float
    context: float
    lever: float
    score: float


class Shown(msgspec.Struct, frozen=True, gc=False):
    """One action in its slot; `probability` is the chance with which it was chosen for it.

    `propensity` is None for what is not scored: service, advice, products new to the model.
    """

    action_id: str
    kind: ActionKind
    domain: str
    rank: int
    product_id: str | None = None
    propensity: float | None = None
    arbitration: Arbitration | None = None
    probability: float = 1.0
    tokens: tuple[str, ...] = ()
    """The account's tokens that raised this product's score most, strongest first."""


class Withheld(msgspec.Struct, frozen=True, gc=False):
    """A product that is not shown: the first stage that stopped it, and the rule that did."""

    product_id: str
    stage: Stage
    rule: str


class Alert(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Something the person needs to know now. Amounts are minor units of `currency`.

    `raised_at` is None until a worker has put it on record. `about` is a kind of case or a
    product, `remedy` an action of the catalogue, `before_minor` what it was before it was so much.
    What does not apply is None.
    """

    alert_id: str
    kind: str
    severity: Severity
    status: AlertStatus
    raised_at: datetime | None
    due_on: str | None
    amount_minor: int | None
    shortfall_minor: int | None
    currency: str
    counterparty: str | None
    about: str | None
    evidence: tuple[str, ...]
    remedy: str | None
    before_minor: int | None = None


class Decision(msgspec.Struct, frozen=True, gc=False):
    """The one answer, whichever channel asks."""

    decision_id: str
    account_id: str
    placement: str
    channel: str
    language: str
    at: datetime
    valid_until: datetime
    versions: Versions
    shown: tuple[Shown, ...]
    withheld: tuple[Withheld, ...]
    alerts: tuple[Alert, ...] = ()


def encode(decision: Decision) -> bytes:
    """Canonical JSON bytes: equal decisions give equal bytes."""
    return msgspec.json.encode(decision)
