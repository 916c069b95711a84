"""Where the demo bank's catalogue is: in the checkout, or carried by the installed wheel."""

from __future__ import annotations

from pathlib import Path

import cli
from recommender.errors import RaakError

PACKAGE = Path(cli.__file__).parent


def catalogue_file() -> Path:
    """The demo bank's catalogue.yaml.

    Raises:
        RaakError: the installation carries none.
    """
    for folder in (PACKAGE.parent / "examples", PACKAGE / "examples"):
        found = folder / "bank" / "catalogue.yaml"
        if found.is_file():
            return found
    raise RaakError(
        "this installation has no demo bank; run from a checkout, or install raak again"
    )
