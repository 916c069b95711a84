"""What makes a row one that may be kept, beyond the types of its columns."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa

from recommender import tables
from recommender.tables import CONTEXT_CHANGE, PREFERENCE_CHANGE, Column, EventKind, Table, Type
from training.tables.faults import Faults, Flags
from training.tables.given import GivenIds

if TYPE_CHECKING:
    from recommender.catalogue import Attribute, Catalogue

SCORES = (EventKind.RATING, EventKind.NPS)


def check_column(
    column: Column,
    values: pd.Series,
    found: pa.ChunkedArray,
    now: datetime,
    faults: Faults,
    given: GivenIds,
) -> None:
    """Reject what lies in the future and ids that were `given` before. `now` is naive UTC."""
    if column.past:
        last = now if column.type is Type.INSTANT else datetime.combine(now, datetime.min.time())
        late = (values > pd.Timestamp(last)).to_numpy()
        faults.add(late, column.name, "in the future", found)
    if column.unique:
        # Among the good: of two rows with one id, a faulty one is not the one to keep.
        again = given.before(values.where(pd.Series(faults.good)))
        faults.add(again, column.name, "duplicate id", found)


def check_row(table: Table, frame: pd.DataFrame, catalogue: Catalogue, faults: Faults) -> None:
    """Reject rows whose columns contradict each other, and values that say nothing."""
    if table.name == tables.HOLDINGS.name:
        _in_turn(frame, tables.OPENED_ON, tables.CLOSED_ON, faults)
    if table.name == tables.CASES.name:
        _in_turn(frame, tables.OPENED_AT, tables.CLOSED_AT, faults)
    if table.name == tables.EVENTS.name:
        _values(frame, catalogue, faults)


def _in_turn(frame: pd.DataFrame, first: str, second: str, faults: Faults) -> None:
    contrary = (frame[second] < frame[first]).to_numpy()
    faults.add(contrary, second, f"before {first}")


def _values(frame: pd.DataFrame, catalogue: Catalogue, faults: Faults) -> None:
    """Scores must be numbers, and changes must speak of what there is."""
    texts = frame[tables.VALUE].cat.categories.tolist()
    codes = frame[tables.VALUE].cat.codes.to_numpy()
    kinds = frame[tables.KIND]
    # The last element is for code -1: neither says anything without a value.
    change = np.array([_is_change(text, catalogue) for text in texts] + [False])
    wish = np.array([PREFERENCE_CHANGE.fullmatch(text) is not None for text in texts] + [False])
    score = np.array([_is_number(text) for text in texts] + [False])
    changes = (kinds == EventKind.CONTEXT_CHANGE).to_numpy()
    scores = kinds.isin(SCORES).to_numpy()
    bad_change: Flags = changes & ~change[codes]
    bad_score: Flags = scores & ~score[codes]
    bad_wish: Flags = (kinds == EventKind.PREFERENCE_CHANGE).to_numpy() & ~wish[codes]
    if not (bad_change.any() or bad_score.any() or bad_wish.any()):
        return  # saying what was found takes longer than finding it
    found = pa.chunked_array([pa.array(frame[tables.VALUE].astype("str"), pa.string())])
    what = "not a context change (<attribute>:<from>><to>)"
    faults.add(bad_change, tables.VALUE, what, found)
    what_else = "not a preference change (<about>:<subject>:<wish>)"
    faults.add(bad_wish, tables.VALUE, what_else, found)
    faults.add(bad_score, tables.VALUE, "not a number", found)


def _is_change(text: str, catalogue: Catalogue) -> bool:
    found = CONTEXT_CHANGE.fullmatch(text)
    if found is None or found["attribute"] not in catalogue.attributes:
        return False
    attribute = catalogue.attributes[found["attribute"]]
    return all(not side or _is_value(side, attribute) for side in (found["before"], found["after"]))


def _is_value(text: str, attribute: Attribute) -> bool:
    if attribute.type == "integer":
        return text.lstrip("-").isdecimal()
    if attribute.type == "boolean":
        return text in {"no", "yes"}
    return text in (attribute.values or ())


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
