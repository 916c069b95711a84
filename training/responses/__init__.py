"""Learning from responses: what was shown, and what people took of it.

events with a decision_id --> Responses --> Acceptance (which decide ranks by)
                                        --> ResponseWeeks (for the report)
"""

from training.responses.learn import AcceptanceConfig, learn_acceptance, with_acceptance
from training.responses.rows import Responses, ResponsesConfig, build_responses
from training.responses.weeks import ResponseWeek, response_weeks

__all__ = [
    "AcceptanceConfig",
    "ResponseWeek",
    "Responses",
    "ResponsesConfig",
    "build_responses",
    "learn_acceptance",
    "response_weeks",
    "with_acceptance",
]
