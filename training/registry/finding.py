"""What the gate found: comparisons, each with whether the challenger stands it."""

from __future__ import annotations

from dataclasses import dataclass

from training.evaluation import Estimate


@dataclass(frozen=True)
class Finding:
    """One comparison, and whether the challenger stands it."""

    what: str
    challenger: float
    against: str
    other: float
    rule: str
    holds: bool
    stage: str = ""
    """The life stage whose rows were compared; empty for all rows."""

    def __str__(self) -> str:
        """As a person reads it.

        >>> print(Finding("nDCG@5", 0.5, "the champion", 0.6, "at most 0.01 lower", False))
        nDCG@5 0.5000, the champion 0.6000: at most 0.01 lower
        """
        return f"{self.what} {self.challenger:.4f}, {self.against} {self.other:.4f}: {self.rule}"


@dataclass(frozen=True)
class Verdict:
    """All comparisons, on `rows` takings from `first_day` on."""

    rows: int
    first_day: str
    findings: tuple[Finding, ...]

    @property
    def held_against(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if not finding.holds)


def words(gain: Estimate) -> str:
    return f"{gain.value:+.4f} ({gain.low:+.4f} to {gain.high:+.4f})"
