"""From arrays to tables: the frames as they are written, in the columns of the contract."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from recommender import tables
from training.world import cases as casework
from training.world.bookings import Payments
from training.world.draws import Floats, Rows
from training.world.flows import SCHEMES
from training.world.happenings import KINDS, Happenings
from training.world.lives import Lives
from training.world.money import Money
from training.world.profile import CHANNELS, LANGUAGES, Profile
from training.world.scene import Site
from training.world.state import GENDERS, NAMES, REGIONS, State, categories_of
from training.world.taking import NEVER, Taken
from training.world.terms import term_ends
from training.world.window import Days, Seconds


def texts(codes: NDArray[np.integer], names: Sequence[str]) -> pd.Categorical:
    """Codes as a categorical of `names`; -1 is missing."""
    return pd.Categorical.from_codes(codes, categories=pd.Index(list(names), dtype="str"))


def dates(days: Days | Rows) -> NDArray[np.datetime64]:
    """Midnights in microseconds; NEVER becomes NaT."""
    moments = days.astype("datetime64[D]").astype("datetime64[us]")
    moments[days == NEVER] = np.datetime64("NaT")
    return moments


def instants(seconds: Seconds) -> NDArray[np.datetime64]:
    moments = seconds.astype("datetime64[s]").astype("datetime64[us]")
    moments[seconds == casework.NEVER] = np.datetime64("NaT")
    return moments


def attributes_of(state: State) -> dict[str, object]:
    """The attributes that change, as columns."""
    categories: dict[str, object] = {
        name: texts(codes, NAMES[name]) for name, codes in categories_of(state).items()
    }
    return {**categories, "children": state.children.astype(np.int64), "has_car": state.has_car}


def accounts(ids: Sequence[str], lives: Lives, profile: Profile, now: State) -> pd.DataFrame:
    return pd.DataFrame(
        {
            tables.ACCOUNT_ID: texts(np.arange(len(ids)), ids),
            tables.BIRTH_DATE: dates(lives.born),
            tables.JOINED_ON: dates(lives.joined),
            tables.LANGUAGE: texts(profile.language, LANGUAGES),
            tables.CHANNEL_PREFERENCE: texts(profile.preference, CHANNELS),
            tables.CONSENT_PERSONALISATION: profile.personalisation,
            tables.CONSENT_MARKETING: profile.marketing,
            **attributes_of(now),
            "region": texts(lives.region, REGIONS),
            "gender": texts(lives.gender, GENDERS),
        }
    )


def holdings(ids: Sequence[str], products: Sequence[str], taken: Taken, until: int) -> pd.DataFrame:
    order = np.lexsort((taken.product, taken.opened, taken.person))
    return pd.DataFrame(
        {
            tables.ACCOUNT_ID: texts(taken.person[order], ids),
            tables.PRODUCT_ID: texts(taken.product[order], products),
            tables.OPENED_ON: dates(taken.opened[order]),
            tables.CLOSED_ON: dates(taken.closed[order]),
            tables.ENDS_ON: dates(term_ends(taken, products, until)[order]),
        }
    )


def events(
    ids: Sequence[str], site: Site, values: Sequence[str], happenings: Happenings
) -> pd.DataFrame:
    """Without event ids; see `in_time`."""
    return pd.DataFrame(
        {
            tables.ACCOUNT_ID: texts(happenings.person, ids),
            tables.AT: instants(happenings.at),
            tables.KIND: texts(happenings.kind, KINDS),
            tables.PRODUCT_ID: texts(happenings.product, site.shelf.names),
            tables.DOMAIN: texts(happenings.domain, site.domains),
            tables.CHANNEL: texts(happenings.channel, CHANNELS),
            tables.VALUE: texts(happenings.value, values),
        }
    )


def transactions(ids: Sequence[str], currency: str, money: Money) -> pd.DataFrame:
    booked = money.booked
    return pd.DataFrame(
        {
            tables.ACCOUNT_ID: texts(booked.person, ids),
            tables.BOOKED_ON: dates(booked.day),
            tables.AMOUNT_MINOR: booked.amount,
            tables.CURRENCY: texts(np.zeros(len(booked), np.int8), [currency]),
            tables.COUNTERPARTY: texts(booked.payee, money.payees),
            tables.SCHEME: texts(booked.scheme, SCHEMES),
            tables.DESCRIPTION: texts(booked.purpose, money.purposes),
            tables.BALANCE_MINOR: money.balance,
        }
    )


def scheduled_payments(ids: Sequence[str], currency: str, money: Money) -> pd.DataFrame:
    return payments(ids, currency, money.payees, money.coming)


def payments(
    ids: Sequence[str], currency: str, payees: Sequence[str], coming: Payments
) -> pd.DataFrame:
    """In the columns of `scheduled_payments`."""
    return pd.DataFrame(
        {
            tables.ACCOUNT_ID: texts(coming.person, ids),
            tables.DUE_ON: dates(coming.day),
            tables.AMOUNT_MINOR: coming.amount,
            tables.CURRENCY: texts(np.zeros(len(coming), np.int8), [currency]),
            tables.COUNTERPARTY: texts(coming.payee, payees),
        }
    )


def cases(ids: Sequence[str], found: casework.Cases) -> pd.DataFrame:
    """Without case ids; see `numbered_cases`."""
    return pd.DataFrame(
        {
            tables.ACCOUNT_ID: texts(found.person, ids),
            tables.KIND: texts(found.kind, casework.KINDS),
            tables.STATUS: texts(found.status, casework.STATUSES),
            tables.OPENED_AT: instants(found.opened),
            tables.PROMISED_AT: instants(found.promised),
            tables.CLOSED_AT: instants(found.closed),
        }
    )


def truth(ids: Sequence[str], products: Sequence[str], acceptance: Floats) -> pd.DataFrame:
    """One row for each account and product."""
    people, columns = acceptance.shape
    return pd.DataFrame(
        {
            tables.ACCOUNT_ID: texts(np.repeat(np.arange(people, dtype=np.int32), columns), ids),
            tables.PRODUCT_ID: texts(np.tile(np.arange(columns, dtype=np.int8), people), products),
            "acceptance": acceptance.ravel().astype(np.float64),
        }
    )


def ahead(known: pd.DataFrame, generated: pd.DataFrame, everyone: Sequence[str]) -> pd.DataFrame:
    """`known` rows (texts, dates) on top of `generated`, in the generated columns and dtypes."""
    columns = {}
    for name, column in generated.items():
        if isinstance(column.dtype, pd.CategoricalDtype):
            known_texts = known[name].dropna().unique()
            categories = column.cat.categories
            categories = categories.append(
                pd.Index(known_texts, dtype="str").difference(categories)
            )
            if name == tables.ACCOUNT_ID:
                categories = pd.Index(list(everyone), dtype="str")
            wider = pd.CategoricalDtype(categories)
            parts = [known[name].astype(wider), column.astype(wider)]
        else:
            parts = [known[name].astype(column.dtype), column]
        columns[name] = pd.concat(parts, ignore_index=True)
    return pd.DataFrame(columns)


def in_time(happened: pd.DataFrame) -> pd.DataFrame:
    """Events in the order in which they happened, numbered in that order."""
    ordered = happened.iloc[np.argsort(happened[tables.AT].to_numpy(), kind="stable")]
    ordered = ordered.reset_index(drop=True)
    ordered.insert(0, tables.EVENT_ID, _numbered("e", len(ordered)))
    return ordered


def numbered_cases(found: pd.DataFrame) -> pd.DataFrame:
    found = found.copy()
    found.insert(0, tables.CASE_ID, _numbered("c", len(found)))
    return found


def _numbered(prefix: str, count: int) -> pd.Series[str]:
    """`e00000001`, `e00000002` and so on: as long as each other, so that they sort."""
    return prefix + pd.Series(np.arange(1, count + 1)).astype("str").str.zfill(8)
