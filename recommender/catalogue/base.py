"""What every part of the catalogue has in common: frozen, and no key that nobody declared."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo

from recommender.catalogue.mistakes import names_in, unknown, wrong
from recommender.rules.names import Names

Channel = Literal["web", "app", "branch", "phone"]
CHANNELS: tuple[Channel, ...] = ("web", "app", "branch", "phone")


JourneyStage = Literal["unaware", "aware", "considering", "applying", "owning", "loyal"]


class Declared(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", populate_by_name=True, allow_inf_nan=False
    )


def identifier(*reserved: str) -> AfterValidator:
    """A name that can stand in a token, a rule id and a key, and is not one of `reserved`."""

    def check(name: str) -> str:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", name):
            raise wrong(f"{name!r} is no name", "use letters, digits, _ and -")
        if name in reserved:
            raise wrong(f"{name!r} has a meaning of its own", "choose another name")
        return name

    return AfterValidator(check)


Id = Annotated[str, identifier()]


def _known(kind: str, names_of: Callable[[Names], tuple[str, ...]]) -> AfterValidator:
    def check(name: str, info: ValidationInfo) -> str:
        known = names_of(names_in(info))
        if name not in known:
            raise unknown(kind, name, known)
        return name

    return AfterValidator(check)


DomainName = Annotated[str, _known("domain", lambda names: names.domains)]
ProductName = Annotated[str, _known("product", lambda names: names.products)]
ProductType = Annotated[str, _known("product type", lambda names: names.product_types)]
ActionName = Annotated[str, _known("action", lambda names: names.actions)]


def _known_feature(name: str, info: ValidationInfo) -> str:
    names = names_in(info)
    if name in names.features:
        return name
    attribute = names.attributes.get(name)
    if attribute is None:
        raise unknown("feature", name, names.features)
    if "audit" in attribute.uses:
        raise wrong(
            f"attribute {name!r} is for audit only: the model may not see it", "leave it out"
        )
    raise wrong(f"attribute {name!r} is no model feature", "add `model` to its uses")


FeatureName = Annotated[str, AfterValidator(_known_feature)]
"""`age`, `tenure_years` or an attribute of use `model`."""

LEAST_LEVER, MOST_LEVER = 0.1, 10.0
Lever = Annotated[float, Field(ge=LEAST_LEVER, le=MOST_LEVER)]
"""A bounded multiplier in arbitration."""
