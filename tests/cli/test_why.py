"""`raak why` answers from what is in force, and changes nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import redis
from click.testing import CliRunner, Result

from cli.embedded import EmbeddedValkey
from cli.main import main
from tests.service.bank import person, publish_bank


@pytest.fixture
def bank_url(valkey: EmbeddedValkey) -> str:
    publish_bank(valkey.url, [person("ann", attributes={"occupation": "student"})])
    return valkey.url


def why(url: str, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["why", *arguments], env={"RAAK_REDIS_URL": url})


def test_it_says_what_is_shown_and_what_moved_it(bank_url: str) -> None:
    said = why(bank_url, "ann").output
    assert "shown:\n  1. " in said
    assert " = " in said
    assert "(propensity) x " in said
    assert "occupation:student" in said


def test_of_one_product_it_says_the_rule_and_the_nearest_change(bank_url: str) -> None:
    result = why(bank_url, "ann", "mortgage")
    assert result.exit_code == 0
    assert "mortgage: eligible, mortgage.needs_income" in result.output
    assert "nearest: with income: low, middle or high" in result.output
    assert "savings_account" not in result.output


def test_as_json_it_is_the_explained_answer(bank_url: str) -> None:
    said = json.loads(why(bank_url, "ann", "--json", "--language", "nl").output)
    assert said["language"] == "nl"
    assert said["withheld"]
    assert all("explanation" in one for one in said["recommendations"])


def test_it_changes_nothing(bank_url: str) -> None:
    with redis.Redis.from_url(bank_url) as client:
        before = {key: client.dump(key) for key in client.scan_iter()}
        why(bank_url, "ann")
        assert {key: client.dump(key) for key in client.scan_iter()} == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nobody",), "no account 'nobody' is published here"),
        (("ann", "morgage"), "no product 'morgage'; did you mean 'mortgage'?"),
        (("ann", "--placement", "hom"), "unknown placement 'hom'"),
    ],
)
def test_what_cannot_be_answered_is_one_clear_line(
    bank_url: str, arguments: tuple[str, ...], said: str
) -> None:
    result = why(bank_url, *arguments)
    assert result.exit_code == 2
    assert said in result.output
    assert result.output.count("\n") == 1


def test_before_anything_is_published_it_says_so(valkey: EmbeddedValkey, tmp_path: Path) -> None:
    assert "run `raak publish`" in why(valkey.url, "ann").output
