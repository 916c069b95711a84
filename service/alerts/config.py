"""How long alerts are logged, how often time is looked at, and who may watch."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class AlertsConfig(BaseModel):
    """From the environment as `RAAK_ALERTS_...`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    log_most: int = Field(default=100, ge=1, le=10_000)
    """Changes kept for one account; a viewer who missed more is told all alerts anew."""
    log_days: int = Field(default=30, ge=1)
    """How long they are kept after the last."""
    sweep_s: float = Field(default=0.5, gt=0, le=60)
    """How often the workers look who is due because of time alone."""
    viewers: int = Field(default=1_000, ge=0)
    """Streams that one process serves at once; more are told to come back."""
    beat_s: float = Field(default=15.0, gt=0, le=300)
    """A sign of life for who watches, and a look at the log in case a hint was lost."""
    slow_s: float = Field(default=10.0, gt=0)
    """A viewer who does not take what is sent for so long is dropped."""
