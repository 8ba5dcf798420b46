"""Which participants are compared with a patient at all: those who share a key, so that the work grows with the people.

Keys are a birth date with the beginning of a name; a birth date as it could be misspelt with the beginnings of given and
family name; a phone number; an e-mail address. A number that many share (a shelter's) is no key.
"""

from collections.abc import Callable, Iterable, Sequence

import duckdb
import pyarrow as pa

from commonweal.r4 import patients
from commonweal.r4.patients import PatientIdentity
from commonweal.vault.records.matching import births

LARGE_GROUP = 50  # participants who share one phone number or e-mail address; beyond it, it tells nobody from another
BEGINNING = 2  # letters of a name
_TEXTS = pa.list_(pa.string())
_PATIENTS = pa.schema(
    [("patient", pa.int64()), ("born", pa.date32())]
    + [(name, _TEXTS) for name in ("givens", "families", "phones", "emails")]
)

_NEAR = pa.schema([("born", pa.date32()), ("days", pa.list_(pa.date32()))])

_PARTICIPANT_KEYS = f"""
CREATE OR REPLACE TEMP VIEW participant_keys AS
WITH named AS (
    SELECT participant, born, g.starts AS givens, f.starts || coalesce(earlier.starts, []) AS families
    FROM participants JOIN given_starts AS g ON g.name = given JOIN family_starts AS f ON f.name = family
    LEFT JOIN (SELECT participant, flatten(list(starts)) AS starts
        FROM (SELECT participant, unnest(former) AS name FROM participants WHERE len(former) > 0)
        JOIN family_starts USING (name) GROUP BY 1) AS earlier USING (participant)
), reached AS (
    SELECT participant, regexp_replace(phone, '[^0-9]', '', 'g') AS digits, lower(trim(email)) AS email FROM participants
)
SELECT participant, hash('b', born, start) AS key
    FROM (SELECT participant, born, unnest(list_distinct(givens || families)) AS start FROM named)
UNION ALL SELECT participant, hash('n', born, given, family)
    FROM (SELECT participant, born, given, unnest(families) AS family
        FROM (SELECT participant, born, unnest(givens) AS given, families FROM named))
UNION ALL SELECT participant, hash('p', right(digits, 10)) FROM reached WHERE length(digits) >= 7
    QUALIFY count(*) OVER (PARTITION BY right(digits, 10)) <= {LARGE_GROUP}
UNION ALL SELECT participant, hash('e', email) FROM reached WHERE email LIKE '%_@_%'
    QUALIFY count(*) OVER (PARTITION BY email) <= {LARGE_GROUP}
"""
_PATIENT_KEYS = """
CREATE OR REPLACE TEMP VIEW patient_keys AS
WITH near AS (SELECT patient, unnest(days) AS day, givens, families FROM patients JOIN near_births USING (born)),
    given AS (SELECT patient, day, unnest(givens) AS given, families FROM near),
    named AS (SELECT patient, day, given, unnest(families) AS family FROM given)
SELECT patient, hash('b', born, start) AS key
    FROM (SELECT patient, born, unnest(list_distinct(givens || families)) AS start FROM patients)
UNION ALL SELECT patient, hash('n', day, given, family) FROM named
UNION ALL SELECT patient, hash('n', day, family, given) FROM named  -- given and family name may have changed places
UNION ALL SELECT patient, hash('p', right(phone, 10)) FROM (SELECT patient, unnest(phones) AS phone FROM patients)
UNION ALL SELECT patient, hash('e', email) FROM (SELECT patient, unnest(emails) AS email FROM patients)
"""


def pairs(con: duckdb.DuckDBPyConnection, identities: Sequence[PatientIdentity]) -> None:
    """Make the table `pairs` in `con`: patient (place in `identities`), participant; of the table `participants`."""
    _register_starts(con, "given_starts", "SELECT DISTINCT given FROM participants", _given_starts)
    _register_starts(con, "family_starts", _FAMILIES, lambda name: _starts(patients.surnames(name)))
    con.register("patients", pa.Table.from_pylist([_row(n, one) for n, one in enumerate(identities)], _PATIENTS))
    born = sorted({one.birth_date for one in identities if one.birth_date})
    near = [{"born": day, "days": sorted(births.near(day))} for day in born]
    con.register("near_births", pa.Table.from_pylist(near, _NEAR))
    con.execute(_PARTICIPANT_KEYS)
    con.execute(_PATIENT_KEYS)
    con.execute("""CREATE OR REPLACE TEMP TABLE pairs AS
        SELECT DISTINCT patient, participant FROM participant_keys JOIN (SELECT DISTINCT * FROM patient_keys) USING (key)
        ORDER BY patient, participant""")
    con.unregister("patients")


_FAMILIES = "SELECT family FROM participants UNION SELECT unnest(former) FROM participants"


def _register_starts(con: duckdb.DuckDBPyConnection, name: str, names: str, starts: Callable[[str], list[str]]) -> None:
    """Each name once: to fold a million people's names is to fold some hundred thousand."""
    distinct = con.execute(names).to_arrow_table().column(0)
    found = pa.array((starts(one.as_py()) for one in distinct), _TEXTS)
    con.register(name, pa.table([distinct, found], names=["name", "starts"]))


def _given_starts(name: str) -> list[str]:
    return _starts(patients.fold(name).split())


def _starts(parts: Iterable[str]) -> list[str]:
    return sorted({part[:BEGINNING] for part in parts})


def _row(number: int, one: PatientIdentity) -> dict[str, object]:
    return {
        "patient": number,
        "born": one.birth_date,
        "givens": _starts(part for name in one.givens for part in name.split()),
        "families": _starts([*(one.surnames or one.families), *one.former]),
        "phones": sorted(one.phones),
        "emails": sorted(one.emails),
    }
