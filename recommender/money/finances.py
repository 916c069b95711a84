"""What an account's bookings taught, as it travels with the account.

Packed and compressed: 8 series are 2 kB and take some 100 microseconds to decode, which whoever
answers a request must not pay. Only who makes `Ahead` opens them.
"""

from __future__ import annotations

import zlib
from datetime import date

import msgspec

from recommender.account import Wire
from recommender.errors import StateError
from recommender.money.booking import Booking
from recommender.money.series import Series
from recommender.money.settling import settle
from recommender.money.spending import Spending

LEVEL = 6


class Finances(Wire, frozen=True):
    """What recurs and goes on, in every currency, and what is spent besides.

    All bookings before the day `until` were learnt from: who tells of one of them tells it again.
    """

    series: tuple[Series, ...]
    spending: Spending
    until: date = date.min

    def after(self, booking: Booking) -> Finances:
        """The same object when the booking changes nothing."""
        if booking.booked_on < self.until:
            return self
        series = settle(self.series, booking)
        return self if series is self.series else Finances(series, self.spending, self.until)


_encoder = msgspec.msgpack.Encoder(order="deterministic")
_decoder = msgspec.msgpack.Decoder(Finances)


def pack_finances(finances: Finances) -> bytes:
    return zlib.compress(_encoder.encode(finances), LEVEL)


def unpack_finances(packed: bytes) -> Finances:
    """Read what `pack_finances` wrote.

    Raises:
        StateError: the bytes are something else.
    """
    try:
        return _decoder.decode(zlib.decompress(packed))
    except (zlib.error, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise StateError(f"stored finances cannot be read: {error}; publish again") from None
