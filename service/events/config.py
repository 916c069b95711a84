"""How events come in, how long they are remembered, and where they go."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field


class EventsConfig(BaseModel):
    """From the environment as `RAAK_EVENTS_...`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    most_bytes: int = Field(default=1_000_000, ge=1_000)
    """A larger body is refused before it is read."""
    most: int = Field(default=1_000, ge=1, le=10_000)
    """Events in one call."""
    ahead_s: int = Field(default=300, ge=0)
    """How far a sender's clock may be ahead of ours."""
    window_hours: int = Field(default=48, ge=1)
    """How long an event id is remembered. An older event is refused, so none counts twice. All
    processes need the same, and when it changes what was seen before is forgotten."""
    backlog: int = Field(default=500_000, ge=1)
    """Events that may wait for the workers; beyond that senders are told to come back later."""
    timeout_ms: int = Field(default=1_000, ge=10, le=60_000)
    """For Redis to take a batch. No reader ever waits behind one: events have their own link."""
    on_disk: bool = False
    """Answer only once Redis has the batch on disk (WAITAOF); needs its AOF."""
    create_accounts: bool = False
    """Whether an event of an account that was never published begins one, without consents."""
    keep_days: int = Field(default=3, ge=1)
    """How long folded events are kept beside a state, for a publication that has not seen them."""
    keep_most: int = Field(default=500, ge=1)
    """Events kept so for one account; the newest stay."""
    batch: int = Field(default=256, ge=1, le=5_000)
    """Events that are folded in one step; while it lasts Redis answers nobody else."""
    claim_s: float = Field(default=30.0, gt=0)
    """After so long another worker takes over what a silent one had begun."""
    log_dir: Path | None = None
    """The directory of the event log. Without it no log is kept."""
    log_buckets: int = Field(default=16, ge=1, le=4096)
    """Account buckets of the log; fixed once it has been begun."""
    log_every_s: float = Field(default=30.0, gt=0)
    log_rows: int = Field(default=100_000, ge=1)
    """A part is written when either is reached."""
    log_parts: int = Field(default=8, ge=2)
    """So many small files of one day and bucket are made into one."""

    @property
    def window_s(self) -> int:
        return self.window_hours * 3600
