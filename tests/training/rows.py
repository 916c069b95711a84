"""Snapshot rows made up from a seed, for tests of what reads snapshots."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_matrix

from training.snapshots import Snapshots

STAGES = ("student/single", "employed/couple", "retired/single")


def made_up(
    seed: int, *, rows: int = 240, products: int = 5, accounts: int = 80, tokens: int = 12
) -> Snapshots:
    """Rows in which what is taken follows from the tokens, with noise.

    No row holds its own target, some hold everything else, and the last token never occurs.
    """
    rng = np.random.default_rng(seed)
    present = rng.random((rows, tokens)) < 0.3
    present[:, -1] = False
    pull = np.random.default_rng(0).normal(scale=2.0, size=(tokens, products))
    logits = present @ pull + rng.gumbel(size=(rows, products))
    target = logits.argmax(axis=1).astype(np.int32)
    held = rng.random((rows, products)) < 0.15
    held[: rows // 20] = True
    held[np.arange(rows), target] = False
    days = rng.integers(365, size=rows).astype("timedelta64[D]")
    return Snapshots(
        tokens=csr_matrix(present.astype(np.float32)),
        vocabulary=tuple(f"token:{k}" for k in range(tokens)),
        products=tuple(f"product_{k}" for k in range(products)),
        target=target,
        held=csr_matrix(held),
        account=rng.integers(accounts, size=rows).astype(np.int32),
        account_ids=np.array([f"a{k}" for k in range(accounts)], dtype=object),
        moment=(np.datetime64("2026-01-01") + days).astype("datetime64[us]"),
        life_stage=np.array(STAGES, dtype=object)[rng.integers(len(STAGES), size=rows)],
    )
