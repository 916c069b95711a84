"""What people declare, as commands take it: a catalogue, and a file of policies beside it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click
import yaml

from recommender.catalogue import Catalogue, joined, parse_catalogue, with_policies
from recommender.catalogue.source import Loader

policy_option = click.option(
    "--policy",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Policies of a file of their own, in the place of the catalogue's.",
)


def read_declared(catalogue: Path, policy: Path | None, on: date) -> tuple[str, Catalogue]:
    """The one text of a catalogue and the policies beside it, and what it says.

    Raises:
        CatalogueError: every mistake, in its own file; also what cannot be put in force on `on`.
    """
    text = catalogue.read_text(encoding="utf-8")
    if policy is None:
        return text, parse_catalogue(text, str(catalogue), on)
    policies = policy.read_text(encoding="utf-8")
    declared = with_policies(text, policies, str(policy), str(catalogue), on)
    return joined(text, policies, policy.name), declared


def dropped_policies(catalogue: Path, policy: Path) -> list[str]:
    """The catalogue's own policies that the file leaves out: its list takes the place of theirs."""
    stays = _policies(policy)
    return [] if stays is None else [one for one in _policies(catalogue) or () if one not in stays]


def _policies(file: Path) -> list[str] | None:
    """The ids of those in a file, as far as it can be read: its mistakes are told elsewhere."""
    try:
        values = yaml.load(file.read_text(encoding="utf-8"), Loader)  # noqa: S506  # a safe one
    except (yaml.YAMLError, ValueError):
        return None
    declared = values.get("policies") if isinstance(values, dict) else None
    if not isinstance(declared, list):
        return None
    return [f"{one.get('id')}" for one in declared if isinstance(one, dict)]
