"""The tables of the public tier, their columns, and what each of them means."""

import csv
from functools import cache
from pathlib import Path

from commonweal.omop.tables import Column, Table


@cache
def _read() -> list[dict[str, str]]:
    with open(Path(__file__).with_name("specification.csv"), newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@cache
def tables() -> dict[str, Table]:
    """Every table of the public tier, by name. All columns are public."""
    found: dict[str, list[Column]] = {}
    for row in _read():
        column = Column(row["column"], row["type"], row["required"] == "1", "public")
        found.setdefault(row["table"], []).append(column)
    return {name: Table(name, tuple(columns)) for name, columns in found.items()}


@cache
def meanings() -> dict[tuple[str, str], str]:
    """(table, column) -> what it means."""
    return {(row["table"], row["column"]): row["meaning"] for row in _read()}
