"""Rules as data: conditions, their compiled form, and their words."""

from recommender.rules.compile import compile_condition
from recommender.rules.conditions import Condition
from recommender.rules.facts import Facts
from recommender.rules.parse import ConditionMistakes, parse_condition
from recommender.rules.words import in_words, why_not

__all__ = [
    "Condition",
    "ConditionMistakes",
    "Facts",
    "compile_condition",
    "in_words",
    "parse_condition",
    "why_not",
]
