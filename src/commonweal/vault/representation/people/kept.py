"""The kept table of everybody: one Parquet file in the vault's store, brought up to date by the feed of changes.

It says where in the feed it stands and by which protocol it was made; another protocol, or none kept, counts everybody anew.
The folder in which it lies is named by the run that made it (see `figures.rounds`).
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from django.db.models import Max

from commonweal import files
from commonweal.vault.people import changes
from commonweal.vault.people.models import Participant
from commonweal.vault.representation.people.table import people_table

if TYPE_CHECKING:
    from commonweal.protocol import Protocol

MANY = 20_000  # changed people from which on it is quicker to read everybody
FORM = "3"  # of the table: another one is made anew
_POSITION, _MADE_BY, _NEWEST = b"commonweal.position", b"commonweal.made_by", b"commonweal.newest"


@dataclass(frozen=True)
class Brought:
    """`table`: everybody now; `before`: everybody as it was kept (None: nothing was, or of another form); `people`: how
    many were computed."""

    table: pa.Table
    before: pa.Table | None
    people: int
    everybody: bool


def load(folder: Path | None) -> pa.Table | None:
    """The kept table as `people_table` makes it; None before the first time."""
    path = folder / "people.parquet" if folder else None
    return pq.read_table(path) if path and path.exists() else None


def brought_up(protocol: "Protocol", folder: Path | None, now: datetime, *, everybody: bool = False) -> Brought | None:
    """The table of `folder` with all that became known; None where nothing did. It is not yet kept (see `keep`)."""
    kept = load(folder)
    told = (kept.schema.metadata or {}) if kept is not None else {}
    if kept is None or everybody or told.get(_MADE_BY) != _made_by(protocol):
        return _all(protocol, kept, now)
    people, position = changes.people_since(int(told[_POSITION]), MANY + 1)
    new = Participant.objects.filter(pk__gt=int(told[_NEWEST])).values_list("pk", flat=True)[: MANY + 1]
    people = sorted({*people, *new})
    if not people:
        return None
    if len(people) > MANY:
        return _all(protocol, kept, now)
    newest = max(int(told[_NEWEST]), *new, 0) if new else int(told[_NEWEST])
    fresh = people_table(protocol, people, now)
    table = _stamped(_replaced(kept, fresh, people), protocol, position, newest)
    return Brought(table, kept, len(people), False)


def keep(table: pa.Table, folder: Path) -> None:
    with files.whole(folder / "people.parquet", files.PRIVATE) as file:
        pq.write_table(table, file, compression="zstd")


def _all(protocol: "Protocol", kept: pa.Table | None, now: datetime) -> Brought:
    changes.number_waiting()
    position = changes.last_position()
    newest = Participant.objects.aggregate(last=Max("pk"))["last"] or 0
    table = _stamped(people_table(protocol, None, now), protocol, position, newest)
    before = kept if kept is not None and kept.column_names == table.column_names else None  # else of another form
    return Brought(table, before, table.num_rows, True)


def _replaced(kept: pa.Table, fresh: pa.Table, people: list[int]) -> pa.Table:
    with duckdb.connect() as con:
        con.register("kept", kept)
        con.register("fresh", fresh)
        con.register("changed", pa.table({"participant": pa.array(people, pa.int64())}))
        return con.execute(
            "SELECT * FROM (SELECT kept.* FROM kept ANTI JOIN changed USING (participant) UNION ALL FROM fresh) ORDER BY participant"
        ).to_arrow_table()


def _stamped(table: pa.Table, protocol: "Protocol", position: int, newest: int) -> pa.Table:
    told = {_POSITION: str(position), _NEWEST: str(newest), _MADE_BY: _made_by(protocol)}
    return table.replace_schema_metadata(told)


def _made_by(protocol: "Protocol") -> bytes:
    return f"{FORM}:{protocol.digest}".encode()
