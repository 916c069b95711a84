"""Whatever is asked, the answer is one that the document promises, and never a fault of ours."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cli.embedded import EmbeddedValkey
from service.problems import MEDIA_TYPE
from service.query import PARAMETERS
from tests.service.bank import person, publish_bank
from tests.service.served import Served, served

names = st.sampled_from(PARAMETERS) | st.text(max_size=10)
values = st.sampled_from(
    ["home", "web", "en", "nl", "true", "false", "0", "1", "20", "21", "-1", "1e9", ""]
) | st.text(max_size=20)
queries = (
    st.lists(st.tuples(names, values), max_size=6).map(urlencode)
    | st.text(st.characters(max_codepoint=127, exclude_characters="#\r\n\t"), max_size=80)
    | st.binary(max_size=40).map(quote)
)
ids = st.sampled_from(["ann", "nobody"]) | st.text(min_size=1, max_size=150)


class Session:
    """One loop and one service for all of hypothesis' examples."""

    def __init__(self, runner: asyncio.Runner, service: Served) -> None:
        self._runner = runner
        self._service = service

    def get(self, path: str) -> tuple[int, str, bytes]:
        response = self._runner.run(self._service.get(path, self._service.key()))
        return response.status_code, response.headers["content-type"], response.content


@pytest.fixture
def session(valkey: EmbeddedValkey, tmp_path: Path) -> Iterator[Session]:
    publish_bank(valkey.url, [person("ann")])
    with asyncio.Runner() as runner:
        context = served(valkey.url, tmp_path, timeout_ms=10_000)
        service = runner.run(context.__aenter__())
        yield Session(runner, service)
        runner.run(context.__aexit__(None, None, None))


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(account_id=ids, call=st.sampled_from(["/recommendations", "/alerts", ""]), query=queries)
def test_any_question_gets_an_answer_or_a_problem(
    session: Session, account_id: str, call: str, query: str
) -> None:
    path = f"/v1/accounts/{quote(account_id, safe='')}{call}?{quote(query, safe='=&%+')}"
    status, media_type, body = session.get(path)
    assert status in (200, 404, 422), body
    assert media_type == ("application/json" if status == 200 else MEDIA_TYPE)
    assert body


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(limit=st.integers(-10, 10**10), explain=st.booleans())
def test_a_limit_is_kept_or_refused(session: Session, limit: int, explain: bool) -> None:
    query = f"?limit={limit}&explain={str(explain).lower()}"
    status, _, body = session.get(f"/v1/accounts/ann/recommendations{query}")
    assert status == (200 if 1 <= limit <= 20 else 422)
    assert status == 200 or b"limit must be between 1 and 20" in body
