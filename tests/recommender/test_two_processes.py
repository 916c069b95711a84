"""The same inputs give the same bytes in another process, whatever its hashes begin with."""

from __future__ import annotations

import os
import subprocess
import sys

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.account import Account, pack, unpack
from recommender.decide import decide_all
from recommender.decision import encode
from recommender.request import Request
from tests.recommender.accounts import AT, accounts
from tests.recommender.bank import bank, bank_live

QUESTIONS = tuple(
    Request(AT, placement, channel, language, limit=limit)
    for placement in bank().placements
    for channel, language, limit in (("web", None, None), ("branch", "nl", 20))
)


def decided(states: list[bytes]) -> list[bytes]:
    """Every question about each account, as canonical bytes."""
    asked = [(unpack(state), question) for state in states for question in QUESTIONS]
    return [encode(decision) for decision in decide_all(asked, bank_live())]


def main() -> None:
    """From packed states on stdin to decisions on stdout."""
    states = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=list[bytes])
    sys.stdout.buffer.write(msgspec.msgpack.encode(decided(states)))


def elsewhere(states: list[bytes], seed: str) -> list[bytes]:
    said = subprocess.run(
        [sys.executable, "-c", f"from {__name__} import main; main()"],
        input=msgspec.msgpack.encode(states),
        stdout=subprocess.PIPE,
        check=True,
        env={**os.environ, "PYTHONHASHSEED": seed},
    ).stdout
    return msgspec.msgpack.decode(said, type=list[bytes])


@settings(max_examples=3, deadline=None)
@given(st.lists(accounts, min_size=15, max_size=30))
def test_two_processes_with_other_hash_seeds_decide_the_same_bytes(people: list[Account]) -> None:
    states = [pack(account) for account in people]
    here = decided(states)
    assert elsewhere(states, "1") == elsewhere(states, "2") == here
