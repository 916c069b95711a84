"""What can go wrong while serving, as a tree; `service.problems` maps each type to its answer.

RaakError (recommender.errors)
└── ServiceError
    ├── StoreUnavailable    Redis is down, too slow, or refuses; the answer is a fallback
    ├── ClusterUnsupported  Redis is a cluster, whose slots our round trips would cross
    ├── NothingInForce      no catalogue and model were ever loaded; nothing can be answered
    ├── PublishError        a publication stopped; what was in force stays in force
    └── Refused             the caller will be told why, as a problem (RFC 9457)
        ├── BadRequest          422, what was asked for cannot be answered
        ├── Unauthenticated     401, no credentials or bad ones
        ├── Forbidden           403, the credentials lack a scope
        ├── TooLarge            413, the body is larger than it may be
        ├── Backlog             429, too many events wait for the workers
        ├── EventsUnavailable   503, Redis did not say that it has the events
        ├── AlertsUnavailable   503, Redis is away, so there is nothing to watch
        ├── TooManyViewers      503, this process streams to as many as it may
        └── NotFound            404, no such thing, or not one this caller may know of
"""

from __future__ import annotations

from recommender.errors import RaakError


class ServiceError(RaakError):
    """Base of every error the online shell raises on purpose."""


class StoreUnavailable(ServiceError):
    """Redis did not answer in time or at all."""


class ClusterUnsupported(ServiceError):
    """The address of Redis is that of a cluster."""


class NothingInForce(ServiceError):
    """Nothing is published, and no copy of an earlier publication is at hand."""


class PublishError(ServiceError):
    """What was to be published cannot be; the text names the account or file."""


class Refused(ServiceError):
    """Base of the refusals that a caller caused."""


class BadRequest(Refused):
    """The question itself is wrong: `mistakes` maps each wrong parameter to what is wrong."""

    def __init__(self, mistakes: dict[str, str]) -> None:
        self.mistakes = mistakes
        super().__init__("; ".join(mistakes.values()))


class Unauthenticated(Refused):
    """Who asks is not known. The text never repeats the credentials."""


class Forbidden(Refused):
    """Who asks is known and may not."""


class TooLarge(Refused):
    """The body is larger than it may be; it was not read."""


class Backlog(Refused):
    """Nothing was taken; come back later."""


class EventsUnavailable(Refused):
    """Whether the events were taken is not known; sending them again does no harm."""


class AlertsUnavailable(Refused):
    """There is no telling what an account's alerts are, let alone what becomes of them."""


class TooManyViewers(Refused):
    """One more stream is not served here; another process may."""


class NotFound(Refused):
    """There is no such thing for this caller."""
