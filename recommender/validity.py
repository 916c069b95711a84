"""Until when a decision holds: the first instant at which time alone may change it."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import chain

from recommender.account import Account
from recommender.catalogue import InterestDecay
from recommender.funnel import ContactState
from recommender.journeys import Journeys
from recommender.rules.facts import Facts


def valid_until(
    account: Account,
    facts: Facts,
    contact: ContactState,
    at: datetime,
    midnight: datetime,
    decay: InterestDecay,
    journeys: Journeys,
) -> datetime:
    """Ages, dates and terms turn at the bank's next `midnight`; other things may turn before.

    Those are an interest that fades to below a level, a contact that no longer counts, and what is
    on record for a later instant (a case, a contact).
    """
    until = midnight
    fades_in = _fades_in(facts, decay)
    if fades_in is not None:
        until = min(until, at + fades_in)
    if contact.until is not None:
        until = min(until, contact.until)
    if account.cases or account.applications or account.opinion:
        until = min(chain((until,), _ahead(account, at), journeys.until(account, at)))
    return until


LONGEST_DAYS = 2.0
"""No day of the bank is longer, whatever is done to its clocks."""


def _fades_in(facts: Facts, decay: InterestDecay) -> timedelta | None:
    """How long each interest keeps its level, the shortest of all; None when all outlast the day.

    Interest halves in each half-life, so it falls from l to the bound b in
    half_life * log2(l / b); rounded down, since at that very instant it still has the level.
    """
    bounds = decay.bounds
    least, closest = bounds[0], math.inf
    for levels in (facts.domain_interest, facts.product_interest):
        for level in levels.values():
            if level >= least:
                above = level / bounds[bisect_right(bounds, level) - 1]
                closest = min(closest, above)
    days = decay.half_life_days * math.log2(closest)
    return timedelta(microseconds=math.floor(days * 86_400e6)) if days < LONGEST_DAYS else None


def _ahead(account: Account, at: datetime) -> Iterator[datetime]:
    """Instants after `at` at which a case opens, closes or is late, or an opinion is given."""
    if account.opinion is not None and account.opinion.at > at:
        yield account.opinion.at
    for case in account.cases:
        for instant in (case.opened_at, case.closed_at, case.promised_at):
            if instant is not None and instant > at:
                yield instant
