"""Checks of a built public tier, on its files and against the registered tier that it was made of."""

from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from commonweal import files
from commonweal.curation.checks.base import Check
from commonweal.curation.duck import quote
from commonweal.curation.layout import Layout
from commonweal.curation.public import PUBLIC, counting, standing
from commonweal.curation.public.specification import tables as specification


def run(con: duckdb.DuckDBPyConnection, layout: Layout, folder: Path, manifest: dict[str, Any]) -> list[Check]:
    """Needs the registered tier open on `con`, and its people counted (counting.load)."""
    gate = manifest["gate"]
    return [
        Check("public.tables", _unlike_the_specification(folder)),
        Check("public.numbers", _not_from_the_gate(con, folder, gate["min_cell"], gate["round_to"])),
        Check("public.true", _untrue(con, layout, folder, gate["round_to"])),
        Check("public.source", _another_source(layout, manifest)),
        Check("public.total", _another_total(con, folder, gate)),
    ]


def _unlike_the_specification(folder: Path) -> int:
    """Tables that are missing, too many, or have other columns than they should: a column too many could hold anything."""
    there = {p.name for p in (folder / "tables").iterdir()}
    wrong = len(there ^ specification().keys())
    for name in there & specification().keys():
        expected = specification()[name].schema
        wrong += any(not pq.read_schema(f).equals(expected) for f in (folder / "tables" / name).iterdir())
    return wrong


def _not_from_the_gate(con: duckdb.DuckDBPyConnection, folder: Path, min_cell: int, round_to: int) -> int:
    """Numbers of people that are small or not rounded."""
    bad = f"people IS NOT NULL AND people <> 0 AND (people <= {min_cell} OR people % {round_to} <> 0)"
    return sum(
        con.execute(f"SELECT count(*) FROM {_read(folder, name)} WHERE {bad}").fetchall()[0][0]
        for name in _there(folder)
    )


def _untrue(con: duckdb.DuckDBPyConnection, layout: Layout, folder: Path, round_to: int) -> int:
    """Numbers that are not the true ones rounded up, as they were when they were told."""
    kept = standing.load(layout.kept(PUBLIC)).groups.values()
    wrong = sum(
        row["people"] is not None and not 0 <= row["people"] - true < round_to
        for told in kept
        for row, true in zip(told.rows, told.exact, strict=True)
    )
    listed = sum(len(told.rows) for told in kept)
    released = sum(con.execute(f"SELECT count(*) FROM {_read(folder, n)}").fetchall()[0][0] for n in _there(folder))
    return wrong + (released > listed)


def _another_source(layout: Layout, manifest: dict[str, Any]) -> int:
    path = layout.tier(manifest["made_of"]["tier"]) / "manifest.json"
    return int(not path.exists() or files.sha256(path) != manifest["made_of"]["manifest"])


def _another_total(con: duckdb.DuckDBPyConnection, folder: Path, gate: dict[str, int]) -> int:
    """Whether the number of everybody is further from the truth than rounding and standing allow."""
    rows = con.execute(f"SELECT people FROM {_read(folder, 'totals')} WHERE \"group\" = 'everybody'").fetchall()
    true = counting.everybody(con)
    told = rows[0][0] if rows else None
    return int(told is not None and abs(told - true) >= gate["round_to"] + gate["min_cell"])


def _there(folder: Path) -> list[str]:
    return sorted(p.name for p in (folder / "tables").iterdir() if p.name in specification())


def _read(folder: Path, name: str) -> str:
    return f"read_parquet({quote(folder / 'tables' / name / '*.parquet')})"
