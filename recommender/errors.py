"""What can go wrong, as a tree. The core knows nothing of HTTP; each shell maps types to answers.

RaakError
├── CatalogueError     what people wrote in catalogue.yaml is wrong (all mistakes at once)
├── ArtefactError      a model artefact is truncated, tampered with, or of another schema
├── TableError         an input table breaks its contract
├── StateError         stored account state cannot be read by this version
└── RequestError       what was asked for does not exist
    └── UnknownPlacement

Those that only one part can raise are declared there:

RaakError
├── RegistryError      recommender.registry: no such model version, or not to be moved so
├── TooFewRows         training.calibration: too little to learn from
├── LeakError          training.leakage: rows know what only later became known
├── NotTried           training.registry: a model without a trial to compare
├── SearchUnavailable  training.search: its extra is not installed
├── TrackingError      training.tracking: MLflow cannot be reached
├── WorldError         training.world: the demo bank cannot be made as asked
└── ServiceError       service.errors has the tree of the online shell
"""

from __future__ import annotations


class RaakError(Exception):
    """Base of every error Raak raises on purpose; its text is one clear line for a person."""


class CatalogueError(RaakError):
    """The catalogue has mistakes; `problems` lists each with file, line, path and suggestion."""

    def __init__(self, problems: tuple[object, ...]) -> None:
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))


class ArtefactError(RaakError):
    """The model artefact cannot be trusted; the text names the file and what is wrong with it."""


class TableError(RaakError):
    """An input table is missing, empty or breaks its contract beyond the accepted share."""


class StateError(RaakError):
    """Stored bytes are not an account this version can read."""


class RequestError(RaakError):
    """The request names something that is not in force."""


class UnknownPlacement(RequestError):
    """No such placement in the catalogue; the text names those there are."""
