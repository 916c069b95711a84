"""Money for everyone: the core's functions over buckets of accounts."""

from training.money.batch import Finances, finances_of, histories_of

__all__ = ["Finances", "finances_of", "histories_of"]
