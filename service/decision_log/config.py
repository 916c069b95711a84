"""Whether decisions are logged, where to, and how much may wait."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field


class DecisionLogConfig(BaseModel):
    """From the environment as `RAAK_DECISIONS_...`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    log: bool = True
    """Whether the service puts what it shows on the stream that the log is written from."""
    backlog_bytes: int = Field(default=64_000_000, ge=100_000)
    """What may wait on the stream; beyond that decisions are served, lost to the log, counted."""
    log_dir: Path | None = None
    """The directory of the log; None: `decisions` beside the event log, where one is kept."""
    log_every_s: float = Field(default=60.0, gt=0)
    log_rows: int = Field(default=10_000, ge=1)
    """A file is closed when either is reached. Files stay as they are, so they are few."""
    window: int = Field(default=100_000, ge=1)
    """The latest decisions, by their ids, of which none is logged a second time."""
