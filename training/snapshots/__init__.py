"""Snapshots: the rows that training learns from, without a look past their moment."""

from training.snapshots.build import build_snapshots, snapshots_at
from training.snapshots.config import READS, SnapshotConfig
from training.snapshots.rows import NO_TARGET, Snapshots

__all__ = ["NO_TARGET", "READS", "SnapshotConfig", "Snapshots", "build_snapshots", "snapshots_at"]
