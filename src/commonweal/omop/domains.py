"""The domain that the concepts of a column must be of, as OMOP CDM 5.4 says (fkDomain of its field specification)."""

import csv
from functools import cache
from pathlib import Path


@cache
def domains() -> dict[tuple[str, str], frozenset[str]]:
    """(table, column) -> domains; columns whose concepts may be of any domain are not in it."""
    with open(Path(__file__).with_name("domains.csv"), newline="", encoding="utf-8") as file:
        return {(row["table"], row["column"]): frozenset(_split(row["domain"])) for row in csv.DictReader(file)}


def _split(text: str) -> list[str]:
    return [one.strip() for one in text.split(",")]
