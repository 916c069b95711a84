"""Money for everyone: the core's functions over buckets of accounts."""

from training.money.batch import Finances, finances_of, histories_of, ledgers
from training.money.calibration import Case, calibrated, coverage, covered, outlook_of

__all__ = [
    "Case",
    "Finances",
    "calibrated",
    "coverage",
    "covered",
    "finances_of",
    "histories_of",
    "ledgers",
    "outlook_of",
]
