"""`raak keys`: a key is shown once, its hash is kept, and it opens only what it was made for."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.main import main
from service.auth.caller import Scope
from service.auth.keys import read_keys
from service.auth.tokens import TokenVerifier
from service.settings import Settings


def raak(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["keys", *map(str, arguments)])


def test_a_new_key_works_and_only_its_hash_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "keys.yaml"
    made = raak("new", "--name", "web", "--scope", "alerts:read", "--file", file)
    text = made.output.strip()
    caller = read_keys(file).caller(text, time.time())
    assert caller is not None
    assert caller.scopes == {Scope.ALERTS}
    assert text.split("_", 2)[2] not in file.read_text()


def test_a_second_key_leaves_the_first_and_revoking_takes_one_away(tmp_path: Path) -> None:
    file = tmp_path / "keys.yaml"
    for name in ("web", "branch"):
        raak("new", "--name", name, "--scope", "alerts:read", "--days", "30", "--file", file)
    listed = raak("list", "--file", file).output.splitlines()
    assert [line.split()[1] for line in listed] == ["web", "branch"]
    assert all("expires" in line for line in listed)
    raak("revoke", listed[0].split()[0], "--file", file)
    assert len(read_keys(file).keys) == 1


def test_a_key_that_is_not_there_cannot_be_revoked(tmp_path: Path) -> None:
    file = tmp_path / "keys.yaml"
    raak("new", "--name", "web", "--scope", "alerts:read", "--file", file)
    refused = raak("revoke", "nothere", "--file", file)
    assert refused.exit_code == 2
    assert "has no key with id 'nothere'" in refused.output


def test_a_token_is_signed_with_the_services_own_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAAK_JWT_KEY", "k" * 32)
    text = raak("token", "ann").output.strip()
    caller = TokenVerifier(Settings().jwt).caller(text)
    assert caller.account_id == "ann"


@pytest.mark.parametrize("lifetime", ["0", "3601", "-1"])
def test_a_token_that_the_service_would_refuse_is_not_signed(
    monkeypatch: pytest.MonkeyPatch, lifetime: str
) -> None:
    monkeypatch.setenv("RAAK_JWT_KEY", "k" * 32)
    refused = raak("token", "ann", "--lifetime", lifetime)
    assert refused.exit_code == 2
    assert "between 1 and 3600" in refused.output


def test_without_a_signing_key_there_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RAAK_JWT_KEY", raising=False)
    refused = raak("token", "ann")
    assert refused.exit_code == 2
    assert "RAAK_JWT_KEY" in refused.output
