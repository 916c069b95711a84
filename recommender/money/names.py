"""Counterparties: one payee under the several names that statements give it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache

_LEGAL = frozenset((
    "ab", "ag", "as", "asa", "bv", "bvba", "co", "corp", "eg", "ev", "gmbh", "inc", "kg", "llc",
    "llp", "ltd", "nv", "oy", "oyj", "plc", "sa", "sarl", "sas", "sl", "spa", "sro", "srl", "vof",
))  # fmt: skip
_BOILERPLATE = frozenset((
    "sepa", "incasso", "ideal", "betaling", "payment", "ref", "reference", "nr", "no", "kenmerk",
))  # fmt: skip
_WORD = re.compile(r"[a-z0-9]+")

_LETTERS_THAT_NAME = 6
"""A name of fewer letters is too little to be part of a longer one."""

_LEAST_PREFIX = 8
"""Statements cut names off; from so many letters on, the beginning is enough."""


@lru_cache(maxsize=65_536)
def words_of(name: str) -> tuple[str, ...]:
    """The words that tell who it is: no case, accents, legal forms or running numbers.

    Numbers stay where they are the name, as an account number beside a bank's code is.

    >>> words_of("ZONWIND Energy B.V. 000451")
    ('zonwind', 'energy')
    >>> words_of("YZ 87144583")
    ('yz', '87144583')
    """
    plain = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    words = _WORD.findall(plain.replace(".", "").replace("'", ""))
    telling = tuple(
        word
        for word in words
        if word not in _LEGAL and word not in _BOILERPLATE and not any(map(str.isdigit, word))
    )
    return telling if sum(map(len, telling)) > 3 else tuple(words) or (name,)


def same_payee(one: str, other: str) -> bool:
    """Whether two statements may name one payee.

    >>> same_payee("Zonwind Energy", "ZONWIND ENERGY B.V. 000451")
    True
    """
    return alike(words_of(one), words_of(other))


@lru_cache(maxsize=65_536)
def alike(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether two names mean the same payee: one cut off, one with words added, or a slip.

    >>> alike(("woonhuis", "housing", "association"), ("woonhuis", "housing", "ass"))
    True
    >>> alike(("client", "invoice", "a"), ("client", "invoice", "b"))
    False
    """
    short, long = sorted((one, other), key=lambda words: (sum(map(len, words)), words))
    joined = "".join(short)
    if len(joined) >= _LEAST_PREFIX and "".join(long).startswith(joined):
        return True
    if len(joined) >= _LETTERS_THAT_NAME and set(short) < set(long):
        return True
    return len(one) == len(other) and all(map(_slip, one, other))


def _slip(one: str, other: str) -> bool:
    """Equal, or words of some length that one slip of the pen turns into each other."""
    if one == other:
        return True
    if min(len(one), len(other)) < 5 or abs(len(one) - len(other)) > 1:
        return False
    if any(map(str.isdigit, one + other)):
        return False
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    rest, other_rest = one[start:], other[start:]
    return (
        rest[1:] == other_rest[1:]  # another letter
        or rest[1:] == other_rest  # one too many
        or rest == other_rest[1:]  # one too few
        or (rest[:2] == other_rest[1::-1] and rest[2:] == other_rest[2:])  # two swapped
    )


def payees(names: Sequence[tuple[str, ...]], weight: Sequence[int]) -> list[int]:
    """For each of the distinct `names`, the place of the one that stands for its payee.

    `weight` says how often each occurs: the commonest names the payee. Only names that share the
    beginning of a word are compared.
    """
    by_start: dict[str, list[int]] = {}
    owner = list(range(len(names)))
    for place in sorted(owner, key=lambda at: (-weight[at], names[at])):
        candidates = _near(names[place], by_start)
        for candidate in candidates:
            if alike(names[place], names[candidate]):
                owner[place] = candidate
                break
        else:
            for start in _starts(names[place]):
                by_start.setdefault(start, []).append(place)
    return owner


def _starts(words: tuple[str, ...]) -> Iterable[str]:
    return {word[:3] for word in words}


def _near(words: tuple[str, ...], by_start: dict[str, list[int]]) -> list[int]:
    found = dict.fromkeys(at for start in sorted(_starts(words)) for at in by_start.get(start, ()))
    return list(found)
