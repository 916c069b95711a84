"""The phrases that rules are said in, by language. Every language has the same keys.

A *range* says which values are wanted (`18 or more`), a *noun* what a person would have
(`age: 18 or more`), a sentence what stands in the way (`Your home: rented. Needed: owned.`). Names
and values are the catalogue's own and stand as they are: no sentence bends them to its grammar.
"""

from __future__ import annotations

from collections.abc import Mapping

DEFAULT = "en"

EN: Mapping[str, str] = {
    # names and values
    "age": "age", "tenure_years": "years as a customer", "yes": "yes", "no": "no",
    # joining
    "or": " or ", "and": " and ", "one_of": "; or ", "both": "; and ",
    # ranges
    "at_least": "{first} or more", "below": "less than {first}", "between": "{first} to {last}",
    "outside": "less than {first} or more than {last}", "in": "{values}", "is": "{values}",
    "not_in": "anything but {values}",
    # nouns
    "compare": "{name}: {range}",
    "holds": "{titles}", "holds_not": "no {titles}",
    "holds_in": "something in {titles}", "holds_in_not": "nothing in {titles}",
    "interest": "{level} interest in {title}",
    "interest_not": "less than {level} interest in {title}",
    "low": "some", "medium": "clear", "high": "strong",
    "open_case": "an open {case}", "open_case_not": "no open {case}",
    "complaint": "complaint", "application": "application", "order": "order",
    "short": "a shortfall ahead", "short_not": "no shortfall ahead",
    "balance_at_least": "a balance that stays at {amount} or more",
    "balance_below": "a balance that falls below {amount}",
    "held_before": "{titles} in the past", "held_before_not": "no {titles} in the past",
    "days": "{event} {range} days ago", "days_not": "no {event} {range} days ago",
    "event_joined": "start as a customer", "event_opened": "{about} opened",
    "event_closed": "{about} ended", "event_case_opened": "{about} received",
    "event_case_closed": "{about} closed", "event_contact": "offer shown",
    "stage_unaware": "not looking", "stage_aware": "looking around",
    "stage_considering": "comparing", "stage_applying": "applying",
    "stage_owning": "provided for", "stage_loyal": "provided for, for long",
    "no_stage": "at no stage",
    # sentences
    "needs": "This is for people with {wanted}.",
    "found": "Your {name}: {found}. Needed: {range}.",
    "found_excluded": "Your {name}: {found}. That rules this out.",
    "unknown": "We do not know enough about you; this is for people with {wanted}.",
    "unknown_value": "We do not know your {name}. Needed: {range}.",
    "unknown_balance": "We do not know whether your balance will be short; "
    "this is for people with {wanted}.",
    "age_at_least": "You are {found}; this is for people of {first} and over.",
    "age_below": "You are {found}; this is for people under {first}.",
    "age_between": "You are {found}; this is for people from {first} to {last}.",
    "age_not_in": "You are {found}; this is not for people of that age.",
    "lacks": "This goes with {wanted}, which you do not have.",
    "has": "You have {titles}; this is for people without.",
    "looked_little": "This is for people who look at {title} {often}.",
    "looked_much": "You look at {title} {often}; this is for people who do not.",
    "often_low": "now and then", "often_medium": "regularly", "often_high": "a lot",
    "no_case": "You have no open {case}; this is for people who do.",
    "case": "You have an open {case}; that comes first.",
    "falls_short": "Your balance will be short; that comes first.",
    "stays_above": "Your balance will not be short; this is for people with {wanted}.",
    "balance_found": "Your balance goes down to {found}; this is for people with {wanted}.",
    "had_never": "This is for people who used to have {titles}.",
    "had": "You used to have {titles}; this is for people who did not.",
    "stage_found": "{title}: we think that you are {found}. Needed: {stages}.",
    "days_found": "{event}: {found} days ago. Needed: {range}.",
    "days_never": "{event}: never. Needed: {range} days ago.",
    "days_excluded": "{event}: {found} days ago. That rules this out for now.",
    # the nearest change
    "then": " and ", "near_age": "from your {count} birthday{on}",
    "near_tenure_years": "from your {count} anniversary as a customer{on}",
    "near_value": "with {name}: {range}",
    "near_holds": "if you had {titles}", "near_holds_not": "without {titles}",
    "near_held_before": "after having had {titles}",
    "near_open_case": "with an open {case}", "near_open_case_not": "when your {case} is closed",
    "near_short": "when a shortfall is ahead", "near_short_not": "when no shortfall is ahead",
    "near_balance": "with a balance ahead of {range}",
    "near_interest": "if you looked at {title} {often}",
    "near_interest_not": "when you look at {title} less",
    "near_journey": "once you are {stages} ({title})",
    "near_days": "from {day}", "near_days_never": "{range} days after: {event}",
    "near_consent_marketing": "when you agree to receive offers",
}  # fmt: skip

NL: Mapping[str, str] = {
    # names and values
    "age": "leeftijd", "tenure_years": "jaren als klant", "yes": "ja", "no": "nee",
    # joining
    "or": " of ", "and": " en ", "one_of": "; of ", "both": "; en ",
    # ranges
    "at_least": "{first} of meer", "below": "minder dan {first}",
    "between": "{first} tot en met {last}",
    "outside": "minder dan {first} of meer dan {last}", "in": "{values}", "is": "{values}",
    "not_in": "alles behalve {values}",
    # nouns
    "compare": "{name}: {range}",
    "holds": "{titles}", "holds_not": "geen {titles}",
    "holds_in": "iets uit {titles}", "holds_in_not": "niets uit {titles}",
    "interest": "{level} interesse in {title}",
    "interest_not": "minder dan {level} interesse in {title}",
    "low": "enige", "medium": "duidelijke", "high": "sterke",
    "open_case": "een open {case}", "open_case_not": "geen open {case}",
    "complaint": "klacht", "application": "aanvraag", "order": "bestelling",
    "short": "een tekort in zicht", "short_not": "geen tekort in zicht",
    "balance_at_least": "een saldo dat op {amount} of meer blijft",
    "balance_below": "een saldo dat onder {amount} komt",
    "held_before": "vroeger {titles}", "held_before_not": "vroeger geen {titles}",
    "days": "{event} {range} dagen geleden", "days_not": "geen {event} {range} dagen geleden",
    "event_joined": "begin als klant", "event_opened": "{about} geopend",
    "event_closed": "{about} beëindigd", "event_case_opened": "{about} ontvangen",
    "event_case_closed": "{about} afgehandeld", "event_contact": "aanbod getoond",
    "stage_unaware": "niet bezig", "stage_aware": "aan het rondkijken",
    "stage_considering": "aan het vergelijken", "stage_applying": "aan het aanvragen",
    "stage_owning": "voorzien", "stage_loyal": "al lang voorzien",
    "no_stage": "in geen fase",
    # sentences
    "needs": "Dit is voor mensen met {wanted}.",
    "found": "Uw {name}: {found}. Nodig: {range}.",
    "found_excluded": "Uw {name}: {found}. Dat sluit dit uit.",
    "unknown": "We weten niet genoeg van u; dit is voor mensen met {wanted}.",
    "unknown_value": "Uw {name} kennen we niet. Nodig: {range}.",
    "unknown_balance": "We weten niet of uw saldo tekortkomt; dit is voor mensen met {wanted}.",
    "age_at_least": "U bent {found}; dit is voor mensen van {first} jaar en ouder.",
    "age_below": "U bent {found}; dit is voor mensen onder de {first}.",
    "age_between": "U bent {found}; dit is voor mensen van {first} tot en met {last} jaar.",
    "age_not_in": "U bent {found}; dit is niet voor mensen van die leeftijd.",
    "lacks": "Dit hoort bij {wanted}; dat heeft u niet.",
    "has": "U heeft {titles}; dit is voor mensen zonder.",
    "looked_little": "Dit is voor mensen die {often} kijken naar {title}.",
    "looked_much": "U kijkt {often} naar {title}; dit is voor mensen die dat niet doen.",
    "often_low": "af en toe", "often_medium": "geregeld", "often_high": "veel",
    "no_case": "U heeft geen open {case}; dit is voor mensen die dat wel hebben.",
    "case": "U heeft een open {case}; die gaat voor.",
    "falls_short": "Uw saldo komt tekort; dat gaat voor.",
    "stays_above": "Uw saldo komt niet tekort; dit is voor mensen met {wanted}.",
    "balance_found": "Uw saldo daalt tot {found}; dit is voor mensen met {wanted}.",
    "had_never": "Dit is voor mensen die vroeger dit hadden: {titles}.",
    "had": "U had vroeger {titles}; dit is voor mensen zonder zo'n verleden.",
    "stage_found": "{title}: wij denken dat u nu bent: {found}. Nodig: {stages}.",
    "days_found": "{event}: {found} dagen geleden. Nodig: {range}.",
    "days_never": "{event}: nooit. Nodig: {range} dagen geleden.",
    "days_excluded": "{event}: {found} dagen geleden. Dat sluit dit nu uit.",
    # the nearest change
    "then": " en ", "near_age": "vanaf uw {count} verjaardag{on}",
    "near_tenure_years": "vanaf uw {count} verjaardag als klant{on}",
    "near_value": "met {name}: {range}",
    "near_holds": "als u {titles} had", "near_holds_not": "zonder {titles}",
    "near_held_before": "nadat u {titles} heeft gehad",
    "near_open_case": "met een open {case}", "near_open_case_not": "als uw {case} is afgehandeld",
    "near_short": "als er een tekort in zicht is",
    "near_short_not": "als er geen tekort in zicht is",
    "near_balance": "met een saldo in het vooruitzicht van {range}",
    "near_interest": "als u {often} keek naar {title}",
    "near_interest_not": "als u minder kijkt naar {title}",
    "near_journey": "zodra u bent: {stages} ({title})",
    "near_days": "vanaf {day}", "near_days_never": "{range} dagen na: {event}",
    "near_consent_marketing": "als u toestemming geeft voor aanbiedingen",
}  # fmt: skip

PHRASES: Mapping[str, Mapping[str, str]] = {"en": EN, "nl": NL}
"""A catalogue in a third language has its own texts; rules without one are said in English."""
