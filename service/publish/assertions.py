"""What assertions say, asked of the very people who are about to be written."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from recommender.account import Account
from recommender.catalogue.proof import trials
from recommender.live import Live
from service.errors import PublishError

MOST_TOLD = 10


def check_assertions(
    accounts: Iterable[Account],
    live: Live,
    at: datetime,
    progress: Callable[[int], None] = lambda _: None,
) -> None:
    """Look at everybody as `decide` will see them at `at`.

    Raises:
        PublishError: an assertion is not true: which, of whom, and what of them matters.
    """
    live = live.on(live.days.of(at))
    asked, universe = tuple(trials(live.catalogue)), live.catalogue.universe
    told: dict[tuple[str | int, ...], str] = {}
    for account in accounts:
        seen = account if account.consent.personalisation else account.without_profile()
        facts = live.facts(seen, at)
        for trial in asked:
            if trial.path not in told and trial.disproved_by(facts):
                mistake = trial.disproof(facts, universe)
                _, index, kind = trial.path
                told[trial.path] = (
                    f"assertions[{index}].{kind}: account {account.account_id}: {mistake.message}"
                )
        progress(1)
    if told:
        raise PublishError("\n".join([*list(told.values())[:MOST_TOLD], "nothing was written"]))
