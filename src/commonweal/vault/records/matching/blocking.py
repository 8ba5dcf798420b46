"""Which participants are compared with a patient at all: those who share a key, so that the work grows with the people.

Keys are a birth date with the beginning of a name; a birth date as it could be misspelt with the beginnings of given and
family name; a phone number; an e-mail address. A key that more than LARGE participants share (January 1 of a year, for
people whose birthday nobody wrote down; a shelter's number) is no key: it is narrowed by each further detail
(`narrowing`). So a patient meets few participants whatever the population, and pairs are made a bounded number at a time.
"""

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

import duckdb
import pyarrow as pa

from commonweal.r4.patients import PatientIdentity
from commonweal.vault.records.matching import births, narrowing
from commonweal.vault.records.matching.tokens import TEXTS, beginnings, of_patient, register_names

KEYS = 2_000_000  # keys of patients that are looked for at once
PAIRS = 25_000  # pairs that are compared at once; those of one patient stay together
MOST = 30  # beginnings of given names, of family names, phones and e-mail addresses of one patient; nobody has more
_PATIENTS = pa.schema(
    [("patient", pa.int32()), ("born", pa.date32())]
    + [(name, TEXTS) for name in ("givens", "families", "phones", "emails", "tokens")]
)
_Item = TypeVar("_Item")
_Row = dict[str, Any]
_NEAR = pa.schema([("born", pa.date32()), ("days", pa.list_(pa.date32()))])

_PARTICIPANT_KEYS = """
CREATE OR REPLACE TEMP TABLE participant_keys AS
WITH named AS (
    SELECT participant, born, g.starts AS givens, f.starts || coalesce(earlier.starts, []) AS families
    FROM participants JOIN given_names AS g ON g.name = given JOIN family_names AS f ON f.name = family
    LEFT JOIN (SELECT participant, flatten(list(starts)) AS starts
        FROM (SELECT participant, unnest(former) AS name FROM participants WHERE len(former) > 0)
        JOIN family_names USING (name) GROUP BY 1) AS earlier USING (participant)
)
SELECT participant, hash('b', born, start) AS key
    FROM (SELECT participant, born, unnest(list_distinct(givens || families)) AS start FROM named)
UNION ALL SELECT participant, hash('n', born, given, family)
    FROM (SELECT participant, born, given, unnest(list_distinct(families)) AS family
        FROM (SELECT participant, born, unnest(givens) AS given, families FROM named))
UNION ALL SELECT participant, hash('p', digits)
    FROM (SELECT participant, right(regexp_replace(phone, '[^0-9]', '', 'g'), 10) AS digits FROM participants)
    WHERE length(digits) >= 7
UNION ALL SELECT participant, hash('e', address)
    FROM (SELECT participant, lower(trim(email)) AS address FROM participants) WHERE address LIKE '%_@_%'
"""
_PATIENT_KEYS = """
CREATE OR REPLACE TEMP TABLE patient_keys AS
WITH near AS (SELECT patient, unnest(days) AS day, givens, families FROM patients JOIN near_births USING (born)),
    given AS (SELECT patient, day, unnest(givens) AS given, families FROM near),
    named AS (SELECT patient, day, given, unnest(families) AS family FROM given)
SELECT patient, hash('b', born, start) AS key
    FROM (SELECT patient, born, unnest(list_distinct(givens || families)) AS start FROM patients)
UNION ALL SELECT patient, hash('n', day, given, family) FROM named
-- given and family name may have changed places
UNION ALL SELECT patient, hash('n', day, family, given) FROM named WHERE given <> family
UNION ALL SELECT patient, hash('p', right(phone, 10)) FROM (SELECT patient, unnest(phones) AS phone FROM patients)
UNION ALL SELECT patient, hash('e', email) FROM (SELECT patient, unnest(emails) AS email FROM patients)
"""
# Only what both sides have is kept of either; how many pairs there will be is known before any is made.
_MET = """
CREATE OR REPLACE TEMP TABLE met AS SELECT participant, key FROM participant_keys SEMI JOIN patient_keys USING (key);
CREATE OR REPLACE TEMP TABLE asked AS SELECT patient, key, many FROM patient_keys
    JOIN (SELECT key, count(*) AS many FROM met GROUP BY key) USING (key);
DROP TABLE patient_keys
"""


def index(con: duckdb.DuckDBPyConnection) -> None:
    """Make the keys of the table `participants` in `con`: once, however many patients are looked for then."""
    register_names(con)
    con.execute(_PARTICIPANT_KEYS)
    narrowing.participants(con)
    for name in ("given_names", "family_names"):
        con.unregister(name)


def pairs(con: duckdb.DuckDBPyConnection, identities: Sequence[PatientIdentity]) -> Iterator[None]:
    """Make the table `pairs` in `con` again and again, each time of some patients: patient (place in `identities`), participant.

    No more than PAIRS of them, but for one patient who has more alone.
    """
    rows = [_row(n, one) for n, one in enumerate(identities)]
    for some in _cut(rows, list(map(_keys, rows)), KEYS):
        _meet(con, some)
        counts = con.execute("SELECT patient, sum(many)::BIGINT FROM asked GROUP BY 1 ORDER BY 1").fetchall()
        for part in _cut(counts, [many for _, many in counts], PAIRS):
            con.execute(f"""CREATE OR REPLACE TEMP TABLE pairs AS SELECT DISTINCT patient, participant
                FROM asked JOIN met USING (key) WHERE patient BETWEEN {part[0][0]} AND {part[-1][0]}""")
            yield


def _meet(con: duckdb.DuckDBPyConnection, rows: Sequence[_Row]) -> None:
    """Make `met` and `asked`: the keys that participants and these patients have in common."""
    born = sorted({row["born"] for row in rows if row["born"]})
    near = [{"born": day, "days": births.near(day)} for day in born]
    con.register("patients", pa.Table.from_pylist(rows, _PATIENTS))
    con.register("near_births", pa.Table.from_pylist(near, _NEAR))
    con.execute(_PATIENT_KEYS)
    narrowing.patients(con)
    con.execute(_MET)
    for name in ("patients", "near_births"):
        con.unregister(name)


def _keys(row: _Row) -> int:
    """About how many keys a patient has."""
    return 1 + 2 * len(row["givens"]) * len(row["families"]) * len(births.near(row["born"]) if row["born"] else ())


def _cut(items: Sequence[_Item], sizes: Sequence[int], most: int) -> Iterator[Sequence[_Item]]:
    """Neighbours together whose sizes add up to `most` at the most, or one alone."""
    start = total = 0
    for place, size in enumerate(sizes):
        if total + size > most and place > start:
            yield items[start:place]
            start, total = place, 0
        total += size
    if items:
        yield items[start:]


def _row(number: int, one: PatientIdentity) -> _Row:
    return {
        "patient": number,
        "born": one.birth_date,
        "givens": beginnings(part for name in one.givens for part in name.split())[:MOST],
        "families": beginnings([*(one.surnames or one.families), *one.former])[:MOST],
        "phones": sorted(one.phones)[:MOST],
        "emails": sorted(one.emails)[:MOST],
        "tokens": of_patient(one),
    }
