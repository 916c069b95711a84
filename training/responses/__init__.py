"""Learning from responses: what was shown, and what people took of it.

events with a decision_id --> Responses --> Acceptance (which decide ranks by)
"""

from training.responses.learn import AcceptanceConfig, learn_acceptance, with_acceptance
from training.responses.rows import Responses, ResponsesConfig, build_responses

__all__ = [
    "AcceptanceConfig",
    "Responses",
    "ResponsesConfig",
    "build_responses",
    "learn_acceptance",
    "with_acceptance",
]
