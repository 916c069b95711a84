"""What an account made from tables keeps of the one before: what people told us themselves.

Tables may be older than that, or never have it. Wishes, consents, applications and opinions are
dated, so of each the newest is true; what became of alerts is in no table at all.
"""

from __future__ import annotations

import msgspec

from recommender.account import Account, Application
from recommender.catalogue import Catalogue
from recommender.events.applications import joined
from recommender.events.opinions import later
from recommender.events.preferences import FORGOTTEN, PERSONALISATION, with_wishes_of


def carried(account: Account, before: Account, catalogue: Catalogue) -> Account:
    """`account`, from tables, with what `before`, folded from events, knows newer.

    Without consent to personalisation nothing stays inferred, whatever the tables allowed; nor does
    what they inferred without the last word on it.
    """
    wished = with_wishes_of(account, before)
    kept = msgspec.structs.replace(
        wished,
        applications=_applications(account, before, catalogue),
        opinion=later(account.opinion, before.opinion) if before.opinion else account.opinion,
        alerts=before.alerts or account.alerts,
    )
    newer = kept.changed_at.get(PERSONALISATION) != account.changed_at.get(PERSONALISATION)
    if kept.consent.personalisation and not newer:
        return kept
    return msgspec.structs.replace(kept, **FORGOTTEN)


def _applications(
    account: Account, before: Account, catalogue: Catalogue
) -> dict[str, Application]:
    known = {**account.applications}
    for product, application in before.applications.items():
        if product in catalogue.products:
            known[product] = joined(known.get(product, Application()), application)
    return known
