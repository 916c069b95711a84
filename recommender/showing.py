"""May this be shown now? A decision says what to show; between it and the showing things change.

Consent is withdrawn, a complaint is opened, another channel spends the budget: the hard stages are
asked again, of the account as it stands now.
"""

from __future__ import annotations

from datetime import datetime

from recommender.account import Account
from recommender.decision import Stage, Withheld
from recommender.funnel import contact_state
from recommender.live import Live


def objection(
    account: Account, action_id: str, channel: str, at: datetime, live: Live
) -> Withheld | None:
    """What stands against showing an action of the catalogue; None when nothing does.

    Only offers and guidance are asked about: service needs no consent and spends no budget.
    """
    day = live.days.of(at)
    live = live.on(day)
    candidate = live.funnel.candidate(action_id)
    if candidate is None:
        return None
    if not account.consent.personalisation:
        account = account.without_profile()
    facts = live.facts(account, at)
    contact = contact_state(account, live.catalogue.contact, at)
    stays, withheld, _ = live.funnel.sift(facts, contact, live.funnel.on_sale(channel, day))
    if candidate in stays:
        return None
    stopped = next((one for one in withheld if one.product_id == candidate.product_id), None)
    return (
        stopped
        or candidate.unwelcome(contact)
        or candidate.withheld(Stage.SUITABLE, "wrong_moment")
    )


def why_not(stopped: Withheld, account: Account, at: datetime, language: str, live: Live) -> str:
    """The objection in words: nothing of a profile that we may not read."""
    live = live.on(live.days.of(at))
    if not account.consent.personalisation:
        account = account.without_profile()
    return live.explain_rule(stopped.rule, live.facts(account, at), language)
