"""What is asked: where, through which channel, in which language, how many, and when."""

from __future__ import annotations

from datetime import datetime

import msgspec

MAX_LIMIT = 20
"""No placement shows more than this; a larger wish is a mistake, not a wish."""


class Request(msgspec.Struct, frozen=True):
    """One question to `decide`. `at` is an aware UTC instant; the core reads no clock.

    `limit` None means as many as the placement has slots; `language` None means the account's
    own, else the catalogue's first.
    """

    at: datetime
    placement: str = "home"
    channel: str = "web"
    language: str | None = None
    limit: int | None = None
