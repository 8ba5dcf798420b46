"""The declarations: how each table of the CDM is filled, which table a row belongs to, which concept a word of FHIR is.

tables/TABLE.toml    `from` (what the rows are taken from) and `fields`: column -> {is = SQL over it, rule = where it comes from}
routing.toml         domain of the standard concept -> table; kinds of resource that always, or failing a concept, go to one
words.csv            list, code, concept_id, source: visit classes, types of record, operators, statuses that void a row, …
"""

import csv
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Field:
    """`sql`: the expression over the rows that the table is taken from; `rule`: why, and by whose definition."""

    sql: str
    rule: str


@dataclass(frozen=True)
class Table:
    name: str
    source: str  # what stands after FROM
    fields: dict[str, Field]


@dataclass(frozen=True)
class Routing:
    """Where a row goes: by its kind of resource always, else by domain, else (no standard concept) where its kind is at home."""

    always: dict[str, str]
    domain: dict[str, str]
    natural: dict[str, str]
    measured: str  # table of laboratory and vital signs without a concept
    otherwise: str


@cache
def tables() -> dict[str, Table]:
    """Every table that is filled from events, in the order of their names."""
    return {path.stem: _table(path) for path in sorted((HERE / "tables").glob("*.toml"))}


def _table(path: Path) -> Table:
    read = tomllib.loads(path.read_text(encoding="utf-8"))
    source = read.get("from", f"map_linked WHERE goes_to = '{path.stem}' AND start IS NOT NULL")
    fields = {name: Field(said["is"], said["rule"]) for name, said in (_common() | read["fields"]).items()}
    return Table(path.stem, source, {name: f for name, f in fields.items() if name in _columns(path.stem)})


@cache
def _common() -> dict[str, dict[str, str]]:
    """Fields that mean the same in every table that has them."""
    return tomllib.loads((HERE / "common.toml").read_text(encoding="utf-8"))["fields"]


def _columns(table: str) -> set[str]:
    from commonweal.omop import tables as cdm

    return {column.name for column in cdm.tables()[table].columns}


@cache
def routing() -> Routing:
    read = tomllib.loads((HERE / "routing.toml").read_text(encoding="utf-8"))
    return Routing(read["always"], read["domain"], read["natural"], read["measured"], read["otherwise"])


@cache
def words(name: str) -> dict[str, int]:
    """One list of words.csv: code -> concept id (0 where the list only names codes)."""
    with open(HERE / "words.csv", newline="", encoding="utf-8") as file:
        return {row["code"]: int(row["concept_id"]) for row in csv.DictReader(file) if row["list"] == name}


def concepts() -> set[int]:
    """Every concept that words.csv names."""
    lists = ("visit_class", "admit_source", "discharge", "operator", "type", "status", "said")
    return {concept for name in lists for concept in words(name).values()}


def case(name: str, column: str, known: frozenset[int], otherwise: str = "0") -> str:
    """SQL: the concept of a list for the word in `column`; null where there is no word.

    `otherwise` where the list lacks the word; 0 where the vocabulary lacks the concept (`known` has those it has).
    """
    found = {code.lower(): concept if concept in known else 0 for code, concept in words(name).items()}
    whens = " ".join(f"WHEN '{code}' THEN {concept}" for code, concept in found.items())
    return f"CASE WHEN {column} IS NULL THEN NULL ELSE CASE lower({column}) {whens} ELSE {otherwise} END END"
