"""An artefact is written whole or not at all, and reads back as the model that was written."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.acceptance import Acceptance
from recommender.artefact import (
    ARRAYS,
    MANIFEST,
    SCHEMA,
    WITH_ACCEPTANCE,
    FileRecord,
    Manifest,
    read_artefact,
    read_manifest,
)
from recommender.errors import ArtefactError
from recommender.model import Model
from training.artefact import Provenance, artefact_files, read_directory, write_artefact

TOKENS = ("occupation:student", "age:18-24", "holds:savings_account")
PRODUCTS = ("mortgage", "savings_account")


def model(seed: int = 1, version: str = "v1") -> Model:
    """A model whose numbers are as float32 stores them."""
    rng = np.random.default_rng(seed)

    def drawn(*shape: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        return rng.normal(size=shape).astype(np.float32).astype(np.float64)

    return Model(
        version=version,
        features_digest="0" * 64,
        vocabulary=TOKENS,
        products=PRODUCTS,
        token_vectors=drawn(len(TOKENS), 4),
        product_vectors=drawn(len(PRODUCTS), 4),
        product_bias=drawn(len(PRODUCTS)),
        calibration_scale=0.5,
        calibration_offset=drawn(len(PRODUCTS)),
    )


def with_acceptance(plain: Model) -> Model:
    rng = np.random.default_rng(3)
    effects = rng.normal(size=(len(TOKENS), len(PRODUCTS))).astype(np.float32)
    bias = rng.normal(size=len(PRODUCTS)).astype(np.float32)
    learnt = Acceptance(effects.astype(np.float64), bias.astype(np.float64))
    return replace(plain, acceptance=learnt)


def provenance() -> Provenance:
    return Provenance(
        created_at="2026-11-23T00:00:00+00:00",
        catalogue_digest="1" * 64,
        data_window={"from": "2026-01-01", "until": "2026-11-22"},
        rows={"snapshots": 10},
        config={"seed": 1},
        warm_up=[TOKENS[:2], ()],
    )


@settings(max_examples=20)
@given(st.integers(0, 10**6))
def test_what_is_read_gives_the_same_propensities_to_the_bit(seed: int) -> None:
    written = model(seed)
    read = read_artefact(artefact_files(written, provenance()))
    for tokens in (TOKENS, TOKENS[:1], ()):
        assert read.propensities(tokens, {"mortgage"}) == written.propensities(tokens, {"mortgage"})


def test_equal_models_make_equal_bytes() -> None:
    assert artefact_files(model(), provenance()) == artefact_files(model(), provenance())


def test_what_learnt_from_responses_reads_back_to_the_bit_under_a_schema_of_its_own() -> None:
    written = with_acceptance(model())
    files = artefact_files(written, provenance())
    assert read_manifest(files[MANIFEST]).schema == WITH_ACCEPTANCE
    read = read_artefact(files)
    for tokens in (TOKENS, TOKENS[:1], ()):
        assert read.propensities(tokens, {"mortgage"}) == written.propensities(tokens, {"mortgage"})


def test_without_responses_the_schema_is_what_older_versions_read() -> None:
    files = artefact_files(model(), provenance())
    assert read_manifest(files[MANIFEST]).schema == SCHEMA
    assert b"acceptance" not in files[MANIFEST]


def test_an_artefact_that_says_it_learnt_from_responses_must_have_what_it_learnt() -> None:
    files = artefact_files(with_acceptance(model()), provenance())
    plain = artefact_files(model(), provenance())
    manifest = read_manifest(files[MANIFEST])
    arrays = read_manifest(plain[MANIFEST]).files[ARRAYS]
    mixed = replace_files(manifest, {**manifest.files, ARRAYS: arrays})
    with pytest.raises(ArtefactError, match="acceptance_effects should have shape"):
        read_artefact({**files, ARRAYS: plain[ARRAYS], MANIFEST: mixed})


def replace_files(manifest: Manifest, files: dict[str, FileRecord]) -> bytes:
    return msgspec.json.encode(msgspec.structs.replace(manifest, files=files).sealed())


def test_the_directory_reads_back_with_provenance_and_answers(tmp_path: Path) -> None:
    files = artefact_files(model(), provenance())
    place = write_artefact(tmp_path / "models", {**files, "report.html": b"<html>"}, "v1")
    assert place == tmp_path / "models" / "v1"
    assert read_directory(place) == files
    assert (place / "report.html").read_bytes() == b"<html>"
    manifest = read_manifest(files[MANIFEST])
    assert manifest.version == "v1"
    assert manifest.config == {"seed": 1}
    assert [answer.tokens for answer in manifest.warm_up] == [TOKENS[:2], ()]


def test_an_artefact_of_the_same_version_is_replaced_whole(tmp_path: Path) -> None:
    first = artefact_files(model(1), provenance())
    write_artefact(tmp_path, {**first, "report.html": b"old"}, "v1")
    second = artefact_files(model(2), provenance())
    place = write_artefact(tmp_path, second, "v1")
    assert {file.name: file.read_bytes() for file in place.iterdir()} == second


def test_what_cannot_be_read_back_is_not_written(tmp_path: Path) -> None:
    files = artefact_files(model(), provenance())
    with pytest.raises(ArtefactError, match=ARRAYS):
        write_artefact(tmp_path, {**files, ARRAYS: files[ARRAYS][:-1]}, "v1")
    assert list(tmp_path.iterdir()) == []


def test_nothing_unfinished_is_left_when_the_disk_refuses(tmp_path: Path) -> None:
    (tmp_path / "v1").write_text("a file where the directory should go")
    with pytest.raises(OSError, match="Not a directory"):
        write_artefact(tmp_path, artefact_files(model(), provenance()), "v1")
    assert [file.name for file in tmp_path.iterdir()] == ["v1"]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    place = write_artefact(tmp_path, artefact_files(model(), provenance()), "v1")
    (place / ARRAYS).unlink()
    with pytest.raises(ArtefactError, match=rf"{ARRAYS}: No such file.*train again"):
        read_directory(place)
