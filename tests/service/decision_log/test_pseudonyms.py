"""Who is who in the log, and that nobody can tell any more once they are forgotten."""

from __future__ import annotations

from pathlib import Path

import pytest

from recommender.tombstone import digest
from service.decision_log.errors import DecisionLogError
from service.decision_log.pseudonyms import Person, Pseudonyms
from service.decision_log.sealing import seal, unseal


def test_an_account_keeps_its_pseudonym_and_shares_it_with_nobody(tmp_path: Path) -> None:
    people = Pseudonyms.open(tmp_path)
    first = people.of(["ann", "bob"])
    assert len(set(first.values())) == 2
    people.close()
    again = Pseudonyms.open(tmp_path)
    assert again.of(["bob", "ann", "cas"]).items() > first.items()
    assert again.find("ann") == first["ann"]
    behind = again.behind(first["ann"])
    assert behind is not None
    assert behind[0] == "ann"
    assert again.find("nobody") is None


def test_of_who_is_forgotten_no_byte_is_left_in_any_file(tmp_path: Path) -> None:
    people = Pseudonyms.open(tmp_path)
    ids = [f"account-{number * 7919 % 5000:06}" for number in range(5000)]
    for start in range(0, len(ids), 50):  # pages fill up and are split
        people.of(ids[start : start + 50])
    gone = ids[::250]
    pseudonyms = people.of(gone)
    for account_id in gone:
        assert people.forget({digest(account_id)}) == {digest(account_id)}
    people.close()
    content = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    for account_id in gone:
        assert account_id.encode() not in content
        assert pseudonyms[account_id].encode() not in content
    assert ids[1].encode() in content


def test_what_was_read_before_does_not_bring_back_who_was_forgotten(tmp_path: Path) -> None:
    now = [1000.0]
    people = Pseudonyms.open(tmp_path, clock=lambda: now[0])
    assert not people.forget({digest("ann")})
    late = people.people(["ann"], read_since=990.0)["ann"]
    assert people.find("ann") is None
    assert people.behind(late.pseudonym) is None
    new = people.people(["ann"], read_since=1001.0)["ann"]  # a customer again
    assert people.find("ann") == new.pseudonym != late.pseudonym


def test_who_was_forgotten_is_itself_forgotten(tmp_path: Path) -> None:
    now = [1000.0]
    people = Pseudonyms.open(tmp_path, clock=lambda: now[0])
    people.forget({digest("ann")})
    now[0] += 2 * 86_400
    people.of(["bob"])
    assert people._connection.execute("SELECT count(*) FROM forgotten").fetchone() == (0,)


def test_what_is_sealed_opens_with_its_own_key_for_its_own_decision_only() -> None:
    own, other = Person.new().key, Person.new().key
    sealed = seal(b"ann lives here", own, "d1")
    assert b"ann" not in sealed
    assert unseal(sealed, own, "d1") == b"ann lives here"
    for key, about, content in (
        (other, "d1", sealed),
        (own, "d2", sealed),
        (own, "d1", sealed[:-1]),
        (own, "d1", b""),
    ):
        with pytest.raises(DecisionLogError, match="do not open with its key"):
            unseal(content, key, about)


def test_a_file_that_is_no_database_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "pseudonyms.sqlite").write_text("not a database, but long enough to look at" * 9)
    with pytest.raises(DecisionLogError, match=r"cannot use .*pseudonyms\.sqlite"):
        Pseudonyms.open(tmp_path)
