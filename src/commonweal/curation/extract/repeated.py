"""What a person brought from their clinic and the clinic's site sent as well, in another form or under other ids: once.

Only where the protocol says that both come from one server (`records.twice` has taken out what bears the same id by then).
A row that was brought is left out where the site sent one of the same person that says the same: concept, day, value and
unit; of a visit its kind and days. Each row of the site stands for one: a value that was measured twice a day stays twice.
Rows without a concept say too little, and stay. What belonged to a visit that is left out belongs to the site's.
"""

import duckdb

from commonweal.curation.extract.moment import Moment
from commonweal.curation.extract.site_shapes import SHAPES
from commonweal.curation.extract.site_tables import SITE_BIT
from commonweal.home import Home

_VISITS = ("visit_occurrence", "visit_detail")
SAYS = {
    "visit_occurrence": ("visit_concept_id", "visit_start_date", "visit_end_date"),
    "visit_detail": ("visit_detail_concept_id", "visit_detail_start_date", "visit_detail_end_date"),
    "specimen": ("specimen_concept_id", "specimen_date", "quantity", "unit_concept_id"),
} | {
    table: tuple(filter(None, (s.concept, f"{s.start}", s.number, s.value_concept, s.value_text, s.unit)))
    for table, s in SHAPES.items()
}  # fmt: skip
"""Table -> its concept, and what else two rows must have in common to say the same."""

_REPEATED = """
CREATE OR REPLACE TEMP TABLE repeated_{table} AS
WITH mine AS (
  SELECT {key} AS id, person_id, _source, {says}, {brought} AS brought FROM raw_{table}
  WHERE _source IN ({sources}) AND {concept} <> 0
    AND person_id IN (SELECT person_id FROM raw_{table} WHERE {brought})),
numbered AS (
  SELECT *, row_number() OVER (PARTITION BY person_id, _source, {says}, brought ORDER BY id) AS n FROM mine)
SELECT min(id) FILTER (brought) AS id, min(id) FILTER (NOT brought) AS kept
FROM numbered GROUP BY person_id, _source, {says}, n HAVING count(*) = 2
"""


def leave_out_repeated(con: duckdb.DuckDBPyConnection, home: Home, moment: Moment) -> dict[str, int]:
    """Take what was given twice out of the raw tables; figures: how many rows."""
    from commonweal.vault.records import store, twice

    same = twice.servers(home)
    brought = [number for clinic in same for number in store.taken(clinic, moment.known_at)]
    if not brought:
        return {"rows_given_twice": 0}
    for table in SAYS:
        con.execute(_sought(table, sorted(set(same.values())), brought))
    for table in SAYS:
        _without(con, table)
    counted = " + ".join(f"(SELECT count(*) FROM repeated_{table})" for table in SAYS)
    return {"rows_given_twice": con.execute(f"SELECT {counted}").fetchall()[0][0]}


def _sought(table: str, sources: list[str], brought: list[int]) -> str:
    key, says = f"{table}_id", SAYS[table]
    numbers = ", ".join(map(str, brought))
    return _REPEATED.format(
        table=table,
        key=key,
        says=", ".join(says),
        concept=says[0],
        sources=", ".join("'" + source.replace("'", "''") + "'" for source in sources),
        brought=f"({key} < {SITE_BIT} AND {key} >> 38 IN ({numbers}))",
    )


def _without(con: duckdb.DuckDBPyConnection, table: str) -> None:
    """`raw_TABLE` without its repeated rows, and with the site's visits where those that were brought are left out."""
    there = {name for name, *_ in con.execute(f"DESCRIBE raw_{table}").fetchall()}
    moved = [visit for visit in _VISITS if f"{visit}_id" in there and visit != table]
    joins = " ".join(f"LEFT JOIN repeated_{visit} AS {visit} ON {visit}.id = r.{visit}_id" for visit in moved)
    replaced = ", ".join(f"coalesce({visit}.kept, r.{visit}_id) AS {visit}_id" for visit in moved)
    rows = f"""SELECT r.* {f"REPLACE ({replaced})" if replaced else ""} FROM {{rows}} AS r {joins}
        WHERE r.{table}_id NOT IN (SELECT id FROM repeated_{table})"""
    if table == "observation":
        con.execute(f"CREATE OR REPLACE TABLE raw_observation AS {rows.format(rows='raw_observation')}")
        return
    con.execute(f"ALTER VIEW raw_{table} RENAME TO given_{table}")
    con.execute(f"CREATE OR REPLACE TEMP VIEW raw_{table} AS {rows.format(rows=f'given_{table}')}")
