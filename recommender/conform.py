"""State that another catalogue's accounts were built for, as the catalogue in force may read it.

A publication and a change of catalogue do not reach every account at the same instant. Whatever
the catalogue in force does not declare, or declares otherwise, is unknown until it is told anew.
"""

from __future__ import annotations

import msgspec

from recommender.account import Account, Value
from recommender.catalogue import Attribute, Catalogue


def conform(account: Account, catalogue: Catalogue) -> Account:
    """`account` with only such attribute values as `catalogue` declares."""
    known = {
        name: value
        for name, value in account.attributes.items()
        if name in catalogue.attributes and fits(value, catalogue.attributes[name])
    }
    return msgspec.structs.replace(account, attributes=known, declares=catalogue.declares)


def fits(value: Value | None, attribute: Attribute) -> bool:
    """Whether `value` is one that a rule or the model may see; None is unknown and always fits."""
    if value is None:
        return True
    if attribute.type == "category":
        return value in attribute.values
    wanted = bool if attribute.type == "boolean" else int
    return type(value) is wanted
