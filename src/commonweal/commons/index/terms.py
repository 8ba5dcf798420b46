"""The words of a release's vocabulary: full-text search by name, synonym and code, and what is broader and narrower.

One SQLite file with an FTS5 table; a copy of the concept tables of the release and nothing else.
"""

import re
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from threading import local
from typing import Any

from commonweal.commons.index.layout import TERMS
from commonweal.commons.release import Release

_SCHEMA = """
CREATE TABLE concept (concept_id INTEGER PRIMARY KEY, concept_name TEXT, domain_id TEXT, vocabulary_id TEXT,
                      concept_code TEXT, standard_concept TEXT);
CREATE INDEX by_code ON concept (concept_code COLLATE NOCASE);
CREATE TABLE broader (concept_id INTEGER, parent INTEGER, PRIMARY KEY (parent, concept_id)) WITHOUT ROWID;
CREATE INDEX by_child ON broader (concept_id);
CREATE VIRTUAL TABLE words USING fts5(name, synonyms, code, content='', prefix='2 3', tokenize='unicode61 remove_diacritics 2');
"""
COLUMNS = ("concept_id", "concept_name", "domain_id", "vocabulary_id", "concept_code")
_WORD = re.compile(r"\w+")
_AT_ONCE = 10_000


def save_terms(release: Release, folder: Path) -> bool:
    """Writes the file, where the release has a concept table; whether it has one."""
    if not release.has("concept"):
        return False
    con = sqlite3.connect(folder / TERMS, isolation_level=None)
    con.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;" + _SCHEMA)
    con.execute("BEGIN")
    synonyms = _synonyms(release)
    columns = [*COLUMNS, "standard_concept"]
    chosen = ", ".join(c if release.has("concept", c) else f"NULL AS {c}" for c in columns)
    for row in _rows(release, f"SELECT {chosen} FROM concept ORDER BY concept_id"):
        con.execute("INSERT OR IGNORE INTO concept VALUES (?, ?, ?, ?, ?, ?)", row)
        words = (row[0], row[1], synonyms.get(row[0], ""), row[4])
        con.execute("INSERT INTO words (rowid, name, synonyms, code) VALUES (?, ?, ?, ?)", words)
    if release.has("concept_ancestor", "min_levels_of_separation"):
        direct = "SELECT DISTINCT descendant_concept_id, ancestor_concept_id FROM concept_ancestor"
        direct += " WHERE min_levels_of_separation = 1 ORDER BY ALL"
        con.executemany("INSERT INTO broader VALUES (?, ?)", _rows(release, direct))
    con.execute("INSERT INTO words (words) VALUES ('optimize')")
    con.execute("COMMIT")
    con.close()
    return True


def _rows(release: Release, sql: str) -> Iterable[tuple[Any, ...]]:
    with release.cursor() as cursor:
        cursor.execute(sql)
        while rows := cursor.fetchmany(_AT_ONCE):
            yield from rows


def _synonyms(release: Release) -> dict[int, str]:
    if not release.has("concept_synonym"):
        return {}
    listed = "SELECT concept_id, string_agg(concept_synonym_name, '; ' ORDER BY concept_synonym_name)"
    return dict(_rows(release, f"{listed} FROM concept_synonym GROUP BY 1"))  # type: ignore[arg-type]


class Terms:
    """The file in `folder`, opened once a thread and never written."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / TERMS
        self._open = local()

    def search(self, text: str, domains: Iterable[str] = (), limit: int = 20) -> list[dict[str, Any]]:
        """Concepts of which a word of the name, a synonym or the code begins with each word of `text`.

        First those whose code, id or whole name it is; then by how well they match (bm25), short names before long ones.
        """
        words = _WORD.findall(text)
        if not words:
            return []
        matched = " ".join(f'"{word}"*' for word in words)
        asked = tuple(domains)
        only = f"AND c.domain_id IN ({', '.join('?' * len(asked))})" if asked else ""
        whole = text.strip()
        found = self._connection.execute(
            f"""
            SELECT {", ".join("c." + column for column in COLUMNS)} FROM (
                SELECT rowid AS id, bm25(words, 8, 3, 6) AS rank FROM words WHERE words MATCH ?
                UNION ALL SELECT concept_id, -1e9 FROM concept WHERE concept_code = ? COLLATE NOCASE OR concept_id = ?
            ) f JOIN concept c ON c.concept_id = f.id WHERE true {only}
            GROUP BY c.concept_id
            ORDER BY c.concept_name = ? COLLATE NOCASE DESC, round(min(f.rank), 1), length(c.concept_name), c.concept_id
            LIMIT ?""",
            (matched, whole, int(whole) if whole.isdecimal() and len(whole) < 12 else None, *asked, whole, limit),
        )
        return [dict(zip(COLUMNS, row, strict=True)) for row in found]

    def broader(self, concept: int) -> list[dict[str, Any]]:
        """The concepts directly above one, by name."""
        return self._beside("b.parent", "b.concept_id", concept)

    def narrower(self, concept: int) -> list[dict[str, Any]]:
        """The concepts directly below one, by name."""
        return self._beside("b.concept_id", "b.parent", concept)

    def _beside(self, wanted: str, given: str, concept: int) -> list[dict[str, Any]]:
        columns = ", ".join("c." + column for column in COLUMNS)
        sql = f"SELECT {columns} FROM broader b JOIN concept c ON c.concept_id = {wanted} WHERE {given} = ?"
        rows = self._connection.execute(f"{sql} ORDER BY c.concept_name, c.concept_id", (concept,))
        return [dict(zip(COLUMNS, row, strict=True)) for row in rows]

    @property
    def _connection(self) -> sqlite3.Connection:
        if not hasattr(self._open, "con"):
            self._open.con = sqlite3.connect(f"file:{self._path}?mode=ro&immutable=1", uri=True)
        return self._open.con
