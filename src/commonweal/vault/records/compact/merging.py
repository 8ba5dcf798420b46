"""Several files become few: their rows in the order of people, and what is replaced among them marked as such."""

from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

import duckdb
import pyarrow.parquet as pq

from commonweal.home import Home
from commonweal.vault.compaction.files import to_disk
from commonweal.vault.records.compact import rows
from commonweal.vault.records.compact.index import LAST, File, folder_of
from commonweal.vault.records.compact.tail import Tail

PIECE = 1_000_000  # rows of a file; more only where they are all about one person
ROW_GROUP = 20_000  # rows: what is read at least for one person
_ORDER = 'participant, resource_type, "start", resource_id, part, submission, position'


class Merging:
    """Rows of compacted files and of submissions, as they are written anew."""

    def __init__(self, con: duckdb.DuckDBPyConnection, home: Home, files: Sequence[File], tail: Tail) -> None:
        self.con, self.home, self.files, self.tail = con, home, files, tail
        tail.prepare(con)

    def pieces(self, low: int = 0, high: int = LAST) -> list[tuple[int, int]]:
        """Spans of participants from `low` to `high`, as even as people allow, that have about PIECE rows each.

        Together they are about everybody in between, also those of whom there is nothing.
        """
        every = self._every(low, high)
        found = self.con.execute(
            f"""WITH one AS (SELECT participant, count(*) AS n FROM ({every}) GROUP BY participant),
                along AS (SELECT participant, n, sum(n) OVER (ORDER BY participant) AS upto, sum(n) OVER () AS total FROM one)
            SELECT max(participant) FROM along
            GROUP BY ((upto - n) * greatest(1, round(total / {PIECE})::BIGINT)) // total ORDER BY 1"""
        ).fetchall()
        ends = [end for (end,) in found][:-1] + [high]
        starts = [low, *(end + 1 for end in ends[:-1])]
        return list(zip(starts, ends, strict=True))

    def _every(self, low: int, high: int) -> str:
        within = rows.within(low, high)
        return f"""SELECT participant FROM ({rows.of(self.home, self._meeting(low, high), within)})
            UNION ALL SELECT participant FROM ({self.tail.events(within)})
            UNION ALL SELECT participant FROM ({self.tail.marks(within)})"""

    def _meeting(self, low: int, high: int) -> list[File]:
        return [one for one in self.files if one.meets(low, high)]

    def write(self, low: int, high: int, kind: str) -> list[File]:
        """Write what there is about these participants: one file, or none where there is nothing."""
        files, within = self._meeting(low, high), rows.within(low, high)
        con = self.con
        con.execute(f"""CREATE OR REPLACE TEMP TABLE set_mark AS SELECT {rows.KEY}, min(replaced) AS replaced FROM (
            {rows.marks(self.home, files, within)} UNION ALL {self.tail.marks(within)}) GROUP BY ALL""")
        events = f"{rows.of(self.home, files, f'NOT mark AND {within}')} UNION ALL {self.tail.events(within)}"
        left = 0
        if con.execute("SELECT 1 FROM set_mark LIMIT 1").fetchone():
            con.execute(
                f"CREATE OR REPLACE TEMP TABLE left_over AS FROM set_mark ANTI JOIN ({events}) USING ({rows.KEY})"
            )
            (left,) = con.execute("SELECT count(*) FROM left_over").fetchone() or (0,)
            events = f"""SELECT e.* REPLACE (least(e.replaced, m.replaced) AS replaced)
                FROM ({events}) AS e LEFT JOIN set_mark AS m USING ({rows.KEY})
                UNION ALL BY NAME SELECT *, true AS mark FROM left_over"""
        return self._written(events, kind, left)

    def _written(self, sql: str, kind: str, marks: int) -> list[File]:
        path = folder_of(self.home) / f"{uuid4().hex[:16]}.parquet"
        target = str(path).replace("'", "''")
        self.con.execute(f"""COPY (SELECT * FROM ({sql}) ORDER BY {_ORDER})
            TO '{target}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROW_GROUP})""")
        path.chmod(0o600)
        to_disk(path)
        return _told(path, kind, marks)


def _told(path: Path, kind: str, marks: int) -> list[File]:
    """What an index says of a new file; a file without rows goes."""
    footer = pq.read_metadata(path)
    if not footer.num_rows:
        path.unlink()
        return []
    column = footer.schema.names.index("participant")
    told = [footer.row_group(n).column(column).statistics for n in range(footer.num_row_groups)]
    return [File(path.name, kind, min(one.min for one in told), max(one.max for one in told), footer.num_rows, marks)]
