"""Several files become few: their rows in the order of people, and what is replaced among them marked as such."""

from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

import duckdb
import pyarrow.compute as pc
import pyarrow.parquet as pq

from commonweal import duck
from commonweal.files import PRIVATE
from commonweal.home import Home
from commonweal.vault.records.compact import rows
from commonweal.vault.records.compact.index import LAST, File, folder_of
from commonweal.vault.records.compact.tail import Tail

PIECE = 400_000  # rows of a file; more only where they are all about one person
ROW_GROUP = 20_000  # rows: what is read at least for one person
_ORDER = 'participant, resource_type, "start", resource_id, part, submission, position'

# A mark that finds its rows is told by them; another one stays.
_KEYS = ", ".join(f"coalesce(e.{name}, m.{name}) AS {name}" for name in rows.KEY.split(", "))
_WITH_MARKS = f"""SELECT e.* REPLACE ({_KEYS}, least(e.replaced, m.replaced) AS replaced, coalesce(e.mark, true) AS mark)
    FROM ({{events}}) AS e FULL JOIN set_mark AS m USING ({rows.KEY})"""


class Merging:
    """Rows of compacted files and of submissions, as they are written anew."""

    def __init__(self, con: duckdb.DuckDBPyConnection, home: Home, files: Sequence[File], tail: Tail) -> None:
        self.con, self.home, self.files, self.tail = con, home, files, tail
        tail.prepare(con)

    def pieces(self, low: int = 0, high: int = LAST) -> list[tuple[int, int]]:
        """Spans of participants from `low` to `high`, as even as people allow, that have about PIECE rows each.

        Together they are about everybody in between, also those of whom there is nothing.
        """
        if self.tail.rows + sum(one.rows for one in self.files) < PIECE * 3 // 2:
            return [(low, high)]
        found = self.con.execute(
            f"""WITH one AS (SELECT participant, count(*) AS n FROM ({self._every(low, high)}) GROUP BY participant),
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
        self.con.execute(f"""CREATE OR REPLACE TEMP TABLE set_mark AS SELECT {rows.KEY}, min(replaced) AS replaced FROM (
            {rows.marks(self.home, files, within)} UNION ALL {self.tail.marks(within)}) GROUP BY ALL""")
        events = f"{rows.of(self.home, files, f'NOT mark AND {within}')} UNION ALL {self.tail.events(within)}"
        marked = self.con.execute("SELECT 1 FROM set_mark LIMIT 1").fetchone() is not None
        return self._written(_WITH_MARKS.format(events=events) if marked else events, kind, marked)

    def _written(self, sql: str, kind: str, marked: bool) -> list[File]:
        path = folder_of(self.home) / f"{uuid4().hex[:16]}.parquet"
        duck.copy(self.con, f"SELECT * FROM ({sql}) ORDER BY {_ORDER}", path, PRIVATE, group=ROW_GROUP)
        marks = pc.sum(pq.read_table(path, columns=["mark"])["mark"]).as_py() if marked else 0
        return _told(path, kind, marks or 0)


def _told(path: Path, kind: str, marks: int) -> list[File]:
    """What an index says of a new file; a file without rows goes."""
    footer = pq.read_metadata(path)
    if not footer.num_rows:
        path.unlink()
        return []
    column = footer.schema.names.index("participant")
    told = [footer.row_group(n).column(column).statistics for n in range(footer.num_row_groups)]
    return [File(path.name, kind, min(one.min for one in told), max(one.max for one in told), footer.num_rows, marks)]
