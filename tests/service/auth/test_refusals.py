from __future__ import annotations

import logging

import pytest

from service.auth.gate import Gate
from service.auth.keys import KeyRing
from service.auth.refusals import QUIET_S, Refusals
from service.auth.tokens import TokenConfig, TokenVerifier
from service.errors import Unauthenticated


def test_refusals_are_a_line_a_minute_that_counts_them(caplog: pytest.LogCaptureFixture) -> None:
    now = 0.0
    refusals = Refusals(lambda: now)
    for _ in range(1000):
        refusals.note(Unauthenticated("the token is not valid"))
    refusals.note(Unauthenticated("credentials are missing"))
    assert len(caplog.messages) == 1
    now += QUIET_S
    refusals.note(Unauthenticated("credentials are missing"))
    assert len(caplog.messages) == 2
    assert caplog.messages[0].endswith(": the token is not valid (1)")
    assert caplog.messages[1].endswith(
        ": the token is not valid (999), credentials are missing (2)"
    )


@pytest.mark.parametrize(
    "header",
    [
        (b"x-api-key", b"raak_secret_secret"),
        (b"x-api-key", b"secret"),
        (b"authorization", b"Bearer secret"),
        (b"authorization", b"Basic secret"),
    ],
)
def test_what_was_sent_is_not_in_the_line(
    header: tuple[bytes, bytes], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    gate = Gate(KeyRing(), TokenVerifier(TokenConfig.model_validate({"key": "k" * 32})))
    with pytest.raises(Unauthenticated):
        gate.caller([header])
    assert len(caplog.messages) == 1
    assert "secret" not in caplog.text
