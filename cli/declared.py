"""What people declare, as commands take it: a catalogue, and a file of policies beside it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from recommender.catalogue import Catalogue, joined, parse_catalogue, with_policies

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
