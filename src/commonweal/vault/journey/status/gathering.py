"""The first moments of the needs of many people, from the same sources as those of one."""

from collections.abc import Collection
from datetime import datetime

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from commonweal.vault import columns
from commonweal.vault.journey.status import needs
from commonweal.vault.journey.status.queries import first_query
from commonweal.vault.journey.status.sources import SOURCES, Source, record_files
from commonweal.vault.people.models import Participant
from commonweal.vault.scan import Wanted, scan

_PLAIN = pa.timestamp("us")
_BETWEEN = "\x1f"


def gather(con: duckdb.DuckDBPyConnection, people: Collection[int] | None, now: datetime) -> None:
    """Make `people` (participant_id, registered_at) and `first` (participant_id, a moment for each need) on `con`.

    `people`: vault ids, all where it is None. Moments are naive UTC.
    """
    con.execute("CREATE TABLE people (participant_id BIGINT, registered_at TIMESTAMP)")
    con.execute("CREATE TABLE told (participant_id BIGINT, since TIMESTAMP, kind INTEGER)")
    con.execute("CREATE TABLE files (participant_id BIGINT, since TIMESTAMP)")
    kinds: dict[tuple[int, str], int] = {}

    def take(name: str, rows: pa.Table) -> None:
        if name == "people":
            _add(con, "people", rows)
        elif rows.num_rows:
            source = SOURCES[int(name)]
            _add(
                con,
                "told",
                rows.select(["participant_id", "event_time"]).append_column(
                    "kind", _kinds(int(name), source, rows, kinds)
                ),
            )

    scan(_wanted(people, now), take)
    _add(con, "files", record_files(people).select(["participant", "first"]))
    meets = [
        (number, need)
        for (place, said), number in kinds.items()
        for need in SOURCES[place].meets(*said.split(_BETWEEN))
    ]
    con.execute("CREATE TABLE meets (kind INTEGER, need VARCHAR)")
    if meets:
        con.executemany("INSERT INTO meets VALUES (?, ?)", meets)
    con.execute(f"""CREATE VIEW met AS SELECT participant_id, need, since FROM told JOIN meets USING (kind)
        UNION ALL SELECT participant_id, '{needs.EHR_FILE}', since FROM files""")
    con.execute(f"CREATE TABLE first AS {first_query()}")


def _wanted(people: Collection[int] | None, now: datetime) -> dict[str, Wanted]:
    among = "true" if people is None else "{0} IN (" + ", ".join(str(int(one)) for one in people) + ")"
    wanted = {"people": Wanted(Participant, ("id", "registered_at"), among.format("id"))}
    for place, source in enumerate(SOURCES):
        table = source.model._meta.db_table
        where = f"""{among.format("participant_id")} AND event_time <= {columns.literal(now)}
            AND id NOT IN (SELECT supersedes_id FROM {table} WHERE supersedes_id IS NOT NULL)"""
        wanted[str(place)] = Wanted(source.model, ("participant_id", "event_time", *source.columns), where, source.by)
    return wanted


def _kinds(place: int, source: Source, rows: pa.Table, kinds: dict[tuple[int, str], int]) -> pa.Array:
    """A number for each row, the same for rows that say the same."""
    said = (
        pc.binary_join_element_wise(*(rows[name] for name in source.columns), _BETWEEN)
        .combine_chunks()
        .dictionary_encode()
    )
    numbers = [kinds.setdefault((place, one), len(kinds)) for one in said.dictionary.to_pylist()]
    return pa.array(numbers, pa.int32()).take(said.indices)


def plain(rows: pa.Table) -> pa.Table:
    """Moments as naive UTC, which DuckDB compares without time zone data."""
    return rows.cast(pa.schema([f.with_type(_PLAIN) if f.type == columns.MOMENT else f for f in rows.schema]))


def moments(rows: pa.Table) -> pa.Table:
    """The way back."""
    return rows.cast(pa.schema([f.with_type(columns.MOMENT) if f.type == _PLAIN else f for f in rows.schema]))


def _add(con: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> None:
    con.register("part", plain(rows))
    con.execute(f"INSERT INTO {name} SELECT * FROM part")
    con.unregister("part")
