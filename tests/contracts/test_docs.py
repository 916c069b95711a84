"""What the documents point to is there: files, make targets, commands and settings."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cli.keys import command as keys
from cli.main import SUMMARIES
from service.alerts.config import AlertsConfig
from service.auth.caller import Scope
from service.auth.tokens import TokenConfig
from service.decision_log.config import DecisionLogConfig
from service.events.config import EventsConfig
from service.settings import Settings
from service.store.link import RedisConfig
from service.webhooks.config import WebhooksConfig

ROOT = Path(__file__).parents[2]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
OF_THE_COMMAND = {"RAAK_REGISTRY"}
"""Settings of `raak` itself, which the service does not have."""
NESTED = {
    "redis": RedisConfig.model_fields,
    "jwt": TokenConfig.model_fields,
    "events": EventsConfig.model_fields,
    "decisions": DecisionLogConfig.model_fields,
    "alerts": AlertsConfig.model_fields,
    "webhooks": WebhooksConfig.model_fields,
}

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


@each_page
def test_every_link_inside_the_repository_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


@each_page
def test_every_make_target_exists(page: Path) -> None:
    named = set(
        re.findall(r"(?:`|^ {4})make ([a-z]+)", page.read_text(encoding="utf-8"), re.MULTILINE)
    )
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert named <= targets


@each_page
def test_every_command_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    named = set(re.findall(r"(?:`(?:\.venv/bin/)?|\.venv/bin/)raak ([a-z]+)", text))
    assert named <= set(SUMMARIES)


def test_every_setting_in_the_operators_table_exists() -> None:
    known = {f"RAAK_{name.upper()}" for name in Settings.model_fields} | {
        f"RAAK_{prefix}_{name}".upper() for prefix, fields in NESTED.items() for name in fields
    }
    page = (ROOT / "docs" / "operate.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(RAAK_[A-Z_]+)", page))
    assert named
    assert named <= known | OF_THE_COMMAND


def test_operators_are_told_of_every_scope_and_of_every_command_about_keys() -> None:
    page = (ROOT / "docs" / "operate.md").read_text(encoding="utf-8")
    assert {scope for scope in Scope if f"`{scope}`" not in page} == set()
    assert {name for name in keys.commands if f"`raak keys {name}" not in page} == set()


def test_every_metric_in_the_operators_table_exists() -> None:
    sources = (*(ROOT / "service").rglob("*.py"), ROOT / "training" / "drift" / "prometheus.py")
    source = "".join(path.read_text(encoding="utf-8") for path in sources)
    page = (ROOT / "docs" / "operate.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(raak_[a-z0-9_]+)", page))
    assert named
    assert {name for name in named if f'"{name.removesuffix("_total")}"' not in source} == set()
