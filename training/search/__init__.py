"""Looking for better settings of the model, by optuna (the extra `search`)."""

from training.search.search import Attempt, Found, SearchConfig, SearchUnavailable, search

__all__ = ["Attempt", "Found", "SearchConfig", "SearchUnavailable", "search"]
