"""What the identity tables say of each person, put as a FHIR Patient, which the vault's matching reads."""

from collections.abc import Iterator
from typing import Any

import duckdb

_SEXES = {8507: "male", 8532: "female"}
_KEYS = "('no_match', 'missing')"
_FIELDS = ("first_name", "last_name", "dob", "sex", "address", "phone_number", "email")


def _off(fields: tuple[str, ...]) -> str:
    """How many fields the site found not to agree, or missing."""
    return " + ".join(f"(lower(coalesce({name}, 'missing')) IN {_KEYS})::INT" for name in fields)


_WITHIN = "person_id IN (SELECT person_id FROM who_batch WHERE part = {part})"

_DENIED = f"""SELECT person_id, bool_or(({_off(_FIELDS[:3])}) >= 2 OR ({_off(_FIELDS)}) >= 4
    OR (lower(coalesce(manual_validation, '')) IN ('no', 'no_match', 'false'))) AS denied
    FROM who_participant_match WHERE fault IS NULL AND {_WITHIN} GROUP BY 1"""

_BATCHES = """CREATE OR REPLACE TABLE who_batch AS SELECT *, fault IS NULL AS usable,
      (row_number() OVER (ORDER BY year_of_birth, month_of_birth, day_of_birth, birth_datetime, person_id) - 1) // {size} AS part
    FROM (FROM who_person WHERE person_id IS NOT NULL
      QUALIFY row_number() OVER (PARTITION BY person_id ORDER BY file, _line) = 1)"""

_PLACES = """CREATE OR REPLACE TABLE who_place AS SELECT * FROM who_location WHERE fault IS NULL
    QUALIFY row_number() OVER (PARTITION BY location_id ORDER BY file, _line) = 1"""

_ADDRESSES = f"""SELECT p.person_id, list({{{{'line': l.address_1, 'more': l.address_2, 'city': l.city, 'state': l.state, 'zip': l.zip}}}}
      ORDER BY l.location_id) AS addresses
    FROM (SELECT person_id, location_id FROM who_person WHERE {_WITHIN}
      UNION SELECT person_id, location_id FROM who_pii_address WHERE {_WITHIN}) p
    JOIN who_place l USING (location_id) GROUP BY 1"""


def _listed(value: str, name: str, table: str) -> str:
    return f"""LEFT JOIN (SELECT person_id, list({value} ORDER BY file, _line) AS {name} FROM who_{table}
        WHERE fault IS NULL AND {_WITHIN} GROUP BY 1) USING (person_id)"""


_QUERY = f"""SELECT p.person_id, p.usable, p.year_of_birth, p.month_of_birth, p.day_of_birth, p.birth_datetime::DATE AS born,
      p.gender_concept_id, coalesce(d.denied, false) AS denied, names, addresses, phones, emails, numbers
    FROM (FROM who_batch WHERE part = {{part}}) p LEFT JOIN ({_DENIED}) d USING (person_id) LEFT JOIN ({_ADDRESSES}) a USING (person_id)
    {_listed("{{'family': last_name, 'given': first_name, 'middle': middle_name}}", "names", "pii_name")}
    {_listed("phone_number", "phones", "pii_phone_number")} {_listed("email", "emails", "pii_email")}
    {_listed("mrn", "numbers", "pii_mrn")} ORDER BY p.person_id"""


def batches(con: duckdb.DuckDBPyConnection, size: int) -> Iterator[list[dict[str, Any]]]:
    """The persons of the tables `who_…`, `size` at once: what each table says of them.

    Only the persons of a batch are put together: what makes lists has to fit in memory. They come by their birth date,
    as the matching compares each with the participants of that day, and so reads those once.
    """
    con.execute(_PLACES)
    con.execute(_BATCHES.format(size=size))
    for (part,) in con.execute("SELECT DISTINCT part FROM who_batch ORDER BY 1").fetchall():
        yield con.execute(_QUERY.format(part=part)).to_arrow_table().to_pylist()


def patient(row: dict[str, Any]) -> dict[str, Any]:
    """A FHIR Patient with what is known of the person."""
    return {
        "resourceType": "Patient",
        "birthDate": _born(row),
        "gender": _SEXES.get(row["gender_concept_id"]),
        "name": [_name(one) for one in row["names"] or ()],
        "address": [_address(one) for one in row["addresses"] or ()],
        "telecom": [{"system": "phone", "value": value} for value in row["phones"] or ()]
        + [{"system": "email", "value": value} for value in row["emails"] or ()],
        "identifier": [{"type": {"coding": [{"code": "MR"}]}, "value": value} for value in row["numbers"] or ()],
    }


def _born(row: dict[str, Any]) -> str | None:
    """The day of birth, or None where only the year is told: that is too little to tell people apart."""
    year, month, day = row["year_of_birth"], row["month_of_birth"], row["day_of_birth"]
    if year and month and day:
        return f"{year:04d}-{month:02d}-{day:02d}"
    return row["born"].isoformat() if row["born"] else None


def _name(one: dict[str, Any]) -> dict[str, Any]:
    return {"family": one["family"], "given": [part for part in (one["given"], one["middle"]) if part]}


def _address(one: dict[str, Any]) -> dict[str, Any]:
    lines = [line for line in (one["line"], one["more"]) if line]
    return {"line": lines, "city": one["city"], "state": one["state"], "postalCode": one["zip"]}
