"""Whom an account is counted with: people in the same stage of life, people who are alike."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pandas as pd

from recommender.account import Account
from recommender.catalogue import Attribute, Catalogue
from recommender.features import UNKNOWN, Bins, FeatureSpec
from recommender.years import full_years
from training.simulation.tally import Cell
from training.tables import Tables

NOT_PERSONALISED = "no consent to personalise"
"""The life stage of people whose life context may not be looked at."""


def audited(catalogue: Catalogue) -> tuple[str, ...]:
    """The attributes for audit by which people can be grouped: of numbers, those with bins."""
    return tuple(
        name
        for name, attribute in catalogue.attributes.items()
        if "audit" in attribute.uses and (attribute.type != "integer" or attribute.bins)
    )


def audit_values(tables: Tables, catalogue: Catalogue) -> Iterator[tuple[str, ...]]:
    """Today's value of each audited attribute, for every account of the tables in turn."""
    names = audited(catalogue)
    if not names:
        return iter([()] * len(tables.accounts))
    columns = (_labels(tables.accounts[name], catalogue.attributes[name]) for name in names)
    return zip(*columns, strict=True)


def life_stage(account: Account, spec: FeatureSpec, day: date) -> str:
    """As the catalogue's `life_stage` groups people."""
    if not account.consent.personalisation:
        return NOT_PERSONALISED
    return "/".join([spec.label(name, _value(account, name, day)) for name in spec.life_stage])


def cell_of(account: Account, audit: tuple[str, ...], spec: FeatureSpec, day: date) -> Cell:
    return (life_stage(account, spec, day), *audit)


def _value(account: Account, name: str, day: date) -> object:
    since = {"age": account.birth_date, "tenure_years": account.joined_on}.get(name)
    return account.attributes.get(name) if since is None else full_years(since, day)


def _labels(column: pd.Series, attribute: Attribute) -> list[str]:
    bins = Bins.of_integers(attribute.bins) if attribute.bins else None
    return [_label(value, bins) for value in column.astype(object).tolist()]


def _label(value: Any, bins: Bins | None) -> str:
    if pd.isna(value):
        return UNKNOWN
    if bins is not None:
        return bins.label(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
