"""What every part of the catalogue has in common: frozen, and no key that nobody declared."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

Channel = Literal["web", "app", "branch", "phone"]
CHANNELS: tuple[Channel, ...] = ("web", "app", "branch", "phone")


class Declared(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)
