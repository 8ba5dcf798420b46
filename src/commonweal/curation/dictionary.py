"""The data dictionary of a tier: every column with its type, class, meaning, the rules that see to it, nulls and values.

The meaning of our own columns stands in `omop/meanings.csv`; an OMOP column is told by its name and table, as the Common
Data Model documents it. Numbers of distinct values are left out where they would count people or rows (ids, dates).
"""

import csv
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from commonweal import files
from commonweal.curation import public
from commonweal.curation.duck import quote
from commonweal.curation.layout import Layout
from commonweal.curation.public import specification
from commonweal.curation.tiers import TIERS
from commonweal.errors import BadInput
from commonweal.omop import tables as cdm

_COUNTED = ("clinical", "public", "source", "demographic", "device_word")


@cache
def _ours() -> dict[tuple[str, str], str]:
    with open(Path(cdm.__file__).with_name("meanings.csv"), newline="", encoding="utf-8") as file:
        return {(row["table"], row["column"]): row["meaning"] for row in csv.DictReader(file)}


FILE = "dictionary.json"


def write(folder: Path, manifest: dict[str, Any]) -> None:
    """Put the dictionary, without its numbers, into a tier that is being built; the manifest gets its digest."""
    files.save_json(folder / FILE, of(None, folder, manifest))
    manifest["dictionary"] = {"path": FILE, "sha256": files.sha256(folder / FILE)}


def of(con: duckdb.DuckDBPyConnection | None, folder: Path, manifest: dict[str, Any]) -> list[dict[str, Any]]:
    """One entry a column: table, column, type, required, privacy, meaning, rules; with `con` nulls and distinct values.

    Distinct values are None where they are not counted.
    """
    tier = manifest["tier"]
    specs = specification.tables() if tier == public.PUBLIC else cdm.tables()
    found = []
    for table in manifest["tables"]:
        spec = specs[table["name"]]
        wanted = [(c.name, c.privacy in _COUNTED) for c in spec.columns]
        counted = _counts(con, folder, table, wanted) if con is not None else [{}] * len(wanted)
        for column, numbers in zip(spec.columns, counted, strict=True):
            found.append(
                {
                    "table": spec.name,
                    "column": column.name,
                    "type": column.type,
                    "required": column.required,
                    "privacy": column.privacy,
                    "meaning": meaning(tier, spec.name, column.name),
                    "rules": _rules(tier, spec.name, column.privacy),
                }
                | numbers
            )
    return found


def meaning(tier: str, table: str, column: str) -> str:
    """In a sentence of ours, or where OMOP says it."""
    if tier == public.PUBLIC:
        return specification.meanings()[table, column]
    return (
        _ours().get((table, column))
        or f"OMOP Common Data Model 5.4: {column.replace('_', ' ')} of {table.replace('_', ' ')}"
    )


def _rules(tier: str, table: str, privacy: str) -> list[str]:
    """The rules of the tier that see to columns of this class, in this table."""
    if tier not in TIERS:
        return []
    sees = set(TIERS[tier].covers.get(privacy, ()))
    return [rule.id for _, rule in TIERS[tier].for_table(table) if rule.id in sees]


def _counts(
    con: duckdb.DuckDBPyConnection, folder: Path, table: dict[str, Any], columns: list[tuple[str, bool]]
) -> list[dict[str, int | None]]:
    """Nulls, and distinct values where they are counted; one scan of the table."""
    paths = ", ".join(quote(folder / file["path"]) for file in table["files"])
    asked = [f"count(*) - count({quoted(n)}), {f'count(DISTINCT {quoted(n)})' if c else 'NULL'}" for n, c in columns]
    row = con.execute(f"SELECT {', '.join(asked)} FROM read_parquet([{paths}])").fetchall()[0]
    return [{"nulls": row[2 * i], "distinct": row[2 * i + 1]} for i in range(len(columns))]


def quoted(name: str) -> str:
    return f'"{name}"'


def describe(home: Any, name: str, *, tier: str | None = None) -> dict[str, Any]:
    """The dictionary of each tier of a release (or of one), with numbers counted in its files.

    Raises BadInput for a release or tier that there is not.
    """
    layout = Layout(home, name)
    tiers = [tier] if tier else layout.require()
    found = {}
    for each in tiers:
        if each not in layout.require():
            raise BadInput(f"release {name}: it has no {each} tier")
        manifest = files.load_json(layout.tier(each) / "manifest.json")
        with duckdb.connect() as con:
            found[each] = of(con, layout.tier(each), manifest)
    text = "\n".join(line for each, entries in found.items() for line in [f"{name}, {each} tier", *map(_line, entries)])
    return {"release": name, "dictionary": found, "text": text}


def _line(entry: dict[str, Any]) -> str:
    rules = f" [{', '.join(entry['rules'])}]" if entry["rules"] else ""
    return f"  {entry['table']}.{entry['column']} ({entry['type']}, {entry['privacy']}): {entry['meaning']}{rules}"
