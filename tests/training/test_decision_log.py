"""What was shown, as training reads it beside the events that came of it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import redis

from cli.embedded import EmbeddedValkey
from recommender.errors import TableError
from tests.service.bank import person, publish_bank
from tests.service.decision_log.serving import rows, show, write
from training.decision_log import read_shown


def test_each_action_that_was_shown_is_a_row_that_outcomes_join(
    valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    publish_bank(valkey.url, [person("ann"), person("bob")])
    ids = show(valkey.url, tmp_path, ["ann", "bob"], "?limit=2")
    log = tmp_path / "decisions"
    with redis.Redis.from_url(valkey.url) as client:
        write(client, log)
    shown = read_shown(log)
    wanted = [(row["decision_id"], one["action_id"]) for row in rows(log) for one in row["shown"]]
    assert list(zip(shown["decision_id"], shown["action_id"], strict=True)) == wanted
    assert shown["rank"].tolist() == [1, 2, 1, 2]
    assert shown["probability"].tolist() == [1.0] * 4
    assert shown["propensity"].between(0, 1).all()
    assert shown["pseudonym"].nunique() == 2
    taken = pd.DataFrame({"decision_id": [ids[1]], "kind": ["taken"]})
    assert len(taken.merge(shown, on="decision_id")) == 2


def test_where_no_decision_was_logged_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="has no decisions"):
        read_shown(tmp_path)
