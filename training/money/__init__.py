"""Money for everyone: the core's functions over buckets of accounts."""

from training.money.batch import Bank, Finances, everyone, finances_of, ledgers, peers_of
from training.money.calibration import Case, calibrated, coverage, covered, outlook_of

__all__ = [
    "Bank",
    "Case",
    "Finances",
    "calibrated",
    "coverage",
    "covered",
    "everyone",
    "finances_of",
    "ledgers",
    "outlook_of",
    "peers_of",
]
