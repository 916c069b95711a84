"""Rules as data: conditions, their compiled form, and their words."""

from recommender.rules.compile import Predicate, compile_condition
from recommender.rules.conditions import Compare, Condition, Holds
from recommender.rules.facts import Facts
from recommender.rules.parse import ConditionMistakes, parse_condition
from recommender.rules.words import in_words, why_not

__all__ = [
    "Compare",
    "Condition",
    "ConditionMistakes",
    "Facts",
    "Holds",
    "Predicate",
    "compile_condition",
    "in_words",
    "parse_condition",
    "why_not",
]
