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
    arrays = save(
        {
            "token_vectors": random.normal(size=(len(vocabulary), DIMENSIONS)).astype(np.float32),
            "product_vectors": random.normal(size=(count, DIMENSIONS)).astype(np.float32),
            "product_bias": random.normal(size=count).astype(np.float32),
            "calibration_scale": np.array([0.7], dtype=np.float32),
            "calibration_offset": random.normal(size=count).astype(np.float32),
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
    )
    unproven = read_artefact(contents | {MANIFEST: msgspec.json.encode(manifest)})
    proof = WarmUp(tuple(vocabulary[:3]), tuple(unproven.logits(vocabulary[:3]).tolist()))
    manifest = msgspec.structs.replace(manifest, warm_up=(proof,))
    return contents | {MANIFEST: msgspec.json.encode(manifest)}


def small_model(vocabulary: Sequence[str], products: Sequence[str], **options: object) -> Model:
    return read_artefact(artefact_files(vocabulary, products, **options))  # type: ignore[arg-type]  # passed on as they are
