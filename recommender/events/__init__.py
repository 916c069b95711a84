"""Events: what a person did or what became of it, and how each changes what we know."""

from recommender.events.carried import carried
from recommender.events.fold import fold
from recommender.events.kinds import Event, parse_event, parse_events
from recommender.events.strangers import stranger

__all__ = ["Event", "carried", "fold", "parse_event", "parse_events", "stranger"]
