"""The header of a table's file: how its columns are parted, and which column of the model each of them is."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from commonweal.omop.submission import Column, Table
from commonweal.vault.records.tables.troubles import Troubles

DELIMITERS = (",", "\t", ";", "|")


@dataclass(frozen=True)
class Header:
    """`cells`: how many each line has. `places`: column of the model -> place in the line from 0."""

    delimiter: str
    cells: int
    places: Mapping[str, int]


def of_line(line: bytes, table: Table, troubles: Troubles, file: int) -> Header | None:
    """The header that the first line is; None, and told, where the file cannot be used."""
    text = line.decode("utf-8", "replace").rstrip("\r\n")
    known = _by_name(table)
    best = max(DELIMITERS, key=lambda mark: sum(name in known for name in _names(text, mark)))
    names = _names(text, best)
    if not any(name in known for name in names):
        troubles.tell("no_header", table.name, places=[(file, 1)])
        return None
    if best != ",":
        troubles.tell("delimiter", table.name, places=[(file, 1)])
    places = of_names(names, table, troubles, file)
    return None if places is None else Header(best, len(names), places)


def of_names(names: Sequence[str], table: Table, troubles: Troubles, file: int) -> dict[str, int] | None:
    """Where each column of the model is among `names`; None, and told, where what every row needs is missing."""
    known, places = _by_name(table), {}
    withheld = {c.name for c in table.columns if c.type == "withheld"}
    for number, name in enumerate(names):
        column = known.get(name)
        if column is None:
            troubles.tell("column_not_known", table.name, _safe(name), places=[(file, 1)])
        elif column.name in places:
            troubles.tell("column_twice", table.name, column.name, places=[(file, 1)])
        elif column.name not in withheld:
            places[column.name] = number
    missing = [c for c in table.kept if c.required and c.name not in places]
    for column in missing:
        code = "key_column_missing" if is_vital(column, table) else "column_missing"
        troubles.tell(code, table.name, column.name, places=[(file, 1)])
    return None if any(is_vital(column, table) for column in missing) else places


def is_vital(column: Column, table: Table) -> bool:
    """Whether a row without it cannot be used: its key, its person, its day; in the tables of who a person is, all that is required."""
    own = column.key == "id" or column.name == "person_id" or column == table.start
    return own or (column.required and not column.is_concept and column != table.end and column.key == "")


def _by_name(table: Table) -> dict[str, Column]:
    return {c.name: c for c in table.columns} | {c.before: c for c in table.columns if c.before}


def _names(text: str, delimiter: str) -> list[str]:
    return _lowered(next(csv.reader([text], delimiter=delimiter), []))


def _lowered(names: Iterable[str]) -> list[str]:
    return [name.strip().lower() for name in names]


def _safe(name: str) -> str:
    """A column's name as it may stand in a report: a header that is no header may hold anything."""
    return name if name.isascii() and name.replace("_", "").isalpha() and len(name) <= 40 else "?"
