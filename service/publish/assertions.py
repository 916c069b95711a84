"""What assertions say, asked of the very people who are about to be written."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from recommender.account import Account
from recommender.catalogue import Catalogue
from recommender.catalogue.proof import trials
from recommender.catalogue.terms import on_day
from recommender.situation import facts_at
from service.errors import PublishError

MOST_TOLD = 10


def check_assertions(
    accounts: Iterable[Account],
    catalogue: Catalogue,
    at: datetime,
    progress: Callable[[int], None] = lambda _: None,
) -> None:
    """Look at everybody as `decide` will see them at `at`.

    Raises:
        PublishError: an assertion is not true: which, of whom, and what of them matters.
    """
    asked = tuple(trials(on_day(catalogue, at.date())))
    told: dict[tuple[str | int, ...], str] = {}
    for account in accounts:
        seen = account if account.consent.personalisation else account.without_profile()
        facts = facts_at(seen, at, catalogue.interest.half_life_days)
        for trial in asked:
            if trial.path not in told and trial.disproved_by(facts):
                mistake = trial.disproof(facts, catalogue.universe)
                _, index, kind = trial.path
                told[trial.path] = (
                    f"assertions[{index}].{kind}: account {account.account_id}: {mistake.message}"
                )
        progress(1)
    if told:
        raise PublishError("\n".join([*list(told.values())[:MOST_TOLD], "nothing was written"]))
