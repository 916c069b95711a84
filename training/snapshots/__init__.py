"""Snapshots: the rows that training learns from, without a look past their moment."""

from training.snapshots.rows import Snapshots

__all__ = ["Snapshots"]
