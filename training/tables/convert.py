"""One column: from what a file holds to what the contract says, with the rows that do not fit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from recommender.tables import Column, Type

Flags = NDArray[np.bool_]

_WHOLE: Final = r"^[+-]?[0-9]{1,18}$"
_DAY: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_TRUE: Final = frozenset({"true", "1", "yes"})
_FALSE: Final = frozenset({"false", "0", "no"})


class WrongType(Exception):
    """The column's type in the file can never hold what the contract wants."""


@dataclass(frozen=True)
class Converted:
    """`values` (rows,) as the contract has them; `bad` flags what could not be turned into that.

    `missing` flags what the file leaves out. `what` says what a bad value is. Where either is
    flagged, `values` is missing, or anything at all if its dtype has no missing value.
    """

    values: pd.Series
    missing: Flags
    bad: Flags
    what: str


def convert(column: Column, found: pa.ChunkedArray) -> Converted:
    """Turn `found` into the column's type.

    Raises:
        WrongType: Parquet said a type that does not fit, whatever the rows hold.
    """
    if pa.types.is_null(found.type):
        found = found.cast(pa.string())
    return _CONVERTERS[column.type](column, found)


def _is_text(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _flags(found: pa.ChunkedArray | pa.Array) -> Flags:
    flags: Flags = found.to_numpy(zero_copy_only=False).astype(np.bool_)
    return flags


def _text(_: Column, found: pa.ChunkedArray) -> Converted:
    if not _is_text(found.type):
        raise WrongType
    found = found.cast(pa.string())
    values = pc.if_else(pc.equal(found, ""), None, found).to_pandas().astype("str")
    return Converted(values, values.isna().to_numpy(), np.zeros(len(values), np.bool_), "")


def _category(column: Column, found: pa.ChunkedArray) -> Converted:
    if not _is_text(found.type):
        raise WrongType
    texts, codes = _distinct(found)
    dtype = _categories(tuple(filter(None, texts)) if column.values is None else column.values)
    # The last element is for code -1.
    turned = np.append(dtype.categories.get_indexer(pd.Index(texts, dtype="str")), -1)
    missing = _is_missing(texts)[codes]
    result = turned.astype(np.int32)[codes]
    values = pd.Categorical.from_codes(result, dtype=dtype)
    what = f"unknown {column.name.removesuffix('_id')}"
    return Converted(pd.Series(values), missing, (result < 0) & ~missing, what)


@lru_cache(maxsize=8)
def _categories(known: tuple[str, ...]) -> pd.CategoricalDtype:
    """The same one for all pieces of a table: of account ids there are as many as accounts."""
    return pd.CategoricalDtype(pd.Index(known, dtype="str"))


def _distinct(found: pa.ChunkedArray) -> tuple[list[str | None], NDArray[np.int32]]:
    """The texts of a column and each row's place among them, -1 where missing."""
    if not pa.types.is_dictionary(found.type):
        found = found.dictionary_encode()
    whole = found.unify_dictionaries().combine_chunks()
    if isinstance(whole, pa.ChunkedArray):  # no rows at all, or more than fit one array
        whole = pa.concat_arrays(whole.chunks) if whole.num_chunks else pa.array([], found.type)
    codes = whole.indices.cast(pa.int32()).fill_null(-1).to_numpy(zero_copy_only=False)
    return whole.dictionary.to_pylist(), codes


def _is_missing(texts: Sequence[str | None]) -> Flags:
    """For each distinct text, and for code -1 behind them, whether it is no value at all."""
    return np.array([not text for text in texts] + [True], dtype=np.bool_)


def _integer(column: Column, found: pa.ChunkedArray) -> Converted:
    kind = found.type
    if _is_text(kind):
        fits = pc.match_substring_regex(found.cast(pa.string()), _WHOLE)
        clean = pc.if_else(fits, found.cast(pa.string()), None)
    elif pa.types.is_floating(kind):
        # pandas turns integers with gaps into floats; as long as they are whole, so be it.
        fits = pc.and_(pc.equal(pc.floor(found), found), pc.less(pc.abs(found), 2.0**53))
        found = pc.if_else(pc.is_nan(found), None, found)
        clean = pc.if_else(fits, found, None)
    elif pa.types.is_integer(kind):
        fits, clean = pc.is_valid(found), found
    else:
        raise WrongType
    missing = _flags(pc.is_null(found))
    bad = ~_flags(fits.fill_null(False)) & ~missing
    values = _nullable(column, clean.cast(pa.int64()), "int64", "Int64")
    return Converted(values, missing, bad, "not a whole number")


def _boolean(column: Column, found: pa.ChunkedArray) -> Converted:
    if pa.types.is_boolean(found.type):
        missing = _flags(pc.is_null(found))
        return Converted(
            _nullable(column, found, "bool", "boolean"), missing, np.zeros_like(missing), ""
        )
    if not _is_text(found.type):
        raise WrongType
    texts, codes = _distinct(found)
    flags = pa.array([_meaning(text) for text in (*texts, None)], pa.bool_())
    flags = flags.take(pa.array(np.where(codes < 0, len(texts), codes)))
    missing = _is_missing(texts)[codes]
    bad = _flags(pc.is_null(flags)) & ~missing
    values = _nullable(column, flags, "bool", "boolean")
    return Converted(values, missing, bad, "neither true nor false")


def _meaning(text: str | None) -> bool | None:
    word = (text or "").lower()
    return True if word in _TRUE else False if word in _FALSE else None


def _nullable(
    column: Column, found: pa.ChunkedArray | pa.Array, plain: str, nullable: str
) -> pd.Series:
    """The dtype of numpy for required columns, in which a missing value rejects the row anyway."""
    if column.required:
        filled = found.fill_null(False if plain == "bool" else 0)
        return pd.Series(filled.to_numpy(zero_copy_only=False).astype(plain))
    return pd.Series(pd.array(found.to_numpy(zero_copy_only=False), dtype=nullable))


def _date(_: Column, found: pa.ChunkedArray) -> Converted:
    if _is_text(found.type):
        texts, codes = _distinct(found)
        days = _days(pd.Series([*texts, None], dtype="str")).to_numpy()[codes]
        missing = _is_missing(texts)[codes]
        return Converted(
            pd.Series(days), missing, np.isnat(days) & ~missing, "not a date (YYYY-MM-DD)"
        )
    missing = _flags(pc.is_null(found))
    if pa.types.is_date(found.type):
        return Converted(_moments(found), missing, np.zeros_like(missing), "")
    if not pa.types.is_timestamp(found.type):
        raise WrongType
    timed = pc.not_equal(pc.floor_temporal(found, unit="day"), found)
    return Converted(
        _moments(found), missing, _flags(timed.fill_null(False)), "a date with a time of day"
    )


def _days(texts: pd.Series) -> pd.Series:
    fits = texts.str.fullmatch(_DAY).fillna(False).astype(bool)
    days = pd.to_datetime(texts.where(fits), format="%Y-%m-%d", errors="coerce")
    return days.astype("datetime64[us]")


def _instant(_: Column, found: pa.ChunkedArray) -> Converted:
    if _is_text(found.type):
        texts = found.cast(pa.string()).to_pandas().astype("str")
        moments = pd.to_datetime(texts, format="ISO8601", utc=True, errors="coerce")
        values = moments.dt.tz_localize(None).astype("datetime64[us]")
        missing = (texts.isna() | (texts == "")).to_numpy()
        bad = values.isna().to_numpy() & ~missing
        return Converted(values, missing, bad, "not an instant (ISO 8601)")
    if not pa.types.is_timestamp(found.type):
        raise WrongType
    missing = _flags(pc.is_null(found))
    return Converted(_moments(found), missing, np.zeros_like(missing), "")


def _moments(found: pa.ChunkedArray) -> pd.Series:
    """Arrow dates and timestamps as naive UTC microseconds."""
    utc = found.cast(pa.timestamp("us"), safe=False)
    return pd.Series(utc.to_numpy(zero_copy_only=False).astype("datetime64[us]"))


_Converter = Callable[[Column, pa.ChunkedArray], Converted]
_CONVERTERS: Final[dict[Type, _Converter]] = {
    Type.TEXT: _text,
    Type.CATEGORY: _category,
    Type.INTEGER: _integer,
    Type.BOOLEAN: _boolean,
    Type.DATE: _date,
    Type.INSTANT: _instant,
}
