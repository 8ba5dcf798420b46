"""What has to be known of a stream before it is written: its concepts with their rows, and how wide its columns are."""

import duckdb
import numpy as np
import pyarrow as pa

from commonweal.commons.index.layout import NONE
from commonweal.commons.index.streams import CODED, Stream
from commonweal.commons.index.writing import Extent, days, ints, valid


def count(cursor: duckdb.DuckDBPyConnection, stream: Stream) -> int:
    """How many rows the stream has that are of a person of the release."""
    return int((cursor.execute(f"SELECT count(*) FROM ({of_people(stream)})").fetchone() or (0,))[0])


def measure(cursor: duckdb.DuckDBPyConnection, stream: Stream) -> Extent:
    """What the engine says of the rows, of which there is one at least."""
    cursor.execute(f"CREATE OR REPLACE TEMP VIEW looked_at AS {of_people(stream)}")
    length = 'max(abs("end" - start))' if "end" in stream.columns else "0"
    first, last, longest = cursor.execute(
        f"SELECT min(start - DATE '1970-01-01'), max(start - DATE '1970-01-01'), {length} FROM looked_at"
    ).fetchone() or (0, 0, 0)
    concepts, rows = _counted(cursor, "concept", f"coalesce(concept, {NONE})")
    sources, source_rows = _counted(cursor, "source", "source") if stream.sourced else (concepts[:0], rows[:0])
    most = cursor.execute("SELECT max(n) FROM (SELECT count(*) AS n FROM looked_at GROUP BY person_id)").fetchone()
    codes = {name: _distinct(cursor, name) for name in stream.columns if name in CODED}
    return Extent(concepts, rows, sources, source_rows, first, last, longest or 0, (most and most[0]) or 0, codes)


def measured(rows: pa.Table, stream: Stream) -> Extent:
    """The same of rows that are all there, in the order of their people: quicker where there are few."""
    concepts, number = np.unique(ints(rows["concept"]), return_counts=True)
    sources, source_number = np.unique(_filled(rows["source"]), return_counts=True)
    start, longest = days(rows["start"]), 0
    if "end" in stream.columns:
        longest = int(np.abs(days(rows["end"]) - start)[valid(rows["end"])].max(initial=0))
    most = np.unique(ints(rows["person_id"]), return_counts=True)[1].max(initial=0)
    codes = {name: np.unique(_filled(rows[name])) for name in stream.columns if name in CODED}
    first, last = (int(start.min()), int(start.max())) if len(start) else (0, 0)
    return Extent(concepts, number, sources, source_number, first, last, longest, int(most), codes)


def _filled(column: pa.ChunkedArray) -> np.ndarray:
    return ints(column)[valid(column)]


def of_people(stream: Stream, where: str = "TRUE") -> str:
    return f"SELECT * FROM ({stream.sql}) WHERE person_id IN (SELECT person_id FROM person) AND {where}"


def _counted(cursor: duckdb.DuckDBPyConnection, column: str, value: str) -> tuple[np.ndarray, np.ndarray]:
    found = cursor.execute(
        f"SELECT {value} AS id, count(*) AS n FROM looked_at WHERE {value} IS NOT NULL GROUP BY ALL ORDER BY 1"
    ).fetchnumpy()
    return found["id"].astype(np.int64), found["n"].astype(np.int64)


def _distinct(cursor: duckdb.DuckDBPyConnection, column: str) -> np.ndarray:
    found = cursor.execute(f'SELECT DISTINCT "{column}" AS id FROM looked_at WHERE "{column}" IS NOT NULL ORDER BY 1')
    return found.fetchnumpy()["id"].astype(np.int64)
