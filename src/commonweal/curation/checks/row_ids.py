"""Whether the row ids of a table are each person's research id and the places 1 to the number of their rows, each once.

Worked out from what one look saw of each person (scan.people), so that no table of ids is needed: the least and the greatest
id, and what all places of theirs come to: a hash of 64 bits of each, added without carry. As many other places come to the
same by a chance of one in 2^64.
"""

import duckdb

from commonweal.curation.numbering import PLACES
from commonweal.omop.tables import Table

_ONE_A_PERSON = ("person", "person_ext", "death", "observation_period")


def has_ids(spec: Table) -> bool:
    return spec.columns[0].privacy == "row_id"


def read(spec: Table) -> list[str]:
    """SQL of aggregates over the rows `t` of a person."""
    key = f"t.{spec.columns[0].name}"
    if not has_ids(spec):
        return []
    place = f"({key} % {PLACES})::BIGINT"
    return [
        f"min({key}) AS least_id, max({key}) AS most_id, bit_xor(hash({place})) AS places, count({key}) AS numbered"
    ]


def faults(con: duckdb.DuckDBPyConnection, spec: Table, people: str) -> tuple[int, int]:
    """Over the relation `people` with what `read` says: repeated, astray.

    repeated: people whose places are not 1 to their rows, each once, or, of a table that has one row a person, the rows that
    are too many. astray: how far the places of all people begin and end beside theirs, with rows that have no id of theirs.
    """
    if not has_ids(spec):
        several = f"SELECT sum(rows) - count(DISTINCT person_id) FROM {people}"
        return (_one(con, several) if spec.name in _ONE_A_PERSON else 0), 0
    if _one(con, f"SELECT count(*) - count(DISTINCT person_id) FROM {people}"):
        con.register("ids_told", con.execute(_TOGETHER.format(people=people)).to_arrow_table())
    else:  # as most tables are: nothing to put together
        con.execute(f"CREATE OR REPLACE TEMP VIEW ids_told AS FROM {people}")
    _tell_places(con, _one(con, "SELECT max(rows) FROM ids_told"))
    found = con.execute(_FAULTS).fetchall()[0]
    con.execute("DROP VIEW ids_told")
    return int(found[0]), int(found[1])


_TOGETHER = """
SELECT person_id, sum(rows)::BIGINT AS rows, bit_xor(places) AS places, min(least_id) AS least_id, max(most_id) AS most_id,
  sum(numbered)::BIGINT AS numbered FROM {people} GROUP BY person_id"""
_FAULTS = f"""
SELECT count(*) FILTER (o.places IS DISTINCT FROM g.places),
  coalesce(sum(abs(coalesce(least_id, 0) % {PLACES} - 1) + abs(coalesce(most_id, 0) % {PLACES} - o.rows) + o.rows - numbered
    + (least_id // {PLACES} IS DISTINCT FROM person_id)::BIGINT + (most_id // {PLACES} IS DISTINCT FROM person_id)::BIGINT), 0)
FROM ids_told o LEFT JOIN places_told g USING (rows)"""


def _tell_places(con: duckdb.DuckDBPyConnection, most: int) -> None:
    """Make `places_told(rows, places)`: what the places 1 to `rows` come to, for up to `most` rows at the least."""
    con.execute("CREATE TEMP TABLE IF NOT EXISTS places_told (rows BIGINT, places UBIGINT)")
    if most > _one(con, "SELECT max(rows) FROM places_told"):
        told = f"SELECT i AS rows, bit_xor(hash(i)) OVER (ORDER BY i) AS places FROM range(1, {most + 1}) r(i)"
        con.execute(f"CREATE OR REPLACE TEMP TABLE places_told AS {told}")


def _one(con: duckdb.DuckDBPyConnection, sql: str) -> int:
    return int(con.execute(sql).fetchall()[0][0] or 0)
