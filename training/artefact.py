"""Writing the artefact: whole or not at all, and read back before anyone may see it."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save

from recommender.artefact import (
    ARRAYS,
    MANIFEST,
    SCHEMA,
    VOCABULARY,
    WITH_ACCEPTANCE,
    FileRecord,
    Manifest,
    answer_to,
    read_artefact,
)
from recommender.errors import ArtefactError
from recommender.model import Model


@dataclass(frozen=True)
class Provenance:
    """Where a model came from; all of it goes into the manifest."""

    created_at: str
    catalogue_digest: str
    data_window: Mapping[str, str]
    rows: Mapping[str, int]
    config: Mapping[str, Any]
    metrics: Mapping[str, Any] = field(default_factory=dict)
    warm_up: Sequence[Sequence[str]] = ((),)
    """Tokens of a few rows: their answers travel with the model, and every reader checks them.
    None at all is somebody of whom nothing is known."""


def artefact_files(model: Model, provenance: Provenance) -> dict[str, bytes]:
    """The artefact as file contents by name; equal models and provenance give equal bytes."""
    contents = {
        ARRAYS: save(_arrays(model)),
        VOCABULARY: msgspec.json.encode(model.vocabulary),
    }
    manifest = Manifest(
        schema=SCHEMA if model.acceptance is None else WITH_ACCEPTANCE,
        version=model.version,
        created_at=provenance.created_at,
        catalogue_digest=provenance.catalogue_digest,
        features_digest=model.features_digest,
        products=model.products,
        files={
            name: FileRecord(hashlib.sha256(content).hexdigest(), len(content))
            for name, content in contents.items()
        },
        data_window=dict(provenance.data_window),
        rows=dict(provenance.rows),
        config=dict(provenance.config),
        metrics=dict(provenance.metrics),
        warm_up=tuple(answer_to(tokens, model) for tokens in provenance.warm_up),
    ).sealed()
    return contents | {MANIFEST: msgspec.json.format(msgspec.json.encode(manifest)) + b"\n"}


def _arrays(model: Model) -> dict[str, NDArray[np.float32]]:
    arrays = {
        "token_vectors": _stored(model.token_vectors),
        "product_vectors": _stored(model.product_vectors),
        "product_bias": _stored(model.product_bias),
        "calibration_scale": np.array([model.calibration_scale], np.float32),
        "calibration_offset": _stored(model.calibration_offset),
    }
    if model.acceptance is not None:
        arrays["acceptance_effects"] = _stored(model.acceptance.effects)
        arrays["acceptance_bias"] = _stored(model.acceptance.bias)
    return arrays


def write_artefact(directory: Path, files: Mapping[str, bytes], version: str) -> Path:
    """Write `directory/version/` in one step, replacing an artefact of that version.

    Raises:
        ArtefactError: what was to be written could not be read back; nothing was written.
    """
    read_artefact(files)
    directory.mkdir(parents=True, exist_ok=True)
    place = directory / version
    unfinished = Path(tempfile.mkdtemp(prefix=".unfinished-", dir=directory))
    try:
        for name, content in files.items():
            (unfinished / name).write_bytes(content)
        unfinished.chmod(0o755)
        if place.exists():
            shutil.rmtree(place)
        unfinished.rename(place)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return place


def read_directory(directory: Path) -> dict[str, bytes]:
    """The artefact's files by name, as `recommender.artefact.read_artefact` takes them.

    Raises:
        ArtefactError: one of them is not there or cannot be read.
    """
    try:
        return {name: (directory / name).read_bytes() for name in (MANIFEST, ARRAYS, VOCABULARY)}
    except OSError as error:
        raise ArtefactError(f"{error.filename}: {error.strerror}; train again") from None


def _stored(array: NDArray[np.float64]) -> NDArray[np.float32]:
    return np.ascontiguousarray(array, dtype=np.float32)
