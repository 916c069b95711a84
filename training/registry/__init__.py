"""The registry of models: versions in a directory or bucket, champion and challenger, the gate."""

from training.registry.gate import Finding, GateConfig, Verdict, judge
from training.registry.store import Entry, Registry
from training.registry.trial import Contender, NotTried, trial_rows

__all__ = [
    "Contender",
    "Entry",
    "Finding",
    "GateConfig",
    "NotTried",
    "Registry",
    "Verdict",
    "judge",
    "trial_rows",
]
