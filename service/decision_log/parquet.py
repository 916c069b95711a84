"""Decisions as a Parquet file: the only file here that needs pyarrow (the extra `worker`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from recommender import decision_table as names
from recommender.tables import AT, CHANNEL, DECISION_ID, LANGUAGE, PRODUCT_ID
from service.decision_log.pseudonyms import Person
from service.decision_log.review import Offered, Reviewed
from service.decision_log.sealing import seal
from service.query import OWN_LANGUAGE

_TEXT: Final = pa.string()
_INSTANT: Final = pa.timestamp("us", tz="UTC")
_SHOWN: Final = pa.struct(
    [
        (names.ACTION_ID, _TEXT),
        (PRODUCT_ID, _TEXT),
        (names.RANK, pa.int32()),
        (names.PROPENSITY, pa.float64()),
        (names.PROBABILITY, pa.float64()),
    ]
)
_WITHHELD: Final = pa.struct([(name, _TEXT) for name in names.WITHHELD_FIELDS])
_OTHERS: Final = {
    AT: _INSTANT,
    names.SHOWN_AT: _INSTANT,
    names.LIMIT: pa.int32(),
    names.EXPLAIN: pa.bool_(),
    names.SHOWN: pa.list_(_SHOWN),
    names.WITHHELD: pa.list_(_WITHHELD),
    names.SEALED: pa.binary(),
}
SCHEMA: Final = pa.schema([(name, _OTHERS.get(name, _TEXT)) for name in names.DECISIONS])

Row = dict[str, Any]
"""One decision by the names of `recommender.decision_table`."""

RANDOM: Final = (DECISION_ID, names.BODY_SHA256, names.SEALED)
"""Columns without repetition: a dictionary of them would be the column once more."""


def write_decisions(
    decisions: Sequence[Reviewed], people: Mapping[str, Person], path: Path
) -> None:
    """`people` has each account of the decisions. Raises OSError."""
    rows = [_row(one, people[one.said.account_id]) for one in decisions]
    columns = [name for name in SCHEMA.names if name not in RANDOM]
    pq.write_table(
        pa.Table.from_pylist(rows, SCHEMA), path, compression="zstd", use_dictionary=columns
    )


def decision_ids(path: Path) -> list[str]:
    """In the order of the file."""
    ids: list[str] = pq.ParquetFile(path).read(columns=[DECISION_ID]).column(0).to_pylist()
    return ids


def row_of(path: Path, decision_id: str) -> Row | None:
    """The decision, if it is in the file."""
    ids = decision_ids(path)
    if decision_id not in ids:
        return None
    place = ids.index(decision_id)
    row: Row = pq.ParquetFile(path).read().slice(place, 1).to_pylist()[0]
    return row


def rows_of(path: Path) -> Iterator[Row]:
    """All of a file, a thousand in memory at a time."""
    for batch in pq.ParquetFile(path).iter_batches(batch_size=1000):
        yield from batch.to_pylist()


def rows_under(path: Path, pseudonym: str) -> list[Row]:
    """Those of one account."""
    table = pq.ParquetFile(path).read()
    found: list[Row] = table.filter(pc.field(names.PSEUDONYM) == pseudonym).to_pylist()
    return found


def _row(one: Reviewed, person: Person) -> Row:
    said, asked = one.said, one.asked
    return {
        DECISION_ID: said.decision_id,
        names.PSEUDONYM: person.pseudonym,
        AT: said.as_of,
        names.SHOWN_AT: one.shown_at,
        names.PLACEMENT: asked.placement,
        CHANNEL: asked.channel,
        LANGUAGE: None if asked.language == OWN_LANGUAGE else asked.language,
        names.LIMIT: asked.limit,
        names.EXPLAIN: one.explain,
        names.VERSION: asked.version,
        names.MODEL: said.versions.model,
        names.POLICY: said.versions.policy,
        names.CATALOGUE: said.versions.catalogue,
        names.SHOWN: _shown(one),
        names.WITHHELD: _withheld(one),
        names.BODY_SHA256: one.body_sha256,
        names.CHECK: one.check.value,
        names.SEALED: seal(one.inputs, person.key, said.decision_id),
    }


def _shown(one: Reviewed) -> list[dict[str, Any]]:
    """A body says no probabilities: of what cannot be made again they are not known."""
    if one.decision is None:
        return [_offered(each) for each in one.said.recommendations]
    return [
        {name: getattr(each, name) for name in names.SHOWN_FIELDS} for each in one.decision.shown
    ]


def _offered(each: Offered) -> dict[str, Any]:
    return {name: getattr(each, name, None) for name in names.SHOWN_FIELDS}


def _withheld(one: Reviewed) -> list[dict[str, Any]] | None:
    if one.decision is None:
        return None
    return [
        {PRODUCT_ID: each.product_id, names.STAGE: each.stage.value, names.RULE: each.rule}
        for each in one.decision.withheld
    ]
