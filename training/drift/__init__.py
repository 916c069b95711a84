"""Watching a model in service: do people, scores and outcomes still look as when it learnt?"""

from training.drift.reference import Reference, read_reference
from training.drift.watch import Reading, Watch, WatchConfig, watch

__all__ = ["Reading", "Reference", "Watch", "WatchConfig", "read_reference", "watch"]
