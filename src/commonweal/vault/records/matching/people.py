"""The participants whom a patient can be: their latest details, their earlier family names, their record number there."""

from collections.abc import Iterable, Sequence
from typing import Any

import duckdb
import pyarrow as pa
from django.db.models.functions import Lower

from commonweal.r4.patients import PatientIdentity
from commonweal.vault import columns
from commonweal.vault.consent.models import Withdrawal
from commonweal.vault.people.digits import digits_of
from commonweal.vault.people.models import Profile
from commonweal.vault.records.matching import births

SLICE = 50_000  # ids whose people are read at once: what is known of them has to fit in memory
_PROFILE = """participant_id, authored_time, id, given_name, family_name, birth_date, sex_at_birth, email, phone,
    address_line, city, zip"""

_PARTICIPANTS = """
CREATE OR REPLACE TEMP TABLE participants (participant BIGINT, born DATE, given VARCHAR, family VARCHAR, former VARCHAR[],
    sex VARCHAR, email VARCHAR, phone VARCHAR, line VARCHAR, city VARCHAR, zip VARCHAR, record_number VARCHAR)
"""
_LATEST = """
INSERT INTO participants BY NAME
WITH latest AS (
    SELECT participant_id AS participant, arg_max(
        {'given': given_name, 'family': family_name, 'born': birth_date::DATE, 'sex': sex_at_birth, 'email': email,
         'phone': phone, 'line': address_line, 'city': city, 'zip': zip}, (authored_time, id)) AS p,
        list_sort(list(DISTINCT family_name)) AS families
    FROM profiles GROUP BY 1
), paired AS (
    SELECT participant_id AS participant, arg_max({'site': site, 'number': record_number}, (authored_time, id)) AS now
    FROM pairings GROUP BY 1
)
SELECT participant, p.born AS born, p.given AS given, p.family AS family,
    list_filter(families, lambda name: name <> p.family AND name <> '') AS former, p.sex AS sex, p.email AS email,
    p.phone AS phone, p.line AS line, p.city AS city, p.zip AS zip,
    CASE WHEN now.site = $site THEN now.number ELSE '' END AS record_number
FROM latest LEFT JOIN paired USING (participant)
WHERE p.family <> ''  -- who has one name has too little in common with a record to be told apart
    AND participant NOT IN (SELECT participant_id FROM joined) AND ($anywhere OR now.site = $site)
"""


def one(holder: int) -> list[str]:
    """SQL: the vault id of one participant."""
    return [str(int(holder))]


def looked_up(identities: Sequence[PatientIdentity]) -> list[str]:
    """SQL: vault ids of who may be one of these patients, found by index."""
    return [", ".join(map(str, sorted(_looked_up(identities)))) or "NULL"]


def of_site(site: str) -> list[str]:
    """SQL: vault ids of who ever was paired with the site, SLICE of all ids at a time."""
    last = columns.read("SELECT max(participant_id) AS last FROM people_pairing")["last"][0].as_py() or 0
    ever = f"SELECT participant_id FROM people_pairing WHERE site = {_text(site)} AND participant_id BETWEEN"
    return [f"{ever} {first} AND {first + SLICE - 1}" for first in range(1, last + 1, SLICE)]


def read(con: duckdb.DuckDBPyConnection, slices: Iterable[str], site: str, *, anywhere: bool) -> None:
    """Make the table `participants` in `con`: those among `slices` (SQL) who are paired with `site` now, or `anywhere`.

    Left out is whose account was joined with another one: records are the other's, and must not be used twice. All that is
    known of one person is read at one moment.
    """
    con.execute(_PARTICIPANTS)
    for who in slices:
        _add(con, who, site, anywhere)


def _add(con: duckdb.DuckDBPyConnection, who: str, site: str, anywhere: bool) -> None:
    told = columns.read_all(
        {
            "profiles": f"SELECT {_PROFILE} FROM people_profile WHERE participant_id IN ({who})",
            "pairings": f"""SELECT participant_id, authored_time, id, site, record_number FROM people_pairing
                WHERE participant_id IN ({who})""",
            "joined": f"""SELECT participant_id FROM {Withdrawal._meta.db_table}
                WHERE reason = {_text(Withdrawal.DUPLICATE)} AND participant_id IN ({who})""",
        }
    )
    for name, table in told.items():
        con.register(name, _plain_moments(table))
    # A clinic's numbers mean nothing for the holder: what the pairing says is the number at the site of the pairing.
    con.execute(_LATEST, {"site": site, "anywhere": anywhere})
    for name in told:
        con.unregister(name)


def _plain_moments(table: pa.Table) -> pa.Table:
    """Moments as naive UTC, so that no time zone data are needed."""
    if "authored_time" not in table.column_names:
        return table.cast(pa.schema([("participant_id", pa.int64())]))
    place = table.column_names.index("authored_time")
    moments = table["authored_time"].cast(columns.MOMENT).cast(pa.timestamp("us"))
    return table.set_column(place, "authored_time", moments)


def _looked_up(identities: Sequence[PatientIdentity]) -> set[int]:
    """Vault ids of who ever had a detail by which `blocking` would bring them together with one of these patients."""
    days = {day for one in identities if one.birth_date for day in births.near(one.birth_date)}
    phones = {p for one in identities for p in one.phones}
    emails = {e for one in identities for e in one.emails}
    found = {row[0] for row in columns.lookup(Profile, "birth_date", sorted(days), "participant_id")}
    if phones:
        written = sorted(phones | {f"1{p}" for p in phones})
        found |= _ids(Profile.objects.alias(digits=digits_of("phone")).filter(digits__in=written))
    if emails:
        found |= _ids(Profile.objects.alias(plain=Lower("email")).filter(plain__in=sorted(emails)))
    return found


def _ids(found: Any) -> set[int]:
    return set(found.values_list("participant_id", flat=True))


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
