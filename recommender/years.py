"""Whole years, as birthdays count them."""

from __future__ import annotations

from datetime import date


def full_years(since: date, day: date) -> int:
    """Whole years from `since` to `day`; someone born on 29 February has a birthday on 1 March."""
    return day.year - since.year - ((day.month, day.day) < (since.month, since.day))
