"""Names in an event that the catalogue does not have: training would have to reject its row."""

from __future__ import annotations

from collections.abc import Iterable

from recommender.catalogue import Catalogue
from recommender.conform import fits
from recommender.events.contacts import offer
from recommender.events.kinds import ContextChange, Event, PreferenceChange
from recommender.rules.names import suggestion


def stranger(event: Event, catalogue: Catalogue) -> str | None:
    """What in `event` the catalogue does not know, in words; None when it knows it all."""
    said = vars(event).get  # a model's own getattr is slow to say that there is no such field
    product = said("product_id")
    if product is not None and product not in catalogue.products:
        return _unknown("product_id", product, catalogue.products)
    domain = said("domain")
    if domain is not None and domain not in catalogue.domains:
        return _unknown("domain", domain, catalogue.domains)
    action = said("action_id")
    if action is not None and action != offer(product) and action not in catalogue.every_action:
        return _unknown("action_id", action, catalogue.every_action)
    if isinstance(event, PreferenceChange):
        return _unknown_subject(event, catalogue)
    return _wrong_change(event, catalogue) if isinstance(event, ContextChange) else None


def _unknown_subject(event: PreferenceChange, catalogue: Catalogue) -> str | None:
    subjects = {
        "domain": tuple(catalogue.domains),
        "product": tuple(catalogue.products),
        "type": tuple({product.type: None for product in catalogue.products.values()}),
    }
    known = subjects.get(event.about)
    if known is None or event.subject in known:
        return None
    return _unknown("subject", str(event.subject), known)


def _wrong_change(change: ContextChange, catalogue: Catalogue) -> str | None:
    attribute = catalogue.attributes.get(change.attribute)
    if attribute is None:
        return _unknown("attribute", change.attribute, catalogue.attributes)
    for side, value in (("before", change.before), ("after", change.after)):
        if not fits(value, attribute):
            wanted = ", ".join(attribute.values) or f"a JSON {attribute.type}"
            return f"{side}: no value of {change.attribute}; it takes {wanted}"
    return None


def _unknown(field: str, name: str, known: Iterable[str]) -> str:
    hint = suggestion(name, tuple(known))
    return f"{field}: unknown {name[:40]!r}" + (f"; {hint}" if hint else "")
