"""The columns of the vocabulary tables, and how the many spellings of their files become one."""

import re

from commonweal.omop.tables import tables as cdm_tables

TABLES = ("concept", "concept_relationship", "concept_ancestor", "concept_synonym", "vocabulary")

COLUMNS: dict[str, dict[str, str]] = {
    "concept": {
        "concept_id": "BIGINT",
        "concept_name": "VARCHAR",
        "domain_id": "VARCHAR",
        "vocabulary_id": "VARCHAR",
        "concept_class_id": "VARCHAR",
        "standard_concept": "VARCHAR",
        "concept_code": "VARCHAR",
        "valid_start_date": "DATE",
        "valid_end_date": "DATE",
        "invalid_reason": "VARCHAR",
    },
    "concept_relationship": {
        "concept_id_1": "BIGINT",
        "concept_id_2": "BIGINT",
        "relationship_id": "VARCHAR",
        "valid_start_date": "DATE",
        "valid_end_date": "DATE",
        "invalid_reason": "VARCHAR",
    },
    "concept_ancestor": {
        "ancestor_concept_id": "BIGINT",
        "descendant_concept_id": "BIGINT",
        "min_levels_of_separation": "BIGINT",
        "max_levels_of_separation": "BIGINT",
    },
    "concept_synonym": {
        "concept_id": "BIGINT",
        "concept_synonym_name": "VARCHAR",
        "language_concept_id": "BIGINT",
    },
    "vocabulary": {
        "vocabulary_id": "VARCHAR",
        "vocabulary_name": "VARCHAR",
        "vocabulary_reference": "VARCHAR",
        "vocabulary_version": "VARCHAR",
        "vocabulary_concept_id": "BIGINT",
    },
}

KEYS: dict[str, tuple[str, ...]] = {
    "concept": ("concept_id",),
    "concept_relationship": ("concept_id_1", "concept_id_2", "relationship_id"),
    "concept_ancestor": ("ancestor_concept_id", "descendant_concept_id"),
    "concept_synonym": ("concept_id", "concept_synonym_name"),
    "vocabulary": ("vocabulary_id",),
}

# What two sources may not say differently of one key; other columns (names, validity) may differ, the first one stays.
IDENTITY: dict[str, tuple[str, ...]] = {
    "concept": ("vocabulary_id", "concept_code", "domain_id", "standard_concept"),
    "concept_relationship": (),
    "concept_ancestor": (),
    "concept_synonym": (),
    "vocabulary": (),
}

_BY_PLAIN_NAME = {name.replace("_", ""): name for name in TABLES}


def table_of(file_name: str) -> str | None:
    """The table that a file holds by its name: CONCEPT.csv, conceptAncestor.csv.gz, concept_seed.csv.gz; else None."""
    match = re.fullmatch(r"(.+?)\.(csv|tsv|txt)(\.gz)?", file_name.lower())
    return _BY_PLAIN_NAME.get(match[1].removesuffix("_seed").replace("_", "")) if match else None


def types_of_release(table: str) -> dict[str, str]:
    """The columns that the CDM gives this table, name to type, for those who compare."""
    return {column.name: column.type for column in cdm_tables()[table].columns}
