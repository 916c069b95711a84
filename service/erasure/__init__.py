"""Erasure: an account leaves every store, and what comes of it later is turned away.

The tombstone comes first; from then on nothing that is written can bring the account back.
"""
