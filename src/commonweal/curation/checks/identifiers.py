"""A scan of a release for identifiers of anyone in the vault, released or not: in strings, numbers, names of files, words
that files hold beside their rows, and the manifest.

Every distinct string is compared whole, and word by word, with names, addresses, e-mail, phone and record numbers and the
program's own ids. Codes and names of the public vocabulary, and the words of a closed list, are not anyone's words.
What a release says of itself (cdm_source, names of files, the manifest) is told by the program, not by data. There the
digits of a text are not put together to a number, nor those of a word: the name of the release 2026Q4R1 would be the record
number 202641, and the day of its vocabulary one of eight digits, which somebody among a million people has. A number as it is
written is found there as well.
Numbers are compared from `scan.LARGE` on: with the program's numbers of anybody, and with their own person's record
numbers, phone and research id of the other tier. Smaller ones (a vault's internal numbers count from 1) cannot be told
from measures; columns of ids hold none, as the checks of structure prove.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from commonweal.curation.checks import scan
from commonweal.curation.checks.base import Check, Subject
from commonweal.omop.tables import Table

SHORTEST_NAME, SHORTEST_NUMBER = 3, 6  # shorter ones would meet codes by chance
DATA, ITSELF, PROSE = "data", "itself", "prose"
"""Kinds of text: of released rows; what the release says of itself in a table; and in its files and manifest, where a name
alone is a word like any other."""
_SPLIT = r"[\s,;|()\[\]{}\"''/\\]+"
# Of each string the whole, its words, and, of data, the digits of both; `whole` may be a name.
_CANDIDATES = f"""
CREATE OR REPLACE TEMP TABLE candidates AS
WITH lower_case AS (SELECT DISTINCT v, kind, lower(trim(v)) AS low FROM told WHERE v IS NOT NULL),
split AS (SELECT v, kind, unnest(regexp_split_to_array(low, '{_SPLIT}')) AS word FROM lower_case),
every AS (SELECT v, low AS c, kind <> '{PROSE}' AS whole FROM lower_case
  UNION ALL SELECT v, regexp_replace(low, '\\D', '', 'g'), false FROM lower_case WHERE kind = '{DATA}'
  UNION ALL SELECT v, word, false FROM split
  UNION ALL SELECT v, regexp_replace(word, '\\D', '', 'g'), false FROM split WHERE kind = '{DATA}')
SELECT v, c, bool_or(whole) AS whole FROM every WHERE length(c) >= {SHORTEST_NAME} GROUP BY ALL
"""
# Candidates are few and people many: these are read once, and nothing is kept of them.
_HIT = f"""
SELECT DISTINCT c.v FROM incoming s JOIN candidates c ON c.c = lower(trim(s.v))
WHERE CASE WHEN $names THEN c.whole ELSE length(c.c) >= {SHORTEST_NUMBER} END"""


def identifiers(subject: Subject) -> list[Check]:
    """How many distinct strings, and numbers, of the release hold an identifier; both must be 0."""
    con = subject.con
    con.execute(f"CREATE OR REPLACE TEMP TABLE told AS {_strings(subject)}")
    beside = pa.table({"v": pa.array(sorted(set(_beside(subject.folder))), pa.string())})
    con.register("beside", beside)
    con.execute(f"INSERT INTO told SELECT v, '{PROSE}' FROM beside")
    con.unregister("beside")
    return [Check("identifiers.scan", len(held(con))), Check("identifiers.numbers", _numbers(subject))]


def held(con: duckdb.DuckDBPyConnection, known: Iterator[tuple[bool, pa.Table]] | None = None) -> set[str]:
    """The strings of `told(v, kind)` that are, or hold, something of somebody; `kind`: DATA, ITSELF or PROSE.

    `known`: (whether they are names, which count as wholes only; table with a column v), by default of the vault.
    """
    con.execute(_CANDIDATES)
    found: set[str] = set()
    for names, table in known or vault(con):
        con.register("incoming", table)
        found |= {v for (v,) in con.execute(_HIT, {"names": names}).fetchall()}
        con.unregister("incoming")
    return found


def vault(con: duckdb.DuckDBPyConnection) -> Iterator[tuple[bool, pa.Table]]:
    """Names and addresses (true), then numbers and e-mails (false), of everyone in the vault, table by table."""
    from commonweal.vault import columns

    profiles = columns.read("SELECT DISTINCT given_name, family_name, address_line FROM people_profile")
    for name in profiles.column_names:
        yield True, pa.table({"v": profiles[name]})
    yield True, pa.table({"v": pc.binary_join_element_wise(profiles["given_name"], profiles["family_name"], " ")})
    for query in (
        "SELECT DISTINCT email, phone FROM people_profile",
        "SELECT participant_id, biobank_id, external_id, uuid FROM people_participant",
        "SELECT DISTINCT record_number FROM people_pairing",
        "SELECT email FROM people_account",
    ):
        table = columns.read(query)
        for name in table.column_names:
            yield False, _forms(con, table, name)


_MORE = {"uuid": "CAST(uuid AS UUID)::VARCHAR"} | {
    name: f"regexp_replace({name}, '\\D', '', 'g')" for name in ("phone", "participant_id", "biobank_id")
}


def _forms(con: duckdb.DuckDBPyConnection, table: pa.Table, name: str) -> pa.Table:
    """A kind of number as it is kept; of some also its digits alone, or with the hyphens that it is written with."""
    more = f" UNION ALL SELECT {_MORE[name]} FROM found" if name in _MORE else ""
    con.register("found", table.select([name]))
    forms = con.execute(f"SELECT {name} AS v FROM found{more}").to_arrow_table()
    con.unregister("found")
    return forms


_OF_ITSELF = "cdm_source"


def _strings(subject: Subject) -> str:
    """SQL of every distinct string of all tables but the vocabulary's, less the vocabulary's codes and closed words."""
    parts = ["SELECT NULL::VARCHAR AS v, '' AS kind WHERE false"]
    for spec in subject.specs:
        kind = ITSELF if spec.name == _OF_ITSELF else DATA
        parts += [f"SELECT DISTINCT {name}, '{kind}' FROM {place}" for name, place in _places(subject, spec)]
    codes = "SELECT concept_code FROM rel_concept"
    return f"SELECT DISTINCT v, kind FROM ({' UNION ALL '.join(parts)}) WHERE v NOT IN ({codes})"


def _places(subject: Subject, spec: Table) -> Iterator[tuple[str, str]]:
    """The string columns of a table that anything stands in, and where to read them."""
    if scan.is_vocabulary(spec) and spec.name != _OF_ITSELF:
        return
    for column in spec.columns:
        if column.type == "string" and column.privacy != "device_word" and subject.seen[spec.name].filled[column.name]:
            yield column.name, f"{'words' if column.name in scan.words(spec) else 'rel'}_{spec.name}"


def _beside(folder: Path) -> Iterator[str]:
    """What stands in a release beside its rows: names of files, what Parquet files say of themselves, the manifest."""
    for path in sorted(folder.rglob("*")):
        yield f"{path.relative_to(folder)} {path.stem}"
        if path.suffix == ".parquet":
            about = pq.read_metadata(path)
            yield from (str(about.created_by), *about.schema.names)
            yield from (text.decode("utf-8", "replace") for pair in (about.metadata or {}).items() for text in pair)
    for name in ("manifest.json", "figures.json", "dictionary.json"):
        if (folder / name).exists():
            yield from _texts(orjson.loads((folder / name).read_bytes()))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
    elif isinstance(value, str) and not re.fullmatch(r"[0-9a-f]{64}", value):
        yield value


def _numbers(subject: Subject) -> int:
    """Large numbers that are a number of the program's, or of their own person."""
    from commonweal.vault import columns

    pairs = [pair for seen in subject.seen.values() for pair in seen.numbers]
    if not pairs:
        return 0
    con = subject.con
    con.register("large", pa.table({"person": [p for p, _ in pairs], "v": [str(v) for _, v in pairs]}))
    con.register(
        "people_told", columns.read("SELECT id AS participant, participant_id, biobank_id FROM people_participant")
    )
    con.register(
        "pairings_told", columns.read("SELECT participant_id AS participant, record_number FROM people_pairing")
    )
    con.register("profiles_told", columns.read("SELECT participant_id AS participant, phone FROM people_profile"))
    found = subject.number("""
    WITH own AS (SELECT DISTINCT l.v, x.participant, x.other FROM large l LEFT JOIN xw x ON x.research_id = l.person),
    taken AS (SELECT regexp_replace(unnest([participant_id, biobank_id]), '\\D', '', 'g') AS v FROM people_told)
    SELECT count(*) FROM own WHERE v IN (FROM taken) OR v = other::VARCHAR
      OR (participant, v) IN (SELECT (participant, regexp_replace(record_number, '\\D', '', 'g')) FROM pairings_told)
      OR (participant, v) IN (SELECT (participant, regexp_replace(phone, '\\D', '', 'g')) FROM profiles_told)""")
    for name in ("large", "people_told", "pairings_told", "profiles_told"):
        con.unregister(name)
    return found
