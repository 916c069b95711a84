"""Reading a question strictly: every mistake is named, all at once, and nothing is guessed.

`?placment=home` is a mistake, not a question about the default placement.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from difflib import get_close_matches
from urllib.parse import parse_qsl

from recommender import keyspace
from recommender.live import Live
from recommender.request import MAX_LIMIT, Request
from service.account_id import MAX_LENGTH, is_account_id
from service.errors import BadRequest

PARAMETERS = ("placement", "channel", "limit", "language", "explain")
DEFAULT_PLACEMENT = "home"
DEFAULT_CHANNEL = "web"
LONGEST_QUERY_BYTES = 1024
OWN_LANGUAGE = "-"
"""Stands in a decision's key for: the account's own language."""

YES_NO = {"true": True, "1": True, "false": False, "0": False}


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, checked against what is in force. `language` None: the account's own.

    `limit` is what may be shown at most: never more than the placement has slots.
    """

    placement: str
    channel: str
    limit: int
    language: str | None = None
    explain: bool = False

    def at(self, now: float) -> Request:
        """The question as `decide` takes it, `now` in seconds since 1970."""
        return Request(
            at=datetime.fromtimestamp(now, UTC),
            placement=self.placement,
            channel=self.channel,
            language=self.language,
            limit=self.limit,
        )

    def key(self, account_id: str, live: Live) -> str:
        """Where the answer is kept in Redis. The explained one is never kept."""
        language = self.language or OWN_LANGUAGE
        return keyspace.decision(
            account_id, live.version, self.placement, self.channel, language, self.limit
        )


def account_id_from(text: str) -> str:
    """Raises BadRequest unless `text` can be an account id."""
    if is_account_id(text) is None:
        raise BadRequest(
            {
                "account_id": "account_id must be 1 to "
                f"{MAX_LENGTH} letters, digits or any of . _ ~ @ + : -"
            }
        )
    return text


def read_question(query: bytes, live: Live) -> Question:
    """The question in a raw query string. Raises BadRequest with all its mistakes."""
    given, mistakes = read_parameters(query, PARAMETERS)
    explain = YES_NO.get(given.get("explain", "false"))
    if explain is None:
        mistakes["explain"] = "explain must be true or false"
    try:
        question = question_for(
            live,
            placement=given.get("placement"),
            channel=given.get("channel"),
            language=given.get("language"),
            limit=given.get("limit"),
        )
    except BadRequest as error:
        raise BadRequest({**mistakes, **error.mistakes}) from None
    if mistakes:
        raise BadRequest(mistakes)
    return replace(question, explain=bool(explain))


def question_for(
    live: Live,
    *,
    placement: str | None = None,
    channel: str | None = None,
    language: str | None = None,
    limit: str | None = None,
) -> Question:
    """The question with what is not given filled in. Raises BadRequest with all its mistakes."""
    mistakes: dict[str, str] = {}
    placements, languages = live.catalogue.placements, live.catalogue.languages
    name = _preferred(DEFAULT_PLACEMENT, placements) if placement is None else placement
    found = placements.get(name)
    channels = found.channels if found else ()
    via = _preferred(DEFAULT_CHANNEL, channels) if channel is None else channel
    if found is None:
        mistakes["placement"] = _unknown("placement", name, placements)
    elif via not in channels:
        mistakes["channel"] = _unknown("channel", via, channels)
    if language is not None and language not in languages:
        mistakes["language"] = _unknown("language", language, languages)
    most = _limit(limit, found.slots if found else 1)
    if most is None:
        mistakes["limit"] = f"limit must be between 1 and {MAX_LIMIT}"
    if mistakes or most is None:
        raise BadRequest(mistakes)
    return Question(name, via, most, language)


def read_alert_question(query: bytes, live: Live) -> Question:
    """Alerts are the same everywhere: only the language may be chosen. Raises BadRequest."""
    given, mistakes = read_parameters(query, ("language",))
    if mistakes:
        raise BadRequest(mistakes)
    return question_for(live, language=given.get("language"))


def read_parameters(query: bytes, known: Iterable[str]) -> tuple[Mapping[str, str], dict[str, str]]:
    """Each known parameter's one value, and what is wrong with the others."""
    if len(query) > LONGEST_QUERY_BYTES:
        raise BadRequest({"query": f"the query is longer than {LONGEST_QUERY_BYTES} bytes"})
    try:
        pairs = parse_qsl(query.decode("ascii"), keep_blank_values=True, errors="strict")
    except ValueError:  # not ASCII, or escapes that are not UTF-8
        raise BadRequest({"query": "the query is not URL-encoded UTF-8"}) from None
    given: dict[str, str] = {}
    mistakes: dict[str, str] = {}
    for name, value in pairs:
        if name not in known:
            mistakes[name] = _unknown("parameter", name, known)
        elif name in given:
            mistakes[name] = f"{name} is given twice"
        else:
            given[name] = value
    return given, mistakes


def refuse_parameters(query: bytes) -> None:
    """For calls that take none. Raises BadRequest."""
    _, mistakes = read_parameters(query, ())
    if mistakes:
        raise BadRequest(mistakes)


def _preferred(usual: str, known: Iterable[str]) -> str:
    """The usual one where there is such a one, else the first that was declared."""
    names = list(known)
    return usual if usual in names or not names else names[0]


def _limit(text: str | None, slots: int) -> int | None:
    """A page has no room for more than its slots, so a larger limit asks for all of them."""
    if text is None:
        return min(slots, MAX_LIMIT)
    # isdecimal alone would let through digits of other scripts
    if len(text) > 10 or not (text.isascii() and text.isdecimal()):
        return None
    limit = int(text)
    return min(limit, slots) if 1 <= limit <= MAX_LIMIT else None


def _unknown(what: str, name: str, known: Iterable[str]) -> str:
    names = list(known)
    close = get_close_matches(name, names, n=1)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    there_are = f": there are {', '.join(names)}" if names else ""
    return f"unknown {what} {name[:40]!r}{there_are}{hint}"
