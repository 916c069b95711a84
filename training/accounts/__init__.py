"""Accounts out of the tables: the same people whom snapshots have as rows, as serving knows them.

A test holds the two together: the tokens of an account built for a moment are its snapshot's.
"""

from training.accounts.build import build_accounts

__all__ = ["build_accounts"]
