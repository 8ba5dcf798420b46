"""mappings/: the codes that a program's sites made for themselves, mapped to standard concepts (see omop/local_codes.py).

mappings/NAME.csv is for every site, mappings/SITE/NAME.csv for one; mappings/systems.toml says which code system of FHIR
is which vocabulary of the maps. All of it is optional: a program whose sites use the field's vocabularies needs none.
"""

import csv
import io
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from commonweal.omop.local_codes import EVERYWHERE, LocalCodes, code_row, missing_columns
from commonweal.protocol.base import Model, Problem
from commonweal.protocol.reading import read_toml, read_words

FOLDER = "mappings"
SYSTEMS = f"{FOLDER}/systems.toml"


class SystemsFile(Model):
    """`systems`: FHIR system URI -> source_vocabulary_id, or an OMOP vocabulary; `units`: vocabularies of units."""

    systems: dict[str, str] = {}
    units: tuple[str, ...] = ()


def read_mappings(folder: Path, sites: Collection[str], problems: list[Problem]) -> LocalCodes:
    """The maps of a protocol folder; problems: a folder that is no site, a map without its columns, a row that is none."""
    if not (folder / FOLDER).is_dir():
        return LocalCodes()
    named = read_toml(folder, SYSTEMS, SystemsFile, problems, ()) if (folder / SYSTEMS).is_file() else SystemsFile()
    by_scope: dict[str, dict[tuple[Any, ...], dict[str, Any]]] = {}
    for scope, name in _maps(folder):
        if scope != EVERYWHERE and scope not in sites:
            problems.append(
                Problem(name, 0, f"there is no site '{scope}' in partners.toml: name the folder as a site is named")
            )
        for row in _rows(folder, name, problems):
            by_scope.setdefault(scope, {})[tuple(row.values())] = row
    systems = named or SystemsFile()
    return LocalCodes({scope: tuple(rows.values()) for scope, rows in by_scope.items()}, systems.systems, systems.units)


def _maps(folder: Path) -> Iterator[tuple[str, str]]:
    """(scope, file name within the protocol) of each map."""
    for path in sorted((folder / FOLDER).rglob("*")):
        inside = path.relative_to(folder / FOLDER).parts
        if path.is_file() and path.suffix in (".csv", ".tsv") and not path.name.startswith("."):
            yield (inside[0] if len(inside) > 1 else EVERYWHERE), "/".join((FOLDER, *inside))


def _rows(folder: Path, name: str, problems: list[Problem]) -> Iterator[dict[str, Any]]:
    text = read_words(folder, name, problems)
    if text is None:
        return
    head = text.split("\n", 1)[0]
    reader = csv.DictReader(io.StringIO(text), delimiter="\t" if "\t" in head else ",")
    if missing := missing_columns(reader.fieldnames or ()):
        problems.append(
            Problem(name, 1, f"there is no column {missing[0]}: a map has the columns of source_to_concept_map")
        )
        return
    try:
        for row in reader:
            if (read := _row(row, name, reader.line_num, problems)) is not None:
                yield read
    except csv.Error as error:
        problems.append(Problem(name, reader.line_num, f"no CSV: {error}"))


def _row(row: dict[str, Any], name: str, line: int, problems: list[Problem]) -> dict[str, Any] | None:
    if None in row or None in row.values():
        problems.append(Problem(name, line, "this row has another number of cells than the header"))
        return None
    try:
        return code_row(row)
    except ValueError as error:
        problems.append(Problem(name, line, str(error)))
        return None
