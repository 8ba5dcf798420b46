"""Whose rows differ from those by which a place's figures were last counted: kept until the place is counted anew.

Figures of a place are counted anew only once more people differ than the smallest cell: people who came, who left, and whose
row changed. So the difference of two figures of a place is always of so many, whoever looks how often. Kept is for each
place and person a digest of the row as it was counted; who is again as they were then does not differ any more.
"""

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from commonweal import files
from commonweal.vault.representation.figures.cells import LEVELS
from commonweal.vault.representation.figures.metrics import age_band
from commonweal.vault.representation.people.table import column

_FILE = "pending.parquet"
_SCHEMA = pa.schema(
    [("level", pa.string()), ("place", pa.string()), ("participant", pa.int64()), ("was", pa.uint64())]
)  # was: null where the person was not in the place


def load(folder: Path | None) -> pa.Table:
    path = folder / _FILE if folder else None
    return pq.read_table(path) if path and path.exists() else _SCHEMA.empty_table()


def save(folder: Path, pending: pa.Table) -> None:
    with files.whole(folder / _FILE, files.PRIVATE) as file:
        pq.write_table(pending, file)


def differing(pending: pa.Table, before: pa.Table | None, after: pa.Table) -> pa.Table:
    """`pending` with what changed from `before` to `after` (kept tables): one row for each place and person that differs."""
    with duckdb.connect() as con:
        con.execute("SET preserve_insertion_order = false")
        con.register("pending", pending)
        for name, table in (("before", before if before is not None else after.slice(0, 0)), ("after", after)):
            con.register(f"{name}_told", table)
            con.execute(f"""CREATE TEMP TABLE {name} AS SELECT participant, '' AS program, {_OWN},
                hash({_counted_by(table)}) AS row FROM {name}_told""")
        con.execute(_CHANGED)
        return con.execute(_DIFFERING.format(was=_spread("b"), now=_spread("a"))).to_arrow_table().cast(_SCHEMA)


def _counted_by(table: pa.Table) -> str:
    """What figures tell people apart by, and nothing else: a difference in what is not counted is none.

    Of moments only whether they came, and of the consent its month, by which it is drawn.
    """
    said = [name for name in table.column_names if name.startswith(column(""))]
    came = [f"{one.name} IS NOT NULL" for one in table.schema if pa.types.is_timestamp(one.type)]
    return ", ".join(
        [
            *said,
            *came,
            age_band(),
            "race",
            "sex",
            "language",
            "deprivation",
            "rurality",
            "active",
            "strftime(consented, '%Y-%m')",
        ]
    )


def due(pending: pa.Table, few: int) -> dict[str, set[str]]:
    """Level -> the places in which more than `few` people differ."""
    with duckdb.connect() as con:
        con.register("pending", pending)
        rows = con.execute(f"SELECT level, place FROM pending GROUP BY ALL HAVING count(*) > {int(few)}").fetchall()
    found: dict[str, set[str]] = {}
    for level, place in rows:
        found.setdefault(level, set()).add(place)
    return found


def without(pending: pa.Table, counted: dict[str, set[str]]) -> pa.Table:
    """Without the places that were counted anew."""
    keep = [
        place not in counted.get(level, ())
        for level, place in zip(pending["level"].to_pylist(), pending["place"].to_pylist(), strict=True)
    ]
    return pending.filter(pa.array(keep, pa.bool_()))


_PLACES = tuple(level for level in LEVELS if level != "program")
_OWN = ", ".join(_PLACES)
_CHANGED = f"""CREATE TEMP TABLE changed AS SELECT participant FROM before b FULL JOIN after a USING (participant)
    WHERE (b.row, {", ".join(f"b.{level}" for level in _PLACES)}) IS DISTINCT FROM (a.row, {", ".join(f"a.{level}" for level in _PLACES)})
    UNION SELECT participant FROM pending"""
_DIFFERING = """
WITH was AS ({was}), now AS ({now}),
known AS (  -- the place's last count of the person: as it is pending already, else as it was before this change
  SELECT level, place, participant, was FROM pending
  UNION ALL SELECT level, place, participant, row FROM was ANTI JOIN pending USING (level, place, participant)
  UNION ALL SELECT level, place, participant, NULL FROM now ANTI JOIN pending USING (level, place, participant)
    ANTI JOIN was USING (level, place, participant))
SELECT known.level, known.place, participant, known.was FROM known LEFT JOIN now USING (level, place, participant)
WHERE known.was IS DISTINCT FROM now.row
"""


def _spread(name: str) -> str:
    """The places of each changed person, one a row."""
    table = {"b": "before", "a": "after"}[name]
    return " UNION ALL ".join(
        f"SELECT '{level}' AS level, {level} AS place, participant, row FROM {table} JOIN changed USING (participant)"
        + ("" if level == "program" else f" WHERE {level} <> ''")
        for level in LEVELS
    )
