"""A table of a submission, held together: one row a key, references that lead somewhere, in the order of the people.

Runs over what was staged, table by table, in an order in which a table comes after those that its rows name.
"""

from collections import Counter
from pathlib import Path

import duckdb

from commonweal.omop.submission import Column, Table, tables
from commonweal.vault.records.store import copy_to
from commonweal.vault.records.tables.engine import one, quote
from commonweal.vault.records.tables.people import tell_faults
from commonweal.vault.records.tables.troubles import Troubles

UNCHANGED, ACCEPTED, REJECTED = "unchanged", "accepted", "rejected"


def settle(
    con: duckdb.DuckDBPyConnection, name: str, parts: list[Path], target: Path, before: Path | None, troubles: Troubles
) -> Counter[str]:
    """Write `target`/NAME.parquet from the parts; `before`: the same table of the site's submission before, or None.

    Columns: those of the table, person_id being the participant's number in the vault, all keys the site's own; sorted by
    person, day and key. Returns rows: accepted (new or changed), unchanged, rejected (a key twice).
    """
    table, path = tables()[name], target / f"{name}.parquet"
    listed = ", ".join(quote(part) for part in parts)
    con.execute(f"""CREATE OR REPLACE TEMP VIEW staged AS SELECT s.* REPLACE (w.participant AS person_id)
        FROM read_parquet([{listed}]) AS s JOIN whose AS w USING (person_id)""")
    counts = _drop_twice(con, table, troubles)
    joins, chosen = [], {c.name: f"s.{c.name}" for c in table.kept}
    for column in table.references:
        if _find(con, column, table, target, troubles):
            joins.append(f"LEFT JOIN seen_{column.name} AS r_{column.name} ON r_{column.name}.key = s.{column.name}"
                         f" AND r_{column.name}.person_id = s.person_id")  # fmt: skip
            chosen[column.name] = f"r_{column.name}.key AS {column.name}"
    order = "".join(
        f"s.{name}, " for name in dict.fromkeys(["person_id", *(c.name for c in (table.start, table.key) if c)])
    )
    copy_to(
        con,
        f"""SELECT {", ".join(chosen.values())} FROM staged AS s ANTI JOIN twice AS t USING (file, _line)
        {" ".join(joins)} ORDER BY {order}s.file, s._line""",
        path,
        synced=False,
    )
    return counts + _compared(con, table, path, before)


def _drop_twice(con: duckdb.DuckDBPyConnection, table: Table, troubles: Troubles) -> Counter[str]:
    """Make `twice` (file, _line, fault): the rows whose key another row had before."""
    con.execute("CREATE OR REPLACE TEMP TABLE twice (file BIGINT, _line BIGINT, fault VARCHAR)")
    if table.key is None:
        return Counter()
    key = table.key.name
    contents = ", ".join(c.name for c in table.kept)
    con.execute(f"CREATE OR REPLACE TEMP TABLE doubled AS SELECT {key} FROM staged GROUP BY 1 HAVING count(*) > 1")
    con.execute(f"""INSERT INTO twice SELECT file, _line,
            CASE WHEN content = first_value(content) OVER same THEN 'row_twice:{key}' ELSE 'key_twice:{key}' END
        FROM (SELECT file, _line, {key}, hash({contents}) AS content FROM staged SEMI JOIN doubled USING ({key}))
        WINDOW same AS (PARTITION BY {key} ORDER BY file, _line) QUALIFY row_number() OVER same > 1""")
    tell_faults(con, "twice", table.name, troubles)
    changed = one(con, "SELECT count(*) FROM twice WHERE starts_with(fault, 'key_twice')")
    return Counter({REJECTED: changed, UNCHANGED: one(con, "SELECT count(*) FROM twice") - changed})


def _find(con: duckdb.DuckDBPyConnection, column: Column, table: Table, target: Path, troubles: Troubles) -> bool:
    """Make `seen_COLUMN` (key, person_id): the rows that may be named; tells which are named and not there."""
    if not one(con, f"SELECT count({column.name}) FROM staged"):
        return False
    key = tables()[column.key].key.name  # type: ignore[union-attr]
    named = target / f"{column.key}.parquet"
    if column.key == table.name:
        source = f"SELECT {key} AS key, person_id FROM staged ANTI JOIN twice USING (file, _line)"
    elif named.exists():
        source = f"SELECT {key} AS key, person_id FROM read_parquet({quote(named)})"
    else:
        source = "SELECT NULL::BIGINT AS key, NULL::BIGINT AS person_id WHERE false"
    con.execute(f"CREATE OR REPLACE TEMP TABLE seen_{column.name} AS {source}")
    con.execute(f"""CREATE OR REPLACE TEMP VIEW astray AS SELECT file, _line, 'reference_not_known:{column.name}' AS fault
        FROM staged AS s ANTI JOIN seen_{column.name} AS r ON r.key = s.{column.name} AND r.person_id = s.person_id
        WHERE s.{column.name} IS NOT NULL""")
    tell_faults(con, "astray", table.name, troubles)
    return True


def _compared(con: duckdb.DuckDBPyConnection, table: Table, path: Path, before: Path | None) -> Counter[str]:
    """How many rows are as they were in the submission before."""
    rows = one(con, f"SELECT count(*) FROM read_parquet({quote(path)})")
    if before is None or not before.exists():
        return Counter({ACCEPTED: rows})
    whole = ", ".join(c.name for c in table.kept)
    key = table.key.name if table.key else "person_id"
    same = one(con, f"""SELECT count(*) FROM (SELECT {key}, hash({whole}) AS content FROM read_parquet({quote(path)}))
        SEMI JOIN (SELECT {key}, hash({whole}) AS content FROM read_parquet({quote(before)})) USING ({key}, content)""")  # fmt: skip
    return Counter({UNCHANGED: same, ACCEPTED: rows - same})
