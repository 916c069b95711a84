"""What can be wrong with a decision log.

ServiceError
└── DecisionLogError    it cannot be written or read; the text says where and why
    └── BrokenChain     a file is not what it was when it was written, or is gone
"""

from __future__ import annotations

from service.errors import ServiceError


class DecisionLogError(ServiceError):
    """The text is one line: which directory, file or decision, and what is wrong with it."""


class BrokenChain(DecisionLogError):
    """The text names the first file that differs from what `chain.jsonl` says of it."""
