from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.auth.caller import Scope
from service.auth.key_file import KeyFile
from service.auth.keys import KeyFileError, KeyRing, new_key, read_keys, write_keys

NOW = time.time()


def test_a_key_admits_its_holder_with_its_scopes_and_no_more() -> None:
    key, text = new_key("website", [Scope.RECOMMENDATIONS])
    caller = KeyRing([key]).caller(text, NOW)
    assert caller is not None
    assert caller.name == "website"
    assert caller.scopes == {Scope.RECOMMENDATIONS}
    assert caller.account_id is None


@given(st.text(max_size=120))
def test_no_other_text_is_a_key(text: str) -> None:
    key, right = new_key("website", list(Scope))
    ring = KeyRing([key])
    assert ring.caller(text, NOW) is None
    assert ring.caller(right + text, NOW) is None or text == ""
    assert ring.caller(right[: len(right) // 2] + text, NOW) is None


def test_a_key_ends_at_the_moment_it_says() -> None:
    ends = datetime(2026, 12, 1, tzinfo=UTC)
    key, text = new_key("website", [Scope.RECOMMENDATIONS], ends)
    ring = KeyRing([key])
    assert ring.caller(text, ends.timestamp() - 1) is not None
    assert ring.caller(text, ends.timestamp()) is None


def test_the_file_holds_no_secret_and_is_its_owners_only(tmp_path: Path) -> None:
    file = tmp_path / "keys.yaml"
    key, text = new_key("website", [Scope.RECOMMENDATIONS], datetime.now(UTC) + timedelta(days=1))
    write_keys(file, KeyRing([key]))
    secret = text.split("_", 2)[2]
    assert secret not in file.read_text()
    assert file.stat().st_mode & 0o077 == 0
    assert read_keys(file).caller(text, NOW) is not None


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("keys: [{id: abcd}]", "keys.0.name"),
        ("keys: nonsense", "keys"),
        ("[: not yaml", "is not YAML"),
        ("surprise: 1", "surprise"),
        ("- a list", "dict"),
    ],
)
def test_a_wrong_file_says_where_it_is_wrong(tmp_path: Path, content: str, says: str) -> None:
    file = tmp_path / "keys.yaml"
    file.write_text(content)
    with pytest.raises(KeyFileError, match=says):
        read_keys(file)


def test_a_missing_file_admits_nobody_until_it_is_there(tmp_path: Path) -> None:
    file = tmp_path / "keys.yaml"
    key, text = new_key("website", [Scope.RECOMMENDATIONS])
    followed = KeyFile(file)
    assert followed.caller(text, NOW) is None
    write_keys(file, KeyRing([key]))
    followed.refresh()
    assert followed.caller(text, NOW) is not None


def test_deleting_the_file_revokes_every_key(tmp_path: Path) -> None:
    file = tmp_path / "keys.yaml"
    key, text = new_key("website", [Scope.RECOMMENDATIONS])
    write_keys(file, KeyRing([key]))
    followed = KeyFile(file)
    file.unlink()
    followed.refresh()
    assert followed.caller(text, NOW) is None


def test_two_keys_with_one_id_are_refused(tmp_path: Path) -> None:
    key, _ = new_key("website", [Scope.RECOMMENDATIONS])
    file = tmp_path / "keys.yaml"
    write_keys(file, KeyRing([key, key]))
    with pytest.raises(KeyFileError, match="same id"):
        read_keys(file)


def test_a_revoked_key_stops_working_without_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "keys.yaml"
    key, text = new_key("website", [Scope.RECOMMENDATIONS])
    write_keys(file, KeyRing([key]))
    followed = KeyFile(file)
    assert followed.caller(text, NOW) is not None
    write_keys(file, KeyRing([key]).without(key.id))
    followed.refresh()
    assert followed.caller(text, NOW) is None


def test_a_file_that_breaks_later_leaves_the_keys_that_were_read(tmp_path: Path) -> None:
    file = tmp_path / "keys.yaml"
    key, text = new_key("website", [Scope.RECOMMENDATIONS])
    write_keys(file, KeyRing([key]))
    followed = KeyFile(file)
    file.write_text("keys: nonsense")
    os.utime(file, (1, 1))
    followed.refresh()
    assert followed.caller(text, NOW) is not None
    assert followed.broken
