"""What is kept of an erased account: enough to know it when it comes again, and no more."""

from __future__ import annotations

import hashlib


def digest(account_id: str) -> bytes:
    """16 bytes, the same on every machine; who guesses an id can tell, so it is no secret."""
    return hashlib.blake2b(account_id.encode(), digest_size=16, person=b"raak-erased").digest()
