"""What somebody would like to put in force: a policy file, or a whole catalogue."""

from __future__ import annotations

from datetime import date

from recommender.catalogue.reading import joined, parse_catalogue, with_policies
from recommender.catalogue.source import read_source


def proposed(catalogue: str, change: str, name: str, on: date | None = None) -> str:
    """The text that `catalogue` would become with the text `change`, of the file `name`.

    A file with products is a whole catalogue and takes its place, any other one holds policies.
    With `on`, it must be possible to put it in force on that day.

    Raises:
        CatalogueError: its `problems` are all the mistakes there are, each with its file.
    """
    if "products" in read_source(change, name).values:
        parse_catalogue(change, name, on)
        return change
    with_policies(catalogue, change, name, on=on)
    return joined(catalogue, change, name)
