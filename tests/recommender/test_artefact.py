"""An artefact is believed only when everything about it is right."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.artefact import ARRAYS, MANIFEST, VOCABULARY, Manifest, read_artefact
from recommender.errors import ArtefactError
from tests.recommender.models import artefact_files

SOUND = artefact_files(("a:1", "b:2", "c:3"), ("x", "y"))


def with_manifest(**changes: object) -> dict[str, bytes]:
    """As if it had been written so: sealed anew."""
    manifest = msgspec.json.decode(SOUND[MANIFEST]) | changes
    sealed = msgspec.convert(manifest, Manifest).sealed()
    return SOUND | {MANIFEST: msgspec.json.encode(sealed)}


def edited(**changes: object) -> dict[str, bytes]:
    """As if somebody had changed the file."""
    manifest = msgspec.json.decode(SOUND[MANIFEST]) | changes
    return SOUND | {MANIFEST: msgspec.json.encode(manifest)}


@pytest.mark.parametrize("name", [MANIFEST, ARRAYS, VOCABULARY])
def test_a_missing_file_is_named(name: str) -> None:
    files = {key: content for key, content in SOUND.items() if key != name}
    with pytest.raises(ArtefactError, match=name):
        read_artefact(files)


@pytest.mark.parametrize("name", [ARRAYS, VOCABULARY])
def test_a_truncated_file_is_named_with_both_sizes(name: str) -> None:
    with pytest.raises(ArtefactError, match=f"{name}: .* bytes where {len(SOUND[name])}"):
        read_artefact(SOUND | {name: SOUND[name][:-1]})


@given(st.sampled_from([ARRAYS, VOCABULARY]), st.data())
def test_no_changed_byte_goes_unnoticed(name: str, data: st.DataObject) -> None:
    content = bytearray(SOUND[name])
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(ArtefactError, match="sha256"):
        read_artefact(SOUND | {name: bytes(content)})


def test_another_schema_says_which_one_this_version_reads() -> None:
    with pytest.raises(ArtefactError, match="schema 4, this version reads 2 and 3"):
        read_artefact(edited(schema=4, something_new=True))


def test_a_manifest_that_is_not_json_is_refused() -> None:
    with pytest.raises(ArtefactError, match=MANIFEST):
        read_artefact(SOUND | {MANIFEST: SOUND[MANIFEST][:-2]})


def test_arrays_that_do_not_fit_the_products_are_refused() -> None:
    with pytest.raises(ArtefactError, match="product_vectors should have shape"):
        read_artefact(with_manifest(products=["x", "y", "z"]))


def test_a_product_named_twice_is_refused_by_name() -> None:
    with pytest.raises(ArtefactError, match="more than once: x"):
        read_artefact(with_manifest(products=["x", "x"]))


@pytest.mark.parametrize(
    "changes",
    [{"products": ["y", "x"]}, {"version": "another"}, {"metrics": {"hit@1": 1.0}}, {"sha256": ""}],
)
def test_a_manifest_that_somebody_changed_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ArtefactError, match="changed since it was written"):
        read_artefact(edited(**changes))


def test_an_artefact_that_nothing_proves_is_refused() -> None:
    with pytest.raises(ArtefactError, match="no warm-up request"):
        read_artefact(with_manifest(warm_up=[]))


@pytest.mark.parametrize("logits", [[100.0, 100.0], [1.0], []])
def test_a_warm_up_request_with_another_answer_is_refused(logits: list[float]) -> None:
    wrong = [{"tokens": ["a:1"], "logits": logits}]
    with pytest.raises(ArtefactError, match="warm-up request 0"):
        read_artefact(with_manifest(warm_up=wrong))
