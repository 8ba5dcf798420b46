"""The tables of wearables: too large to be sorted or held whole, so they are built part by part, a file for each.

Who is in which part was decided by a keyed hash (see extract/wearables.py); within a part rows stand in the order of
research id and time. Rules and counters are those of every other table. Rows have no ids of their own: a row is named by
its place (from 1) in the table, its files taken in order.
"""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import duckdb

from commonweal.curation import engine, tables
from commonweal.curation.duck import quote
from commonweal.curation.engine import Counters
from commonweal.curation.rules.base import Facts
from commonweal.curation.tiers import Tier
from commonweal.omop import tables as cdm


def build(
    con: duckdb.DuckDBPyConnection,
    name: str,
    tier: Tier,
    facts: Facts,
    *,
    parts: Iterable[list[Path]],
    salt: str,
    folder: Path,
) -> tables.Built:
    """Build wearable table `name` from the raw files of each part into `folder`."""
    spec = cdm.tables()[name]
    built = tables.Built(name, 0)
    counters: list[Counters] = []
    for number, files in enumerate(parts):
        listed = ", ".join(quote(file) for file in files)
        con.execute(f"CREATE OR REPLACE VIEW in_{name} AS FROM read_parquet([{listed}], hive_partitioning = false)")
        counters = _added(counters, engine.run(con, spec, tier, facts))
        writer = tables.Writer(folder, spec, number)
        for chunk in tables.chunks(engine.ordered(con, spec, salt)):
            writer.write(chunk)
        con.execute("DROP TABLE marked")
        built.rows += writer.rows
        built.files.append(writer.close())
    built.counters = [vars(c) for c in counters]
    return built


def _added(before: list[Counters], more: list[Counters]) -> list[Counters]:
    """What each rule did, over all parts so far."""
    if not before:
        return more
    return [
        replace(
            a,
            rows_in=a.rows_in + b.rows_in,
            rows_out=a.rows_out + b.rows_out,
            cells_changed=a.cells_changed + b.cells_changed,
        )
        for a, b in zip(before, more, strict=True)
    ]
