"""Runs in MLflow, for those who set MLFLOW_TRACKING_URI. The client is the extra `mlflow`."""

from __future__ import annotations

import importlib
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recommender.errors import RaakError

URI = "MLFLOW_TRACKING_URI"
EXPERIMENT = "MLFLOW_EXPERIMENT_NAME"
DEFAULT_EXPERIMENT = "raak"

MOST_LETTERS = 500
"""MLflow refuses longer values of a parameter."""


class TrackingError(RaakError):
    """MLflow is asked for and cannot be had; the text says what is missing."""


@dataclass(frozen=True)
class Tracker:
    """Writes runs to one experiment of one MLflow server (or directory)."""

    mlflow: Any
    uri: str
    experiment: str

    def check(self) -> None:
        """Find or make the experiment: better before an hour's training than after it.

        Raises:
            TrackingError: the server does not answer or refuses.
        """
        self.mlflow.set_tracking_uri(self.uri)
        try:
            self.mlflow.set_experiment(self.experiment)
        except (self.mlflow.exceptions.MlflowException, OSError) as error:
            raise self._failed(error) from None

    def log(
        self,
        name: str,
        *,
        settings: Mapping[str, object],
        metrics: Mapping[str, float],
        tags: Mapping[str, str],
        files: Mapping[str, bytes],
    ) -> str:
        """Write one run and its files; its id.

        Raises:
            TrackingError: the server does not answer or refuses.
        """
        self.check()
        try:
            with self.mlflow.start_run(run_name=name) as run, tempfile.TemporaryDirectory() as made:
                self.mlflow.log_params(
                    {key: str(value)[:MOST_LETTERS] for key, value in settings.items()}
                )
                self.mlflow.log_metrics(dict(metrics))
                self.mlflow.set_tags(dict(tags))
                for file, content in files.items():
                    (Path(made) / file).write_bytes(content)
                self.mlflow.log_artifacts(made)
                run_id: str = run.info.run_id
        except (self.mlflow.exceptions.MlflowException, OSError) as error:
            raise self._failed(error) from None
        return run_id

    def _failed(self, error: Exception) -> TrackingError:
        """The error's first line; MLflow repeats the address in it, with the password."""
        address = _without_password(self.uri)
        first = (str(error).splitlines() or [type(error).__name__])[0]
        said = first.replace(self.uri.rstrip("/"), address)
        return TrackingError(f"MLflow at {address} failed: {said}")


def tracker(environment: Mapping[str, str]) -> Tracker | None:
    """The tracker that `environment` asks for; None when it asks for none.

    Raises:
        TrackingError: the client is not installed.
    """
    uri = environment.get(URI)
    if not uri:
        return None
    try:
        mlflow = importlib.import_module("mlflow")
    except ImportError:
        raise TrackingError(
            f"{URI} is set, but the client is missing: pip install 'raak[mlflow]', or unset it"
        ) from None
    return Tracker(mlflow, uri, environment.get(EXPERIMENT) or DEFAULT_EXPERIMENT)


def _without_password(uri: str) -> str:
    """The address without the credentials that it may carry.

    >>> _without_password("https://me:secret@mlflow.example/x")
    'https://mlflow.example/x'
    """
    scheme, found, rest = uri.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}" if found else uri
