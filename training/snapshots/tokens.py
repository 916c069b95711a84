"""Whole columns to tokens: the same bins, labels and names as `recommender.features`."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack

from recommender.catalogue import Catalogue
from recommender.features import CROSS, UNKNOWN, Bins, FeatureSpec
from training.snapshots.context import Floats, ages_at, attributes_at
from training.snapshots.holdings import ones
from training.snapshots.interest import interests_at
from training.snapshots.moments import Moments
from training.snapshots.vocabulary import Vocabulary
from training.tables import Tables

Codes = NDArray[np.int64]


def label_codes(
    tables: Tables,
    catalogue: Catalogue,
    spec: FeatureSpec,
    vocabulary: Vocabulary,
    moments: Moments,
) -> dict[str, Codes]:
    """For each number and category the position in `vocabulary.labels[name]`, (k,) each."""
    values = {**attributes_at(tables, catalogue, moments), **ages_at(tables, moments)}
    return {
        name: _codes(values[name], spec.numbers.get(name), known.index(UNKNOWN))
        for name, known in vocabulary.labels.items()
    }


def _codes(values: Floats, bins: Bins | None, unknown: int) -> Codes:
    missing = np.isnan(values)
    filled = np.where(missing, 0, values)
    found = filled if bins is None else np.searchsorted(bins.edges, filled, side="right")
    return np.where(missing, unknown, found).astype(np.int64)


def combined(names: Iterable[str], codes: dict[str, Codes], vocabulary: Vocabulary) -> Codes:
    """The position among all combinations of the labels of `names`, the last running fastest."""
    total = np.zeros(len(next(iter(codes.values()))), np.int64)
    for name in names:
        total = total * len(vocabulary.labels[name]) + codes[name]
    return total


def tokens_at(
    tables: Tables,
    catalogue: Catalogue,
    spec: FeatureSpec,
    vocabulary: Vocabulary,
    moments: Moments,
    *,
    codes: dict[str, Codes],
    holdings: csr_matrix,
) -> csr_matrix:
    """(k, T) csr float32, 1 for each token of each moment's account. Columns ascend in a row."""
    parts = [_context(spec, vocabulary, codes, len(moments))]
    if spec.holdings:
        parts.append(holdings)
    if spec.domain_interest or spec.product_interest:
        interests = interests_at(tables, catalogue, moments)
        wanted = (
            (spec.domain_interest, interests.domain),
            (spec.product_interest, interests.product),
        )
        parts += [_level_tokens(levels, spec.levels) for use, levels in wanted if use]
    if spec.identity:
        rows = np.arange(len(moments))
        parts.append(ones(rows, moments.account, (len(moments), len(tables.accounts))))
    return csr_matrix(hstack(parts, format="csr", dtype=np.float32))


def _context(
    spec: FeatureSpec, vocabulary: Vocabulary, codes: dict[str, Codes], rows: int
) -> csr_matrix:
    """One token for each number and category, then the crosses; the first of the blocks."""
    columns = [vocabulary.first[name] + codes[name] for name in vocabulary.labels]
    columns += [
        vocabulary.first[CROSS.join(cross)] + combined(cross, codes, vocabulary)
        for cross in spec.crosses
    ]
    cells = np.column_stack(columns).ravel() if columns else np.zeros(0, np.int64)
    return ones(np.repeat(np.arange(rows), len(columns)), cells, (rows, vocabulary.context))


def _level_tokens(levels: Floats, bins: Bins) -> csr_matrix:
    """(k, keys) decayed levels to (k, keys x named levels) tokens."""
    named = len(bins.edges)
    row, key = np.nonzero((levels > 0) & (levels >= bins.edges[0]))
    level = np.searchsorted(bins.edges, levels[row, key], side="right") - 1
    return ones(row, key * named + level, (len(levels), levels.shape[1] * named))
