"""The model artefact: a manifest and arrays. Verified before it is believed; never pickle.

Works on bytes, so that a directory, a Redis value and a test read through the same door.
Format: https://github.com/huggingface/safetensors
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load

from recommender.acceptance import Acceptance
from recommender.errors import ArtefactError
from recommender.model import Model

SCHEMA = 2
WITH_ACCEPTANCE = 3
"""Of an artefact that has learnt from responses. What knows only the other schema refuses this
one, rather than rank by half of it."""
MANIFEST = "manifest.json"
ARRAYS = "model.safetensors"
VOCABULARY = "vocabulary.json"


class FileRecord(msgspec.Struct, frozen=True):
    sha256: str
    bytes: int


class WarmUp(msgspec.Struct, frozen=True, omit_defaults=True):
    """One known answer that travels with the model: `tokens` must give `logits` again.

    And `acceptance`, log odds too, where the model has learnt from responses.
    """

    tokens: tuple[str, ...]
    logits: tuple[float, ...]
    acceptance: tuple[float, ...] = ()


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the artefact is, where it came from, and the digest of each of its files.

    `sha256` is the manifest's own, taken while that field is empty: the products' order, for one,
    says which row is whose, so it must not change unnoticed either.
    """

    schema: int
    version: str
    created_at: str
    catalogue_digest: str
    features_digest: str
    products: tuple[str, ...]
    files: dict[str, FileRecord]
    data_window: dict[str, str]
    rows: dict[str, int]
    config: dict[str, Any]
    metrics: dict[str, Any]
    warm_up: tuple[WarmUp, ...]
    sha256: str = ""

    def sealed(self) -> Manifest:
        """The same with its own digest."""
        return msgspec.structs.replace(self, sha256=self._digest())

    @property
    def whole(self) -> bool:
        return self.sha256 == self._digest()

    def _digest(self) -> str:
        bare = msgspec.structs.replace(self, sha256="")
        return hashlib.sha256(msgspec.json.encode(bare, order="deterministic")).hexdigest()


class _SchemaOnly(msgspec.Struct):
    schema: int


_schema = msgspec.json.Decoder(_SchemaOnly)
_manifest = msgspec.json.Decoder(Manifest)
_vocabulary = msgspec.json.Decoder(tuple[str, ...])


def read_manifest(content: bytes) -> Manifest:
    """Parse `manifest.json`.

    Raises:
        ArtefactError: not JSON, a field missing or unknown, another schema version, or changed
            since it was written.
    """
    try:
        schema = _schema.decode(content).schema
        if schema not in (SCHEMA, WITH_ACCEPTANCE):
            raise ArtefactError(
                f"{MANIFEST}: schema {schema}, this version reads {SCHEMA} and {WITH_ACCEPTANCE}; "
                "train again, or run the version of Raak that wrote it"
            )
        manifest = _manifest.decode(content)
    except msgspec.DecodeError as error:
        raise ArtefactError(f"{MANIFEST}: {error}; the artefact is damaged, train again") from None
    if not manifest.whole:
        raise ArtefactError(
            f"{MANIFEST}: it was changed since it was written (its own sha256 differs); "
            "copy the whole artefact again, or train again"
        )
    return manifest


def read_artefact(files: Mapping[str, bytes]) -> Model:
    """The model in `files` (name to content), every digest checked.

    Raises:
        ArtefactError: names the file and what is wrong: missing, truncated, tampered with, of
            another schema, a product named twice, arrays whose shapes do not fit, values that are
            not finite, or a warm-up request that no longer gives the answer recorded for it.
    """
    if MANIFEST not in files:
        raise ArtefactError(f"{MANIFEST}: missing; this is not a model artefact")
    manifest = read_manifest(files[MANIFEST])
    _each_once(manifest.products)
    for name in (ARRAYS, VOCABULARY):
        _verify(name, files.get(name), manifest.files.get(name))
    model = _assemble(manifest, files[ARRAYS], files[VOCABULARY])
    _warm_up(model, manifest.warm_up)
    return model


def _each_once(products: tuple[str, ...]) -> None:
    twice = sorted({product for product in products if products.count(product) > 1})
    if twice:
        raise ArtefactError(
            f"{MANIFEST}: products named more than once: {', '.join(twice)}; train again"
        )


def _verify(name: str, content: bytes | None, recorded: FileRecord | None) -> None:
    if content is None or recorded is None:
        raise ArtefactError(f"{name}: missing; copy the whole artefact again")
    if len(content) != recorded.bytes:
        raise ArtefactError(
            f"{name}: {len(content)} bytes where {recorded.bytes} are recorded; "
            "it is truncated or was changed, copy it again"
        )
    if hashlib.sha256(content).hexdigest() != recorded.sha256:
        raise ArtefactError(f"{name}: its sha256 differs from the manifest's; do not use it")


def _assemble(manifest: Manifest, arrays: bytes, vocabulary: bytes) -> Model:
    try:
        tensors = load(arrays)
        tokens = _vocabulary.decode(vocabulary)
    except (SafetensorError, msgspec.DecodeError, ValueError) as error:
        raise ArtefactError(f"{ARRAYS}: cannot be read: {error}") from None
    if "token_vectors" not in tensors or tensors["token_vectors"].ndim != 2:
        raise ArtefactError(f"{ARRAYS}: token_vectors (tokens, dimensions) is missing")
    dimensions = tensors["token_vectors"].shape[1]
    count = len(manifest.products)
    shapes = {
        "token_vectors": (len(tokens), dimensions),
        "product_vectors": (count, dimensions),
        "product_bias": (count,),
        "calibration_scale": (1,),
        "calibration_offset": (count,),
    }
    if manifest.schema == WITH_ACCEPTANCE:
        shapes |= {"acceptance_effects": (len(tokens), count), "acceptance_bias": (count,)}
    for name, shape in shapes.items():
        found = tensors.get(name)
        if found is None or found.shape != shape:
            raise ArtefactError(
                f"{ARRAYS}: {name} should have shape {shape}, "
                f"found {None if found is None else found.shape}"
            )
        if not np.isfinite(found).all():
            raise ArtefactError(f"{ARRAYS}: {name} holds values that are not finite")
    return Model(
        version=manifest.version,
        features_digest=manifest.features_digest,
        vocabulary=tokens,
        products=manifest.products,
        token_vectors=tensors["token_vectors"].astype(np.float64),
        product_vectors=tensors["product_vectors"].astype(np.float64),
        product_bias=tensors["product_bias"].astype(np.float64),
        calibration_scale=float(tensors["calibration_scale"][0]),
        calibration_offset=tensors["calibration_offset"].astype(np.float64),
        acceptance=_acceptance(tensors) if manifest.schema == WITH_ACCEPTANCE else None,
    )


def _acceptance(tensors: Mapping[str, np.ndarray[Any, Any]]) -> Acceptance:
    return Acceptance(
        effects=tensors["acceptance_effects"].astype(np.float64),
        bias=tensors["acceptance_bias"].astype(np.float64),
    )


def _warm_up(model: Model, requests: tuple[WarmUp, ...]) -> None:
    if not requests:
        raise ArtefactError(f"{MANIFEST}: no warm-up request, so nothing proves it; train again")
    for number, request in enumerate(requests):
        if not _same(answer_to(request.tokens, model), request):
            raise ArtefactError(
                f"{MANIFEST}: warm-up request {number} no longer gives its recorded answer; "
                "the model was not written by this version"
            )


def answer_to(tokens: Sequence[str], model: Model) -> WarmUp:
    """What `model` says to `tokens`, as it travels with it."""
    logits = tuple(model.logits(tokens).tolist())
    if model.acceptance is None:
        return WarmUp(tuple(tokens), logits)
    (odds,) = model.acceptance.log_odds([model.known_rows(tokens)])
    return WarmUp(tuple(tokens), logits, tuple(odds))


def _same(answer: WarmUp, recorded: WarmUp) -> bool:
    pairs = ((answer.logits, recorded.logits), (answer.acceptance, recorded.acceptance))
    return all(
        len(one) == len(other) and np.allclose(one, other, atol=1e-6) for one, other in pairs
    )
