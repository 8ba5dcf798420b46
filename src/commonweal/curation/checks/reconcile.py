"""Do the figures add up: rows of the release are the raw rows less those that each rule says it removed."""

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from commonweal.curation import parts
from commonweal.curation.checks.base import Check
from commonweal.curation.engine import EXTENSIONS


def raw_rows(folder: Path) -> dict[str, int]:
    """The rows of each raw table of an extract, as its files themselves say."""
    return {
        place.name: sum(pq.read_metadata(file).num_rows for file in parts.files(place))
        for place in sorted(folder.iterdir())
        if place.is_dir()
    }


def released_rows(folder: Path) -> dict[str, int]:
    """The rows of each table of a tier, as its files themselves say."""
    return {
        place.name: sum(pq.read_metadata(file).num_rows for file in place.glob("*.parquet"))
        for place in sorted((folder / "tables").iterdir())
    }


def reconcile(raw: dict[str, int], counters: dict[str, list[dict[str, Any]]], released: dict[str, int]) -> list[Check]:
    """`raw` and `released`: rows by table; `counters`: what each rule did, in order, by table. Rows that do not add up.

    A raw table that no rule counted is adrift with all its rows, and an extension table where it has others than its own.
    """
    adrift = sum(rows for table, rows in raw.items() if table not in counters)
    for table, steps in counters.items():
        left = raw.get(table, 0)
        for step in steps:
            adrift += abs(step["rows_in"] - left)
            left = step["rows_out"]
        adrift += abs(left - released.get(table, 0))
        if beside := EXTENSIONS.get(table):
            adrift += abs(left - released.get(beside, left))
    return [Check("reconcile.rows", adrift)]


def again(raw: dict[str, int], manifest: dict[str, Any], released: dict[str, int]) -> list[Check]:
    """The same of a finished tier: raw rows less what the manifest says of each rule, against the rows of its files."""
    adrift = 0
    for table, rows in raw.items():
        steps = [rule["by_table"][table] for rule in manifest["rules"] if table in rule["by_table"]]
        adrift += abs(rows - sum(s["rows_in"] - s["rows_out"] for s in steps) - released.get(table, 0))
    told = {t["name"]: t["rows"] for t in manifest["tables"]}
    adrift += sum(abs(rows - told.get(table, 0)) for table, rows in released.items())
    return [Check("reconcile.rows", adrift)]
