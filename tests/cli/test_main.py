"""`raak` itself: quick to ask for help, and one clear line on bad input."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from cli import main as raak
from recommender.errors import RaakError

HEAVY = "{'pandas', 'lightfm', 'sklearn', 'matplotlib', 'fastapi', 'redis'}"


def test_help_names_every_command_and_imports_none_of_them() -> None:
    script = (
        "import sys\nfrom click.testing import CliRunner\nfrom cli.main import main\n"
        f"print(CliRunner().invoke(main, ['--help']).output, {HEAVY} & set(sys.modules))"
    )
    shown = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout
    assert all(f"\n  {name} " in shown for name in raak.SUMMARIES)
    assert shown.rstrip().endswith("set()")


@pytest.mark.parametrize("name", raak.SUMMARIES)
def test_each_command_is_there_and_has_help(name: str) -> None:
    result = CliRunner().invoke(raak.main, [name, "--help"])
    assert result.exit_code == 0, result.output
    assert result.output.startswith(f"Usage: main {name}")


def test_an_unknown_command_is_one_clear_message() -> None:
    result = CliRunner().invoke(raak.main, ["recommend"])
    assert result.exit_code == 2
    assert "No such command 'recommend'" in result.output


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("accounts: no such table", "error: accounts: no such table\n"),
        ("line one\nline two", "error: line one\nerror: line two\n"),
    ],
)
def test_what_a_person_can_put_right_is_shown_without_a_traceback(
    message: str, shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    @click.command
    def command() -> None:
        raise RaakError(message)

    monkeypatch.setattr(raak.LazyGroup, "get_command", lambda *_: command)
    result = CliRunner().invoke(raak.main, ["serve"])
    assert (result.exit_code, result.stderr) == (2, shown)
    assert result.stdout == ""
