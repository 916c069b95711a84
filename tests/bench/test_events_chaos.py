"""The chaos of `make bench ONLY=events_chaos` (200,000 events), small enough for every run."""

from __future__ import annotations

from bench.events_chaos import Size, run


def test_killed_workers_and_restarted_servers_lose_and_double_nothing() -> None:
    outcome = run(Size(events=12_000, accounts=300, kills=4, restarts=2))
    assert outcome.unique == 12_000
    assert outcome.sent == 14_400
    assert outcome.misfolded == []
    assert (outcome.missing, outcome.doubled) == (0, 0)
    assert (outcome.pending, outcome.dead) == (0, 0)
