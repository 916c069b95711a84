"""Money and days in words, and the sentences for what the funnel itself withholds."""

from __future__ import annotations

from datetime import date

WEEKDAYS = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "nl": ("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag"),
}
MONTHS = {
    "en": ("January", "February", "March", "April", "May", "June", "July", "August", "September",
           "October", "November", "December"),
    "nl": ("januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september",
           "oktober", "november", "december"),
}  # fmt: skip
CASES = {
    "en": {"complaint": "complaint", "application": "application", "order": "order"},
    "nl": {"complaint": "klacht", "application": "aanvraag", "order": "bestelling"},
}
DEFAULT = "en"

BUILT_IN = {
    "already_held": {"en": "You already have this.", "nl": "U heeft dit al."},
    "policy_set_ended": {
        "en": "Our offers are being looked over; ask again later.",
        "nl": "We kijken ons aanbod na; vraag het later nog eens.",
    },
    "not_on_sale": {"en": "This is not on sale now.", "nl": "Dit is nu niet te koop."},
    "wrong_channel": {
        "en": "This is not offered through this channel.",
        "nl": "Dit wordt niet via dit kanaal aangeboden.",
    },
    "consent_marketing": {
        "en": "You have not agreed to receive offers.",
        "nl": "U heeft geen toestemming gegeven voor aanbiedingen.",
    },
    "objected": {
        "en": "You asked us not to send you offers.",
        "nl": "U heeft ons gevraagd u geen aanbiedingen te doen.",
    },
    "application_open": {
        "en": "You began an application for this; you can go on where you were.",
        "nl": "U bent al aan een aanvraag begonnen; u kunt verder waar u was.",
    },
    "wrong_moment": {
        "en": "This is for another moment.",
        "nl": "Dit is voor een ander moment.",
    },
    "not_wanted": {
        "en": "You asked us not to offer you this.",
        "nl": "U heeft ons gevraagd u dit niet aan te bieden.",
    },
    "contact_cap": {
        "en": "You have seen enough offers lately.",
        "nl": "U heeft onlangs genoeg aanbiedingen gezien.",
    },
    "shown_enough": {
        "en": "You have seen this often enough lately.",
        "nl": "U heeft dit onlangs vaak genoeg gezien.",
    },
    "cooling_down": {
        "en": "You recently said no to this.",
        "nl": "U heeft hier onlangs nee tegen gezegd.",
    },
    "full": {
        "en": "Other things are more relevant to you now.",
        "nl": "Andere zaken zijn nu relevanter voor u.",
    },
    "near_identical": {
        "en": "Something much like it is already shown.",
        "nl": "Er wordt al iets getoond dat hier veel op lijkt.",
    },
    "domain_cap": {
        "en": "Enough is already shown about this part of life.",
        "nl": "Over dit deel van het leven wordt al genoeg getoond.",
    },
}


def built_in(rule: str, language: str) -> str | None:
    """The sentence for a rule of the funnel's own (`<owner>.<name>`), None for any other rule."""
    sentences = BUILT_IN.get(rule.rpartition(".")[2])
    return None if sentences is None else sentences.get(language, sentences[DEFAULT])


def case_name(kind: str, language: str) -> str:
    """`complaint` gives `complaint` (en) or `klacht` (nl); another kind is called as it is."""
    return CASES.get(language, CASES[DEFAULT]).get(kind, kind)


def amount(minor: int, currency: str) -> str:
    """An unsigned amount: 6250 and EUR give `EUR 62.50`."""
    major, cents = divmod(abs(minor), 100)
    return f"{currency} {major}.{cents:02d}"


def date_name(day: date, language: str) -> str:
    """`12 March 2027` (en) or `12 maart 2027` (nl)."""
    spoken = language if language in MONTHS else DEFAULT
    return f"{day.day} {MONTHS[spoken][day.month - 1]} {day.year}"


def day_name(iso_day: str, language: str) -> str:
    """`2026-11-26` gives `Thursday 26 November` (en) or `donderdag 26 november` (nl)."""
    day = date.fromisoformat(iso_day)
    spoken = language if language in WEEKDAYS else DEFAULT
    return f"{WEEKDAYS[spoken][day.weekday()]} {day.day} {MONTHS[spoken][day.month - 1]}"
