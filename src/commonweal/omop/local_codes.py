"""A site's own codes: source-to-concept maps as the field writes them, and the code systems that they belong to.

In the protocol folder, all of it optional:
mappings/NAME.csv          for every site
mappings/SITE/NAME.csv     for one site; its word goes before that of every site, and both before the vocabulary
mappings/systems.toml      [systems] FHIR system URI -> source_vocabulary_id of the maps, or an OMOP vocabulary
                           units = [source_vocabulary_id, …]: maps whose codes are units

Columns of OMOP's source_to_concept_map: source_code, source_concept_id, source_vocabulary_id, source_code_description,
target_concept_id, target_vocabulary_id, valid_start_date, valid_end_date, invalid_reason. The custom mapping files of the
OHDSI community, which say concept_code and concept_name instead, are read as well. Codes count without regard to case,
units with it. Several rows of one code make several rows of OMOP. A target of 0 says that there is no concept for it.

Apart from the mapping, as every command that reads a protocol loads it, and few of them Arrow.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

EVERYWHERE = ""
_SPELLINGS = {"source_code": "concept_code", "source_code_description": "concept_name"}


@dataclass(frozen=True)
class LocalCodes:
    """The maps of a program: scope ('' or a site) -> rows of `code_row`; system URIs; the vocabularies that are units."""

    by_scope: Mapping[str, tuple[dict[str, Any], ...]] = field(default_factory=dict)
    systems: dict[str, str] = field(default_factory=dict)
    units: tuple[str, ...] = ()

    @property
    def scopes(self) -> tuple[str, ...]:
        """The sites that have maps of their own."""
        return tuple(sorted(scope for scope in self.by_scope if scope != EVERYWHERE))

    def rows(self) -> list[dict[str, Any]]:
        """All rows, in LOCAL_SCHEMA (of mapping/terms.py)."""
        return [{"scope": scope} | row for scope, rows in sorted(self.by_scope.items()) for row in rows]


NOTHING = LocalCodes()


def missing_columns(header: Iterable[str]) -> list[str]:
    """The columns that a map must have and `header` has not, under either spelling."""
    there = set(header)
    needed = ("source_code", "source_vocabulary_id", "target_concept_id")
    return [name for name in needed if name not in there and _SPELLINGS.get(name) not in there]


def code_row(row: Mapping[str, str | None]) -> dict[str, Any] | None:
    """One row of a map in LOCAL_SCHEMA without its scope; None where it is marked invalid. Raises ValueError, in words."""
    if (row.get("invalid_reason") or "").strip() or (row.get("invalid_reason_cr") or "").strip():
        return None
    word = (row.get("source_code") or row.get("concept_code") or "").strip()
    vocabulary = (row.get("source_vocabulary_id") or "").strip()
    if not word:
        raise ValueError("source_code is empty")
    if not vocabulary:
        raise ValueError("source_vocabulary_id is empty: name the vocabulary that this code belongs to")
    return {
        "vocabulary_id": vocabulary,
        "word": word,
        "code": word.lower(),
        "lead_id": _number(row, "target_concept_id"),
        "source_id": _number(row, "source_concept_id", 0),
    }


def _number(row: Mapping[str, str | None], column: str, otherwise: int | None = None) -> int:
    text = (row.get(column) or "").strip()
    if not text and otherwise is not None:
        return otherwise
    if not text.isdecimal():
        raise ValueError(f"{column} {text!r} is no concept id: write a number, 0 where there is no concept")
    return int(text)
