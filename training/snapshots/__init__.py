"""Snapshots: the rows that the model learns from, is calibrated on and is measured by."""

from training.snapshots.config import SnapshotConfig
from training.snapshots.rows import NO_TARGET, Snapshots

__all__ = ["NO_TARGET", "SnapshotConfig", "Snapshots"]
