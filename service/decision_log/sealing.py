"""What only the holder of an account's key can read: AES-256-GCM over compressed bytes.

A decision's inputs are a person's whole situation, which points to that person however the name is
replaced. Files in a chain cannot be changed; forgetting the key is how their content is erased.
"""

from __future__ import annotations

import os
import zlib

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from service.decision_log.errors import DecisionLogError

KEY_BYTES = 32
NONCE_BYTES = 12


def seal(content: bytes, key: bytes, about: str) -> bytes:
    """The sealed content; it opens with the same key and for the same decision `about`."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, zlib.compress(content, 1), about.encode())


def unseal(sealed: bytes, key: bytes, about: str) -> bytes:
    """Raises DecisionLogError: another key, or not what was sealed."""
    nonce, rest = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
    try:
        return zlib.decompress(AESGCM(key).decrypt(nonce, rest, about.encode()))
    except (InvalidTag, ValueError, zlib.error):
        raise DecisionLogError(f"the inputs of decision {about} do not open with its key") from None
