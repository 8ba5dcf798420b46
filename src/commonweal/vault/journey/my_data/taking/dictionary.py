"""What each table and column holds, in both languages: from `dictionary.txt`."""

from functools import lru_cache
from pathlib import Path

LANGUAGES = ("en", "es")


@lru_cache(maxsize=1)
def _words() -> dict[str, dict[str, str]]:
    found = {}
    for line in (Path(__file__).parent / "dictionary.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            name, *words = (part.strip() for part in line.split(" | "))
            found[name] = dict(zip(LANGUAGES, words, strict=True))
    return found


def of_column(table: str, column: str, language: str) -> str:
    """Raises KeyError for a column that nobody has explained."""
    words = _words()
    return (words.get(f"{table}.{column}") or words[column])[language]


def of_table(table: str, language: str) -> str:
    """Raises KeyError for a table that nobody has explained."""
    return _words()[f"table:{table}"][language]
