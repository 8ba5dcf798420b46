"""The suppression lists that another program published, beside ours: what ours find of them, and what more (tests, benchmark).

Reads `shared/data`; nothing of it is in this repository. `compare` answers one row for each published topic and vocabulary.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow as pa

from commonweal.curation import suppression
from commonweal.curation.rules import suppress
from commonweal.protocol.privacy import TierPrivacy

OF_TIER = {"registered": ("src_concept_ids_suppression", "rt_additional"), "controlled": ("ct_additional",)}
NAMES = ("ICD9CM", "ICD10CM", "ICD9Proc", "ICD10PCS", "CPT4", "HCPCS", "SNOMED", "LOINC", "PPI", "CVX", "CIEL", "Race")
SPELT = {name.lower(): name for name in NAMES} | {"cms place of service": "CMS Place of Service"}
WAYS = ("id", "code", "name", "descent")


@dataclass(frozen=True)
class Listed:
    topic: str
    vocabulary: str
    code: str
    name: str
    concept: int


@dataclass
class Row:
    """`by`: way -> concepts that it finds; `missed`: codes that nothing finds."""

    topic: str
    vocabulary: str
    listed: int = 0
    found: int = 0
    by: dict[str, int] = field(default_factory=lambda: dict.fromkeys(WAYS, 0))
    missed: list[str] = field(default_factory=list)


def published(data: Path, *parts: str) -> set[Listed]:
    """The concepts of the files whose names hold one of `parts`, each once for a topic."""
    return {
        row for file in sorted(data.rglob("*.csv")) if any(part in file.name for part in parts) for row in _read(file)
    }


def _read(file: Path) -> Iterator[Listed]:
    with file.open(newline="", encoding="utf-8-sig") as lines:
        for row in csv.DictReader(lines):
            topic = row.get("rule") or row.get("privacy_rule") or file.stem
            vocabulary = row.get("vocabulary_id") or "PPI"
            code, name = row["concept_code"] or "", row.get("concept_name") or ""
            spelt = SPELT.get(vocabulary.lower(), vocabulary)
            yield Listed(topic.removesuffix(".csv"), spelt, code, name, int(row["concept_id"]))


def found(privacy: TierPrivacy, rows: set[Listed], ancestors: pa.Table | None = None) -> dict[str, set[int]]:
    """way -> the concepts among `rows` that our lists find by it; `ancestors`: concept_ancestor, where it is at hand."""
    con = duckdb.connect()
    one = {row.concept: row for row in sorted(rows, key=lambda row: (row.concept, row.name))}.values()
    columns = {
        "concept_id": [row.concept for row in one],
        "vocabulary_id": [row.vocabulary for row in one],
        "concept_code": [row.code for row in one],
        "concept_name": [row.name for row in one],
    }
    con.register("concept", pa.table(columns))
    empty = pa.table({n: pa.array([], pa.int64()) for n in ("ancestor_concept_id", "descendant_concept_id")})
    con.register("concept_ancestor", empty if ancestors is None else ancestors)
    ways = (suppression.by_id, suppression.by_code, suppression.by_name, suppression.by_descent)
    said = {
        way: {n for query in of(privacy) for (n,) in con.execute(query).fetchall()}
        for way, of in zip(WAYS, ways, strict=True)
    }
    said["code"] |= {row.concept for row in one if row.vocabulary == "PPI" and suppress.is_suppressed(row.code)}
    return said


def compare(privacy: TierPrivacy, rows: set[Listed], ancestors: pa.Table | None = None) -> list[Row]:
    said, table = found(privacy, rows, ancestors), dict[tuple[str, str], Row]()
    for row in sorted(rows, key=lambda row: (row.topic, row.vocabulary, row.code)):
        line = table.setdefault((row.topic, row.vocabulary), Row(row.topic, row.vocabulary))
        ways = [way for way in WAYS if row.concept in said[way]]
        line.listed += 1
        line.found += bool(ways)
        for way in ways:
            line.by[way] += 1
        if not ways:
            line.missed.append(row.code)
    return list(table.values())


def recall(rows: list[Row], vocabulary: str) -> float:
    """Of all that was published in a vocabulary, the part that ours find; 1 where nothing was."""
    mine = [row for row in rows if row.vocabulary == vocabulary]
    return sum(row.found for row in mine) / (sum(row.listed for row in mine) or 1)


def extra(privacy: TierPrivacy, rows: set[Listed], codes: Path, vocabulary: str) -> tuple[int, int]:
    """Of a whole table of ICD codes: how many our patterns take, and how many of these nobody published."""
    con = duckdb.connect()
    listed = pa.table({"code": sorted({row.code for row in rows if row.vocabulary == vocabulary})})
    con.register("listed", listed)
    key = con.execute(f"DESCRIBE FROM '{codes}'").fetchall()[0][0]
    digits = f"CASE WHEN '{vocabulary}' = 'ICD9CM' AND raw[1] = 'E' THEN 4 ELSE 3 END"
    con.execute(f"""
    CREATE TABLE concept AS
    SELECT row_number() OVER () AS concept_id, '{vocabulary}' AS vocabulary_id, NULL::VARCHAR AS concept_name,
           CASE WHEN contains(raw, '.') OR length(raw) <= {digits} THEN raw
                ELSE raw[1:{digits}] || '.' || raw[{digits} + 1:] END AS concept_code
    FROM (SELECT DISTINCT {key} AS raw FROM '{codes}')""")
    taken = " UNION ".join(suppression.by_code(privacy))
    query = f"SELECT count(*), count(*) FILTER (concept_code NOT IN (FROM listed)) FROM concept WHERE concept_id IN ({taken})"
    (count, more) = con.execute(query).fetchall()[0]
    return count, more
