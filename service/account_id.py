"""Which texts are account ids: what is safe in a URL, a log line and a Redis hash tag."""

from __future__ import annotations

import re

MAX_LENGTH = 128

PATTERN = rf"^[A-Za-z0-9][A-Za-z0-9._~@+:-]{{0,{MAX_LENGTH - 1}}}$"
"""Braces would end a hash tag, slashes a path."""

is_account_id = re.compile(PATTERN[1:-1]).fullmatch
"""A match for an account id, else None."""
