"""A dataset of a release: told before it is made, then given as Arrow, Polars, pandas or Parquet, or as a script."""

import os
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import duckdb
import pyarrow as pa

from commonweal.commons.cohort.cohort import Answer, Cohort
from commonweal.commons.dataset.definition import DatasetDefinition, parse
from commonweal.commons.dataset.estimate import Estimate, estimate
from commonweal.commons.dataset.plan import Plan, compile_dataset, people, prepared
from commonweal.commons.dataset.reading import shown
from commonweal.commons.release import Release
from commonweal.errors import BadInput

if TYPE_CHECKING:
    import pandas
    import polars

    from commonweal.commons.dataset.writing import Written

BATCH = 100_000  # rows


class Dataset:
    """`tables`: the names of what it makes: `features`, and one for each value of type rows.

    Its tables hold rows of persons: it is for who may read the release, and passes no gate.
    """

    def __init__(self, release: Release, definition: Any, cohort: Cohort | None = None) -> None:
        self.release = release
        self.definition: DatasetDefinition = parse(definition)
        self.cohort = cohort or Cohort(release, self.definition.cohort)
        self.plan: Plan = compile_dataset(release, self.definition)

    @property
    def tables(self) -> list[str]:
        return list(self.plan.tables)

    @cached_property
    def people(self) -> pa.Table:
        """person_id, and index_date where the cohort has an index event; found once."""
        return people(self.cohort.persons())

    @property
    def notes(self) -> list[str]:
        """What one should know before using it, in words."""
        empty = [shown(name) for name, ids in self.plan.ids.items() if not ids]
        notes = [f"concept set {name} holds no concept of this release" for name in empty]
        return notes + ([] if self.people.num_rows else ["the cohort is empty: the tables have columns and no rows"])

    def estimate(self, counted: Answer | None = None) -> Estimate:
        """Rows, bytes and seconds, from counts alone. `counted`: the cohort, where a gate has counted it already."""
        persons = (counted or self.cohort.count()).persons
        return estimate(self.release, self.definition, self.cohort, self.plan, persons)

    def to_batches(self, table: str | None = None, *, rows: int = BATCH) -> Iterator[pa.RecordBatch]:
        """The rows of a table in batches of at most `rows`, one at a time: memory does not grow with the table.

        `table` may be left out where there is one only.
        """
        name = self._named(table)

        def read() -> Iterator[pa.RecordBatch]:
            with prepared(self.release, self.plan, self.people) as cursor:
                yield from self._reader(cursor, name, rows)

        return read()

    def to_arrow(self, table: str | None = None) -> pa.Table:
        name = self._named(table)
        with prepared(self.release, self.plan, self.people) as cursor:
            return self._reader(cursor, name, BATCH).read_all()

    def to_polars(self, table: str | None = None) -> "polars.DataFrame":
        """Raises BadInput where Polars is not installed."""
        try:
            import polars
        except ImportError:
            raise BadInput("dataset: Polars is not there: pip install 'commonweal[analysis]'") from None
        frame = polars.from_arrow(self.to_arrow(table))
        assert isinstance(frame, polars.DataFrame)
        return frame

    def to_pandas(self, table: str | None = None) -> "pandas.DataFrame":
        """Raises BadInput where pandas is not installed."""
        try:
            import pandas  # noqa: F401
        except ImportError:
            raise BadInput("dataset: pandas is not there: pip install pandas") from None
        return self.to_arrow(table).to_pandas()

    def to_parquet(self, folder: str | os.PathLike[str], progress: Callable[[int], None] | None = None) -> "Written":
        """A file TABLE.parquet for each table and manifest.json, all at once or not at all.

        `progress` is called with the number of rows of each batch. The same dataset a second time changes nothing.
        Raises BadInput where the folder holds something else, or cannot be written.
        """
        from commonweal.commons.dataset.writing import write

        return write(self, Path(folder), progress)

    def code(self, language: Literal["python", "r"] = "python") -> str:
        """A script that makes the same tables: Python with this library, or R with DBI and duckdb."""
        from commonweal.commons.dataset import code

        return code.script(self, language)

    def sql(self, table: str | None = None) -> str:
        """What is run for a table, to show."""
        return self.release.sql(self.plan.tables[self._named(table)], pretty=True)

    def _reader(self, cursor: duckdb.DuckDBPyConnection, name: str, rows: int) -> pa.RecordBatchReader:
        return cursor.execute(self.release.sql(self.plan.tables[name])).to_arrow_reader(rows)

    def _named(self, table: str | None) -> str:
        if table is None and len(self.tables) == 1:
            return self.tables[0]
        if table is None or table not in self.plan.tables:
            given = "say which table" if table is None else f"there is no table {shown(table)}"
            raise BadInput(f"dataset: {given}; it has {', '.join(self.tables)}")
        return table
