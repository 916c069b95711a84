"""Building snapshots: the only way from tables to the rows of training and evaluation."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from recommender.catalogue import Catalogue
from recommender.features import FeatureSpec
from training.snapshots.config import SnapshotConfig
from training.snapshots.holdings import cell_rows, drop_cells, holdings_at
from training.snapshots.moments import Moments, Positions
from training.snapshots.rows import NO_TARGET, Snapshots
from training.snapshots.takings import Takings
from training.snapshots.tokens import Codes, combined, label_codes, tokens_at
from training.snapshots.vocabulary import Vocabulary
from training.tables import Tables


def build_snapshots(
    tables: Tables, catalogue: Catalogue, config: SnapshotConfig | None = None
) -> Snapshots:
    """A row for each taking that `config` asks for, ascending by account, moment and product.

    The row is the account as it stood at 00:00 UTC of the day of the taking: what is dated that
    day, the taking itself among it, is not seen. A second taking of a product that is held and can
    be held only once is no row, since nobody would offer it.
    """
    config = config or SnapshotConfig()
    takings = Takings.of(tables, config)
    rows = _snapshots(tables, catalogue, takings.account, takings.at, takings.product)
    if config.holdings_order == "unknown":
        return _without_own_target(rows)
    own = rows.held.indices == rows.target[cell_rows(rows.held)]
    if not own.any():
        return rows
    held_already = np.zeros(len(rows), dtype=np.bool_)
    held_already[cell_rows(rows.held)[own]] = True
    return rows.take(~held_already)


def snapshots_at(
    tables: Tables,
    catalogue: Catalogue,
    account: Positions,
    moment: NDArray[np.datetime64],
) -> Snapshots:
    """Rows without a target for the given accounts (positions in `tables.accounts`) and moments.

    `moment` (n,), naive UTC, like everything in the tables; rows keep the given order. What is
    dated at a moment or later is not seen.
    """
    nothing = np.full(len(account), NO_TARGET)
    return _snapshots(tables, catalogue, account, moment, nothing)


def _snapshots(
    tables: Tables,
    catalogue: Catalogue,
    account: Positions,
    at: NDArray[np.datetime64],
    target: Positions,
) -> Snapshots:
    spec = FeatureSpec.from_catalogue(catalogue)
    account_ids = tables.accounts["account_id"].to_numpy(dtype=np.object_)
    vocabulary = Vocabulary.of(spec, catalogue, account_ids.tolist())
    moments, row = Moments.of(account, at)
    codes = label_codes(tables, catalogue, spec, vocabulary, moments)
    holdings = holdings_at(tables.holdings, moments, len(catalogue.products))
    tokens = tokens_at(tables, catalogue, spec, vocabulary, moments, codes=codes, holdings=holdings)
    return Snapshots(
        tokens=tokens[row],
        vocabulary=vocabulary.tokens,
        products=tuple(catalogue.products),
        target=target.astype(np.int32),
        held=_held_once(holdings, catalogue)[row],
        account=account.astype(np.int32),
        account_ids=account_ids,
        moment=at.astype("datetime64[us]"),
        life_stage=_life_stages(spec, vocabulary, codes, len(moments))[row],
    )


def _held_once(holdings: csr_matrix, catalogue: Catalogue) -> csr_matrix:
    """Holdings of products that cannot be held twice, as bool."""
    repeatable = np.array([item.repeatable for item in catalogue.products.values()])
    return csr_matrix(drop_cells(holdings, repeatable[holdings.indices]).astype(np.bool_))


def _life_stages(
    spec: FeatureSpec, vocabulary: Vocabulary, codes: dict[str, Codes], rows: int
) -> NDArray[np.object_]:
    if not spec.life_stage:
        return np.full(rows, "", dtype=np.object_)
    labels = product(*(vocabulary.labels[name] for name in spec.life_stage))
    names = np.array(["/".join(stage) for stage in labels], dtype=np.object_)
    stages: NDArray[np.object_] = names[combined(spec.life_stage, codes, vocabulary)]
    return stages


def _without_own_target(rows: Snapshots) -> Snapshots:
    """Each row as if its target were not held."""
    held = drop_cells(rows.held, rows.held.indices == rows.target[cell_rows(rows.held)])
    token = {name: column for column, name in enumerate(rows.vocabulary)}
    own = np.array([token.get(f"holds:{name}", NO_TARGET) for name in rows.products])
    same = rows.tokens.indices == own[rows.target][cell_rows(rows.tokens)]
    return replace(rows, held=held, tokens=drop_cells(rows.tokens, same))
