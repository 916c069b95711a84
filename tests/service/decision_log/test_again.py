"""What the service answers and what comes out when it is made again are the same bytes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from recommender.account import Account, pack
from recommender.conform import conform
from recommender.live import read_bundle
from service.decision_log.review import Check, read_said, review
from service.decision_log.served import Served
from service.finished import finish
from service.query import question_for
from tests.recommender.accounts import accounts
from tests.service.bank import bundle

LIVE = read_bundle(*bundle())


@given(accounts, st.sampled_from([None, "en", "nl"]), st.booleans(), st.floats(1.75e9, 1.85e9))
def test_whoever_asks_whatever_and_whenever(
    account: Account, language: str | None, explain: bool, now: float
) -> None:
    question = replace(question_for(LIVE, language=language), explain=explain)
    body = finish(conform(account, LIVE.catalogue), question, LIVE, now).body  # as the service does
    served = Served(question.key(account.account_id, LIVE), explain, pack(account), body)
    reviewed = review(served, read_said(body), 0, lambda _: LIVE)
    assert reviewed.check is Check.EQUAL
    assert reviewed.said.as_of == datetime.fromtimestamp(now, UTC)
