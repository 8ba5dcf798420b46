"""The examination of a submission: its OMOP tables in, figures out. It knows no site, no file and no database.

Each table is read once (`scan`); people, thresholds and concepts stand beside it as small tables (`context`).
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

import duckdb

from commonweal.vault.records.quality import concepts
from commonweal.vault.records.quality.checks import asked
from commonweal.vault.records.quality.context import lay_out
from commonweal.vault.records.quality.scan import Scanned, scan
from commonweal.vault.records.quality.standards import DRUGS, MEASUREMENTS, Standards
from commonweal.vault.records.quality.summing import summed
from commonweal.vault.records.quality.tables import given, specs

VERSION = 1


def examine_tables(
    con: duckdb.DuckDBPyConnection, views: Mapping[str, str], standards: Standards, received: date
) -> dict[str, Any]:
    """`views`: CDM table -> view on `con`, which also has the vocabulary's views concept and concept_ancestor.

    Answers {version, people, tables, units, drug_classes, laboratories, absent, standards}. Tables that are empty, or
    that nobody examines, are left out. Nothing in the answer is about one row or one person.
    """
    lay_out(con, views, standards)
    each = [_scan(con, table, views[table], standards, received) for table in specs() if table in views]
    concepts.look_up(con, each)
    told: dict[str, Any] = {"version": VERSION, "tables": [], "units": []}
    for scanned in each:
        found = summed(scanned, standards.limits_of(scanned.table.spec.name))
        if found["rows"]:
            told["tables"].append(found | _more(con, scanned, standards, told))
    told["people"] = con.execute("SELECT count(*) FROM q_person").fetchall()[0][0]
    for table, name in ((DRUGS, "drug_classes"), (MEASUREMENTS, "laboratories")):
        told.setdefault(name, concepts.nothing(table, standards))
    return told | {"absent": standards.absent, "standards": standards.sources}


def _scan(con: duckdb.DuckDBPyConnection, table: str, view: str, standards: Standards, received: date) -> Scanned:
    """One table; what nothing is known about (which conditions only one sex can have) is not asked."""
    there = given(con, table, view)
    checks = asked(there, received, standards.limits_of(table), standards.bounds.get(table, {}))
    return scan(con, there, [one for one in checks if one.id != "other_sex" or standards.sexes])


def _more(
    con: duckdb.DuckDBPyConnection, scanned: Scanned, standards: Standards, told: dict[str, Any]
) -> dict[str, Any]:
    """What only some tables have: concepts of a domain; drug classes; laboratory values and their units."""
    name = scanned.table.spec.name
    if name == DRUGS:
        told["drug_classes"] = concepts.coverage(scanned, standards)
    if name == MEASUREMENTS:
        told["laboratories"] = concepts.coverage(scanned, standards)
        told["units"] = concepts.units(con, scanned, standards)
    return concepts.conformance(con, scanned) if scanned.table.spec.domain else {}
