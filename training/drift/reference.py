"""What a model's rows and scores looked like when it learnt: kept beside it, to compare with later.

Stored, not rebuilt from later tables: if a column changes its meaning upstream it changes in the
whole of the new tables, and comparing them with themselves would not show it.
"""

from __future__ import annotations

from collections import Counter
from typing import Self

import msgspec
import numpy as np

from recommender.errors import ArtefactError
from training.evaluation.metrics import Floats
from training.snapshots import Snapshots

REFERENCE = "reference.json"
SCHEMA = 1

NONE = "none"
"""The value of a feature in rows that have no token of it: no interest, not held."""

YES = "yes"

SCORE_BINS = 10


class Reference(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Counts over `rows` rows, the latest that were known: by feature and value, and of scores."""

    rows: int
    features: dict[str, dict[str, int]]
    score_edges: tuple[float, ...]
    """Deciles of the highest propensity of each row."""
    scores: dict[str, int]
    ndcg_at_5: float | None
    coverage_at_3: float | None
    schema: int = SCHEMA

    @classmethod
    def of(
        cls,
        snapshots: Snapshots,
        propensities: Floats,
        *,
        ndcg_at_5: float | None = None,
        coverage_at_3: float | None = None,
    ) -> Self:
        top = propensities.max(axis=1)
        inner = np.linspace(0, 1, SCORE_BINS + 1)[1:-1]
        edges = tuple(float(edge) for edge in np.unique(np.quantile(top, inner)))
        return cls(
            rows=len(snapshots),
            features=feature_counts(snapshots),
            score_edges=edges,
            scores=score_counts(propensities, edges),
            ndcg_at_5=ndcg_at_5,
            coverage_at_3=coverage_at_3,
        )

    def encode(self) -> bytes:
        return msgspec.json.encode(self, order="sorted") + b"\n"


_decoder = msgspec.json.Decoder(Reference)


def read_reference(content: bytes) -> Reference:
    """Parse what `Reference.encode` wrote.

    Raises:
        ArtefactError: it is not that, or of another schema.
    """
    try:
        found = _decoder.decode(content)
    except msgspec.DecodeError as error:
        raise ArtefactError(f"{REFERENCE}: {error}; train again") from None
    if found.schema != SCHEMA:
        raise ArtefactError(f"{REFERENCE}: schema {found.schema}, this version reads {SCHEMA}")
    return found


def feature_counts(snapshots: Snapshots) -> dict[str, dict[str, int]]:
    """Rows by feature and value; each feature's counts add up to the rows."""
    counts: dict[str, Counter[str]] = {}
    seen = snapshots.token_counts()
    for token, count in zip(snapshots.vocabulary, seen.tolist(), strict=True):
        feature, value = feature_of(token)
        counts.setdefault(feature, Counter())[value] += count
    rows = len(snapshots)
    for found in counts.values():
        found[NONE] += rows - found.total()
    return {
        feature: {value: count for value, count in found.items() if count}
        for feature, found in counts.items()
    }


def feature_of(token: str) -> tuple[str, str]:
    """The feature that a token is a value of, and the value.

    >>> feature_of("occupation:student"), feature_of("holds:mortgage")
    (('occupation', 'student'), ('holds:mortgage', 'yes'))
    >>> feature_of("interest:housing:high")
    ('interest:housing', 'high')
    """
    kind, _, rest = token.partition(":")
    match kind:
        case "holds":
            return token, YES
        case "interest" | "views":
            subject, _, level = rest.rpartition(":")
            return f"{kind}:{subject}", level
        case "account":
            return kind, YES
    return kind, rest


def score_counts(propensities: Floats, edges: tuple[float, ...]) -> dict[str, int]:
    """Rows by the bin of their highest propensity."""
    bins = np.searchsorted(np.array(edges), propensities.max(axis=1), side="right")
    counts = np.bincount(bins, minlength=len(edges) + 1)
    return {str(number): int(count) for number, count in enumerate(counts)}
