"""May this be shown now? A decision says what to show; between it and the showing things change.

Consent is withdrawn, a complaint is opened, another channel spends the budget: the hard stages are
asked again, of the account as it stands now.
"""

from __future__ import annotations

from datetime import datetime

from recommender.account import Account
from recommender.decision import Withheld
from recommender.funnel import contact_state
from recommender.live import Live


def objection(
    account: Account, action_id: str, channel: str, at: datetime, live: Live
) -> Withheld | None:
    """What stands against showing an action of the catalogue; None when nothing does.

    Only offers are asked about: service and advice need no consent and spend no budget.
    """
    live = live.on(at.date())
    product_id = live.funnel.product_of(action_id)
    if product_id is None:
        return None
    if not account.consent.personalisation:
        account = account.without_profile()
    facts = live.facts(account, at)
    contact = contact_state(account, live.catalogue.contact, at)
    _, withheld = live.funnel.sift(facts, contact, channel, at.date())
    return next((one for one in withheld if one.product_id == product_id), None)


def why_not(stopped: Withheld, account: Account, at: datetime, language: str, live: Live) -> str:
    """The objection in words."""
    facts = live.facts(account, at)
    return live.explain_rule(stopped.rule, facts, language)
