"""The registry of models: versions in a directory or bucket, champion and challenger, the gate."""

from training.registry.contend import contender
from training.registry.finding import Finding, Verdict
from training.registry.gate import GateConfig, judge
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
    "contender",
    "judge",
    "trial_rows",
]
