"""What the Parquet files of a table say of their columns: how many cells are empty, the least and the greatest value.

The engine that writes a file counts this as it writes, and engines that read it leave parts of a file unread by it. Where
it is not said, or not for every group of rows, nothing is known, and who wants to know reads the column.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq


@dataclass(frozen=True)
class Told:
    """Of one column over all files. `empty`: cells without a value, None if not said. `least`, `most`: None if not said,
    and where nothing is filled."""

    cells: int = 0
    empty: int | None = 0
    least: Any = None
    most: Any = None

    @property
    def filled(self) -> int | None:
        return None if self.empty is None else self.cells - self.empty

    @property
    def only(self) -> Any:
        """The one value that stands in every cell; None where there are several, or it is not known."""
        return self.least if self.empty == 0 and self.least == self.most else None

    def within(self, bound: float) -> bool:
        """Whether every number is known to lie between -bound and bound (not at it)."""
        return self.filled == 0 or (self.least is not None and -bound < self.least and self.most < bound)


@dataclass(frozen=True)
class Files:
    """The files of a table in a tier's folder, in order, and what they say of columns."""

    paths: list[Path]
    columns: Mapping[str, Told]

    def column(self, name: str) -> Told:
        return self.columns.get(name, Told(0, None))


def of(folder: Path, table: str) -> Files:
    """Of a column that some file lacks nothing is known."""
    paths = sorted((folder / "tables" / table).glob("*.parquet"))
    abouts = [pq.read_metadata(path) for path in paths]
    places = [{about.schema.column(i).path: i for i in range(about.num_columns)} for about in abouts]
    names = set.intersection(*map(set, places)) if places else set()
    told = {name: _column([about.row_group(group).column(at[name]) for about, at in zip(abouts, places, strict=True)
                           for group in range(about.num_row_groups)]) for name in names}  # fmt: skip
    return Files(paths, told)


def _column(chunks: list[Any]) -> Told:
    cells = sum(chunk.num_values for chunk in chunks)
    told = [chunk.statistics for chunk in chunks if chunk.is_stats_set and chunk.statistics.has_null_count]
    if len(told) < len(chunks):
        return Told(cells, None)
    empty = sum(one.null_count for one in told)
    some = [one for one, chunk in zip(told, chunks, strict=True) if one.null_count < chunk.num_values]
    if not some or not all(one.has_min_max and one.physical_type in _NUMBERS for one in some):
        return Told(cells, empty)
    return Told(cells, empty, min(one.min for one in some), max(one.max for one in some))


_NUMBERS = ("INT32", "INT64", "FLOAT", "DOUBLE")  # of text a file may tell the beginning alone
