"""What a training takes from the tables; with it in hand, their memory can be used for the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from recommender.catalogue import Catalogue
from training.leakage import guard
from training.phases import Phases
from training.responses import Responses, ResponsesConfig, build_responses
from training.snapshots import SnapshotConfig, Snapshots, build_snapshots
from training.tables import Tables
from training.tables.frames import ROWS

PHASES = ("snapshots", "leak guard", "responses")
"""The phases of `Material.of`, in order, for whoever shows progress."""


@dataclass(frozen=True, eq=False)
class Material:
    """Rows to learn from, which hold on to nothing of the tables that they were made of."""

    snapshots: Snapshots
    responses: Responses
    erased: int
    """Rows of erased accounts, which the tables still have and these do not."""

    @classmethod
    def of(
        cls,
        tables: Tables,
        catalogue: Catalogue,
        taking: SnapshotConfig,
        answering: ResponsesConfig,
        phases: Phases,
        *,
        seed: int,
    ) -> Self:
        """Make the rows, and refuse them if they look ahead; the configurations say which.

        Raises:
            LeakError: a row knows what happened after its moment.
        """
        with phases.phase("snapshots"):
            snapshots = build_snapshots(tables, catalogue, taking)
        with phases.phase("leak guard"):
            if taking.holdings_order == "time":  # with no order there is no ahead
                guard(snapshots, tables, catalogue, seed=seed)
        with phases.phase("responses"):
            responses = build_responses(tables, catalogue, answering)
        return cls(snapshots, responses, int(tables.erased[ROWS].sum()))
