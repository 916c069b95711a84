"""A table's file, Parquet or CSV, as Arrow columns: those of the contract, and nothing else."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from pyarrow import csv

from recommender.errors import TableError
from recommender.events.span import SUFFIX, superseded
from recommender.tables import Table, Type
from training.tables.ahead import one_ahead

SUFFIXES: Final = (".parquet", ".csv")

BY_WORKER: Final = re.compile(r"[0-9]+-[0-9]+_[0-9]+-[0-9]+\.parquet")
"""A part of the event log; see `recommender.events.span`."""

ROWS_IN_PIECE: Final = 500_000
"""Of Parquet files, about so many rows are turned into frames at a time."""


@dataclass(frozen=True)
class Raw:
    """What a file, or a piece of one, holds.

    `rows` numbers the rows that were read, from 1, by place in the file.
    `broken` numbers the lines of a CSV file that are no rows at all, `why` says what is wrong.
    """

    path: Path
    columns: pa.Table
    rows: NDArray[np.int64]
    broken: NDArray[np.int64]
    why: list[str]


def load(directory: Path, table: Table, rows_in_piece: int | None = None) -> Iterator[Raw]:
    """What there is of `table` in `directory`, piece by piece; none when it is optional and absent.

    A CSV file is one piece. Parquet comes in pieces of at most `rows_in_piece` (`ROWS_IN_PIECE`),
    so that what is made of them never needs memory for the whole table.

    Raises:
        TableError: no file, two of them, one that cannot be read, or a column is missing.
    """
    path = _path(directory, table)
    if path is None:
        return
    try:
        if path.suffix == ".csv":
            yield _load_csv(path, table)
        else:
            yield from _parquet(path, table, rows_in_piece or ROWS_IN_PIECE)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        first_line = str(error).partition("\n")[0]
        raise TableError(f"{path.name} cannot be read: {first_line}") from error


def _path(directory: Path, table: Table) -> Path | None:
    if not directory.is_dir():
        raise TableError(f"{directory} is not a directory of tables")
    found = [path for suffix in SUFFIXES if (path := directory / f"{table.name}{suffix}").is_file()]
    if len(found) > 1:
        raise TableError(f"{directory} has both {found[0].name} and {found[1].name}; keep one")
    log = directory / table.name
    if found and log.is_dir():
        raise TableError(f"{directory} has both {found[0].name} and {log.name}/; keep one")
    if found:
        return found[0]
    if log.is_dir():
        return log
    if table.optional:
        return None
    raise TableError(f"{directory} has no {table.name}.parquet or {table.name}.csv")


def _present(path: Path, table: Table, there: Sequence[str]) -> list[str]:
    """The contract's columns that the file has; TableError for those it ought to have."""
    missing = []
    for column in table.columns:
        if column.name in there or not (column.required or column.expected):
            continue
        strange = [name for name in there if name not in table.names]
        close = get_close_matches(column.name, strange, 1, 0.7)
        missing.append(column.name + (f" (is it {close[0]!r}?)" if close else ""))
    if missing:
        word = "column" if len(missing) == 1 else "columns"
        raise TableError(f"{path.name} has no {word} {', '.join(missing)}")
    return [name for name in table.names if name in there]


def _parquet(path: Path, table: Table, rows_in_piece: int) -> Iterator[Raw]:
    before, nothing = 0, np.empty(0, dtype=np.int64)
    for columns in one_ahead(_pieces(_row_groups(path, table, rows_in_piece), rows_in_piece)):
        rows = np.arange(before + 1, before + columns.num_rows + 1)
        yield Raw(path, columns, rows, nothing, [])
        before += columns.num_rows


def _pieces(groups: Iterable[pa.Table], rows_in_piece: int) -> Iterator[pa.Table]:
    """`groups`, of which there is at least one and each of which fits, put together."""
    gathered: list[pa.Table] = []
    rows = 0
    for group in groups:
        if rows and rows + group.num_rows > rows_in_piece:
            yield _together(gathered)
            gathered, rows = [], 0
        gathered.append(group)
        rows += group.num_rows
    yield _together(gathered)


def _together(groups: list[pa.Table]) -> pa.Table:
    """As one. A file of somebody else's may lack what others say, and write instants otherwise."""
    first = groups[0].schema
    if all(group.schema.equals(first) for group in groups):
        return pa.concat_tables(groups)
    return pa.concat_tables(map(_in_utc, groups), promote_options="permissive")


def _in_utc(group: pa.Table) -> pa.Table:
    """With every instant in microseconds and without a zone, which is UTC."""
    for place, field in enumerate(group.schema):
        if pa.types.is_timestamp(field.type):
            instants = group.column(place).cast(pa.timestamp("us"), safe=False)
            group = group.set_column(place, field.name, instants)
    return group


def _row_groups(path: Path, table: Table, most_rows: int) -> Iterator[pa.Table]:
    """Those with more than `most_rows` in parts."""
    for part in parts(path):
        with pq.ParquetFile(part) as file:
            there, metadata = file.schema_arrow.names, file.metadata
        names = _present(part, table, there)
        encoded = [name for name in names if table[name].type is Type.CATEGORY]
        with pq.ParquetFile(part, read_dictionary=encoded, metadata=metadata) as file:
            for group in range(file.num_row_groups):
                # A log is many small files: threads would cost each more than they save.
                if metadata.row_group(group).num_rows <= most_rows:
                    yield file.read_row_group(group, columns=names, use_threads=False)
                    continue
                parts_of_it = file.iter_batches(
                    most_rows, row_groups=[group], columns=names, use_threads=False
                )
                yield from map(pa.Table.from_batches, ([one] for one in parts_of_it))
            if not file.num_row_groups:
                yield file.schema_arrow.empty_table().select(names)


def parts(path: Path) -> list[Path]:
    """The file itself, or those of a directory such as `raak worker` writes, by name.

    Files that somebody else put there, under names of their own, belong to the table too.

    Raises:
        TableError: the directory has none.
    """
    if path.is_file():
        return [path]
    by_folder: dict[Path, set[str]] = defaultdict(set)
    for found in path.rglob(f"[!.]*{SUFFIX}"):
        by_folder[found.parent].add(found.name)
    files: list[Path] = []
    for folder, names in sorted(by_folder.items()):
        logged = [name for name in names if BY_WORKER.fullmatch(name)]
        files += [folder / name for name in sorted(names - superseded(logged))]
    if not files:
        raise TableError(f"{path} has no {SUFFIX} files")
    return files


def _load_csv(path: Path, table: Table) -> Raw:
    with path.open("rb") as file:
        header = file.readline().decode("utf-8-sig").strip()
    if not header:
        raise TableError(f"{path.name} is empty: not even a header")
    names = _present(path, table, _split(header))
    broken: list[csv.InvalidRow] = []
    columns = _parse_csv(path, table, names, broken, use_threads=True)
    if broken:
        # Only a reader with one thread knows where in the file it is.
        broken.clear()
        columns = _parse_csv(path, table, names, broken, use_threads=False)
    lines = np.array([row.number - 1 for row in broken], dtype=np.int64)
    rows = np.setdiff1d(np.arange(1, columns.num_rows + len(broken) + 1), lines)
    why = [f"{row.actual_columns} values, not {row.expected_columns}" for row in broken]
    return Raw(path, columns, rows, lines, why)


def _split(header: str) -> list[str]:
    names: list[str] = csv.read_csv(pa.BufferReader(f"{header}\n".encode())).column_names
    return names


def _parse_csv(
    path: Path, table: Table, names: list[str], broken: list[csv.InvalidRow], *, use_threads: bool
) -> pa.Table:
    def note(row: csv.InvalidRow) -> str:
        broken.append(row)
        return "skip"

    text, distinct = pa.string(), pa.dictionary(pa.int32(), pa.string())
    often_alike = (Type.CATEGORY, Type.DATE, Type.BOOLEAN)
    return csv.read_csv(
        path,
        read_options=csv.ReadOptions(use_threads=use_threads),
        parse_options=csv.ParseOptions(invalid_row_handler=note),
        convert_options=csv.ConvertOptions(
            include_columns=names,
            column_types={
                name: distinct if table[name].type in often_alike else text for name in names
            },
            null_values=[""],
            strings_can_be_null=True,
        ),
    )
