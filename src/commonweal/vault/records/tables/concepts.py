"""The concepts of a submission's tables, held against the program's vocabulary: told, and never a reason to lose a row."""

from pathlib import Path
from typing import Any

import duckdb

from commonweal import duck
from commonweal.home import Home
from commonweal.omop import vocabulary
from commonweal.omop.submission import Column, tables
from commonweal.vault.records.tables.engine import quote
from commonweal.vault.records.tables.troubles import Troubles

LISTED = 50  # concepts of each kind in the report
_OWN = 2_000_000_000  # concepts from here on are a site's own
_DOMAINS = {"Condition/Obs": "Condition", "Condition/Procedure": "Condition", "Condition/Meas": "Condition"}


def check(con: duckdb.DuckDBPyConnection, home: Home, target: Path, troubles: Troubles) -> list[dict[str, Any]]:
    """Tell `troubles` how often each column's concepts are 0, not known, not standard, of another domain.

    Returns the commonest concepts of each kind: table, column, concept, code, rows.
    """
    con.execute("CREATE OR REPLACE TEMP TABLE used (name VARCHAR, field VARCHAR, concept BIGINT, rows BIGINT)")
    for path in sorted(target.glob("*.parquet")):
        for column in tables()[path.stem].concepts:
            con.execute(f"""INSERT INTO used SELECT '{path.stem}', '{column.name}', {column.name}, count(*)
                FROM read_parquet({quote(path)}) WHERE {column.name} IS NOT NULL GROUP BY {column.name}""")
    known = _known(con, home)
    listed = []
    for name, field, concept, rows in con.execute("FROM used ORDER BY rows DESC, name, field, concept").fetchall():
        column = next(c for c in tables()[name].columns if c.name == field)
        code = fault(column, concept, known)
        if code:
            troubles.tell(code, name, field, count=rows)
            if concept:
                listed.append({"table": name, "column": field, "concept": concept, "code": code, "rows": rows})
    return [
        one for code in sorted({o["code"] for o in listed}) for one in [o for o in listed if o["code"] == code][:LISTED]
    ]


def fault(column: Column, concept: int, known: dict[int, tuple[str, bool]]) -> str:
    """What is wrong with a concept in a column; '' if nothing. `known`: id -> domain, whether it is standard."""
    if concept == 0:
        return "" if column.domain == "source" else "concept_zero"
    if concept not in known:
        return "" if concept >= _OWN and column.domain == "source" else "concept_not_known"
    domain, standard = known[concept]
    if column.domain == "source":
        return ""
    if not standard:
        return "concept_not_standard"
    return "" if column.domain in ("any", domain, _DOMAINS.get(domain)) else "concept_other_domain"


def _known(con: duckdb.DuckDBPyConnection, home: Home) -> dict[int, tuple[str, bool]]:
    wanted = con.execute("SELECT DISTINCT concept FROM used WHERE concept <> 0").to_arrow_table()
    with duck.passing() as other:
        vocabulary.attach(other, home, ("concept",))
        other.register("wanted", wanted)
        rows = other.execute("""SELECT concept_id, domain_id, coalesce(standard_concept, '') = 'S'
            FROM concept SEMI JOIN wanted ON concept = concept_id""").fetchall()
    return {number: (domain, standard) for number, domain, standard in rows}
