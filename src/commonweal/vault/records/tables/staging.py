"""What was read of a submission, kept so that a killed import goes on from there and ends with the same bytes.

WORK/parts/TABLE-FILE-BLOCK.parquet   rows of participants who share their records, with their file and line
WORK/journal.jsonl                    what became of each block and file, one JSON object a line
A block is done when its line is in the journal; what a killed run left half-written is written again.
"""

import json
import shutil
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from commonweal import duck, files
from commonweal.omop import submission
from commonweal.vault.records.tables import judging
from commonweal.vault.records.tables.engine import one
from commonweal.vault.records.tables.folder import File
from commonweal.vault.records.tables.people import tell_faults
from commonweal.vault.records.tables.reading import Block, read
from commonweal.vault.records.tables.troubles import Troubles


class Staging:
    """The parts and the journal in `work`; they hold for the people of `whose` as it was, else they are begun anew."""

    def __init__(self, con: duckdb.DuckDBPyConnection, work: Path, received: date) -> None:
        self.con, self.work, self.received = con, work, received
        self.journal = work / "journal.jsonl"
        key = str(one(con, "SELECT (bit_xor(hash(person_id, participant, state)), count(*))::VARCHAR FROM whose"))
        if not self.lines() or self.lines()[0].get("people") != key:
            shutil.rmtree(self.parts, ignore_errors=True)
            self.journal.unlink(missing_ok=True)
            self._write({"people": key})
        self.parts.mkdir(mode=0o700, exist_ok=True)

    @property
    def parts(self) -> Path:
        return self.work / "parts"

    def lines(self) -> list[dict[str, Any]]:
        """What the journal says; a last line that a crash cut off does not count."""
        if not self.journal.exists():
            return []
        return [json.loads(line) for line in self.journal.read_bytes().split(b"\n")[:-1]]

    def _write(self, said: dict[str, Any]) -> None:
        files.append(self.journal, json.dumps(said).encode(), files.PRIVATE)

    def take(self, file: File) -> None:
        """Read what is not read yet of a file."""
        said = [line for line in self.lines() if line.get("table") == file.table and line["file"] == file.number]
        if any(line["block"] is None for line in said):
            return
        troubles = Troubles()
        for block in read(file, submission.tables()[file.table], troubles, len(said)):
            self._block(file, block)
        place = {"table": file.table, "file": file.number, "block": None}
        self._write(place | {"counts": {}, "troubles": troubles.listed()})

    def _block(self, file: File, block: Block) -> None:
        table = submission.tables()[file.table]
        self.con.register("block", block.rows)
        query = judging.judged(table, block.rows.schema, self.received)
        verdict = f"SELECT {file.number} AS file, _line, status, fault, noted FROM ({query})"
        self.con.execute(f"CREATE OR REPLACE TEMP TABLE judged AS {verdict}")
        counts = dict(self.con.execute("SELECT status, count(*) FROM judged GROUP BY 1 ORDER BY 1").fetchall())
        for column in ("fault", "noted"):
            tell_faults(self.con, "judged", file.table, block.troubles, column)
        if counts.get(judging.KEPT):
            self._part(file, block.number, query)
        self.con.unregister("block")
        counts[judging.REJECTED] = counts.get(judging.REJECTED, 0) + _unread(block.troubles)
        place = {"table": file.table, "file": file.number, "block": block.number}
        self._write(place | {"counts": counts, "troubles": block.troubles.listed()})

    def _part(self, file: File, block: int, query: str) -> None:
        """Write the rows that are kept; judged a second time, which takes less than to keep all their columns would."""
        path = self.parts / f"{file.table}-{file.number:04d}-{block:06d}.parquet"
        columns = ", ".join(c.name for c in submission.tables()[file.table].kept)
        kept = f"SELECT {file.number} AS file, _line, {columns} FROM ({query}) WHERE status = '{judging.KEPT}'"
        duck.copy(self.con, kept, path, files.PRIVATE, packing="snappy")

    def of(self, table: str) -> list[Path]:
        return sorted(self.parts.glob(f"{table}-*.parquet"))

    def counts(self) -> dict[str, Counter[str]]:
        """Rows by table and status."""
        found: dict[str, Counter[str]] = {}
        for line in self.lines()[1:]:
            found.setdefault(line["table"], Counter()).update(line["counts"])
        return found

    def troubles(self) -> Troubles:
        told = Troubles()
        for line in self.lines()[1:]:
            told.add(line["troubles"])
        return told


_LINES = ("too_few_cells", "too_many_cells", "quote_not_closed", "bad_quoting")


def _unread(troubles: Troubles) -> int:
    """Lines that could not be read as rows."""
    return sum(troubles.count(code) for code in _LINES)
