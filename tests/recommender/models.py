"""Small models for tests: made from a seed, so that a failure can be made again."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import msgspec
import numpy as np
from safetensors.numpy import save

from recommender.artefact import (
    ARRAYS,
    MANIFEST,
    SCHEMA,
    VOCABULARY,
    FileRecord,
    Manifest,
    WarmUp,
    read_artefact,
)
from recommender.model import Model

DIMENSIONS = 4
SCALE = 0.75  # the same in 32 bits


def artefact_files(
    vocabulary: Sequence[str],
    products: Sequence[str],
    *,
    features_digest: str = "features",
    seed: int = 0,
) -> dict[str, bytes]:
    """A sound artefact with random vectors."""
    random = np.random.default_rng(seed)
    count = len(products)
    bias, offset = (random.normal(size=count).astype(np.float32) for _ in range(2))
    of_nobody = bias.astype(np.float64) * SCALE + offset
    arrays = save(
        {
            "token_vectors": random.normal(size=(len(vocabulary), DIMENSIONS)).astype(np.float32),
            "product_vectors": random.normal(size=(count, DIMENSIONS)).astype(np.float32),
            "product_bias": bias,
            "calibration_scale": np.array([SCALE], dtype=np.float32),
            "calibration_offset": offset,
        }
    )
    contents = {ARRAYS: arrays, VOCABULARY: msgspec.json.encode(list(vocabulary))}
    manifest = Manifest(
        schema=SCHEMA,
        version=f"test-{seed}",
        created_at="2026-11-23T00:00:00Z",
        catalogue_digest="catalogue",
        features_digest=features_digest,
        products=tuple(products),
        files={
            name: FileRecord(hashlib.sha256(content).hexdigest(), len(content))
            for name, content in contents.items()
        },
        data_window={},
        rows={},
        config={},
        metrics={},
        warm_up=(WarmUp((), tuple(of_nobody.tolist())),),
    ).sealed()
    return contents | {MANIFEST: msgspec.json.encode(manifest)}


def small_model(vocabulary: Sequence[str], products: Sequence[str], **options: object) -> Model:
    return read_artefact(artefact_files(vocabulary, products, **options))  # type: ignore[arg-type]  # passed on as they are
