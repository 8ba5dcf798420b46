"""What a key that many share is narrowed by: a person's whole names, and the details beside name and birth date.

Both sides write them alike: w and a part of a name; a and the number of the house (all digits of a line that begins with
none); z and a ZIP code; p and a phone number; e and an e-mail address; r and a record number.
"""

import re
from collections.abc import Callable, Iterable

import duckdb
import pyarrow as pa

from commonweal.r4 import patients
from commonweal.r4.patients import PatientIdentity

BEGINNING = 2  # letters of a name
MOST = 30  # of one patient; a participant has about eight
AT_ONCE = 20_000  # names that are folded
TEXTS = pa.list_(pa.string())
_NAMES = pa.schema([("name", pa.string()), ("starts", TEXTS), ("tokens", TEXTS)])

# Of the participants in the table {people}; needs `participants`, given_names and family_names.
OF_PARTICIPANTS = r"""SELECT participant, list_distinct(list_filter([
        'a' || coalesce(nullif(regexp_extract(line, '^\s*(\d+)', 1), ''), regexp_replace(line, '[^0-9]', '', 'g')),
        'z' || regexp_extract(zip, '^\s*(\d{{5}})', 1),
        'p' || right(regexp_replace(phone, '[^0-9]', '', 'g'), 10),
        'e' || lower(trim(email)),
        'r' || ltrim(regexp_replace(lower(record_number), '[^\pL\pN]', '', 'g'), '0')
    ], lambda one: length(one) > 1) || g.tokens || f.tokens || coalesce(earlier.tokens, [])) AS tokens
    FROM participants SEMI JOIN {people} USING (participant)
    JOIN given_names AS g ON g.name = given JOIN family_names AS f ON f.name = family
    LEFT JOIN (SELECT participant, flatten(list(tokens)) AS tokens
        FROM (SELECT participant, unnest(former) AS name FROM participants WHERE len(former) > 0)
        JOIN family_names USING (name) GROUP BY 1) AS earlier USING (participant)"""
_FAMILIES = "SELECT family FROM participants UNION SELECT unnest(former) FROM participants"


def beginnings(parts: Iterable[str]) -> list[str]:
    return sorted({part[:BEGINNING] for part in parts})


def of_patient(one: PatientIdentity) -> list[str]:
    names = {part for name in one.givens for part in name.split()} | set(one.surnames or one.families) | one.former
    found = {f"w{name}" for name in names} | {f"z{code}" for code in one.zips} | {f"e{one}" for one in one.emails}
    found |= {f"p{number[-10:]}" for number in one.phones} | {f"r{number}" for number in one.record_numbers}
    return sorted(found | {f"a{house}" for line in one.addresses if (house := _house(line))})[:MOST]


def _house(line: str) -> str:
    first = re.match(r"\d+", line)
    return first[0] if first else re.sub(r"[^0-9]", "", line)


def register_names(con: duckdb.DuckDBPyConnection) -> None:
    """Each name once: to fold a million people's names is to fold some hundred thousand."""
    _register(con, "given_names", "SELECT DISTINCT given FROM participants", lambda name: patients.fold(name).split())
    _register(con, "family_names", _FAMILIES, patients.surnames)


def _register(con: duckdb.DuckDBPyConnection, name: str, names: str, parts_of: Callable[[str], Iterable[str]]) -> None:
    batches = con.execute(names).to_arrow_reader(AT_ONCE)
    found = [_folded(batch.column(0), parts_of) for batch in batches]
    con.register(name, pa.Table.from_batches(found, _NAMES))


def _folded(names: pa.Array, parts_of: Callable[[str], Iterable[str]]) -> pa.RecordBatch:
    parts = [sorted(set(parts_of(one.as_py()))) for one in names]
    starts = pa.array(map(beginnings, parts), TEXTS)
    tokens = pa.array(([f"w{part}" for part in some] for some in parts), TEXTS)
    return pa.record_batch([names, starts, tokens], schema=_NAMES)
