"""What has to be known of a stream before it is written: its concepts with their rows, and how wide its columns are."""

import duckdb
import numpy as np

from commonweal.commons.index.layout import NONE
from commonweal.commons.index.streams import CODED, Stream
from commonweal.commons.index.writing import Extent


def measure(cursor: duckdb.DuckDBPyConnection, stream: Stream) -> Extent:
    """One look at all rows of the stream that are of a person of the release."""
    cursor.execute(f"CREATE OR REPLACE TEMP VIEW looked_at AS {of_people(stream)}")
    length = 'max(abs("end" - start))' if "end" in stream.columns else "0"
    total, first, last, longest = cursor.execute(
        f"SELECT count(*), min(start - DATE '1970-01-01'), max(start - DATE '1970-01-01'), {length} FROM looked_at"
    ).fetchone() or (0, 0, 0, 0)
    if not total:
        none = np.zeros(0, dtype=np.int64)
        return Extent(none, none, none, none, 0, 0, 0, 0, {name: none for name in stream.columns if name in CODED})
    concepts, rows = _counted(cursor, "concept", f"coalesce(concept, {NONE})")
    sources, source_rows = _counted(cursor, "source", "source") if stream.sourced else (concepts[:0], rows[:0])
    most = cursor.execute("SELECT max(n) FROM (SELECT count(*) AS n FROM looked_at GROUP BY person_id)").fetchone()
    codes = {name: _distinct(cursor, name) for name in stream.columns if name in CODED}
    return Extent(concepts, rows, sources, source_rows, first, last, longest or 0, (most and most[0]) or 0, codes)


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
