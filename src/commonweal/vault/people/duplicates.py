"""Participants who may be one person: found by exact rules over everybody at once, then decided by the staff.

Two fit when their birth dates and folded names agree, and one of phone, e-mail (without case) and address does. Pairs come
from joins on what agrees, never from comparing everybody with everybody; a large group that shares one detail (a shelter's
telephone) is paired with its first member alone, so that the work grows with the number of people.
"""

import uuid
from collections.abc import Iterable
from typing import Any

import duckdb
import pyarrow as pa
from django.db import transaction
from django.utils import timezone

from commonweal import audit
from commonweal.errors import BadInput, Refused
from commonweal.r4 import patients
from commonweal.vault import columns
from commonweal.vault.people.models import Account, Duplicate, Participant

LARGE_GROUP = 10  # people who share one detail; beyond it each is paired with the first only
_PROFILES = """SELECT participant_id, authored_time, id, given_name, family_name, birth_date, email, phone, address_line,
    zip FROM people_profile"""
_MADE_UP = "SELECT id FROM people_participant WHERE is_test"

_DETAILS = """
WITH latest AS (
    SELECT participant_id AS participant, arg_max(
        {'given': given_name, 'family': family_name, 'born': birth_date, 'email': email, 'phone': phone,
         'line': address_line, 'zip': zip}, (authored_time, id)) AS p
    FROM profiles WHERE participant_id NOT IN (SELECT participant_id FROM left_out) GROUP BY 1
), plain AS (
    SELECT participant, p.born AS born, fold(p.given) AS given, fold(p.family) AS family, lower(trim(p.email)) AS email,
        right(regexp_replace(p.phone, '[^0-9]', '', 'g'), 10) AS phone,
        CASE WHEN fold(p.line) <> '' THEN fold(p.line) || ' ' || left(p.zip, 5) END AS address
    FROM latest
)
SELECT * FROM (
    SELECT participant, born, given, family, 'email' AS kind, email AS detail FROM plain WHERE email LIKE '%@%'
    UNION ALL SELECT participant, born, given, family, 'phone', phone FROM plain WHERE length(phone) >= 7
    UNION ALL SELECT participant, born, given, family, 'address', address FROM plain WHERE address IS NOT NULL
) WHERE given <> '' OR family <> ''
"""
_PAIRS = f"""
WITH grouped AS (
    SELECT *, min(participant) OVER same AS first_of, count(*) OVER same AS size FROM ({_DETAILS})
    WINDOW same AS (PARTITION BY born, given, family, kind, detail)
)
SELECT a.participant AS first, b.participant AS second, string_agg(DISTINCT a.kind, ' ' ORDER BY a.kind) AS agree
FROM grouped a JOIN grouped b USING (born, given, family, kind, detail)
WHERE a.participant < b.participant AND (a.size <= {LARGE_GROUP} OR a.participant = a.first_of)
GROUP BY ALL ORDER BY ALL
"""


def potential(left_out: Iterable[int] = ()) -> pa.Table:
    """Pairs who may be one person: first < second (vault ids), agree ("email phone": which details are the same).

    `left_out`: vault ids of people who need no look, as those who left. People made up for tests are left out.
    """
    with duckdb.connect() as con:
        # Moments as naive UTC, so that no time zone data are needed.
        told = columns.read_all({"profiles": _PROFILES, "made_up": _MADE_UP})
        moments = told["profiles"]["authored_time"].cast(columns.MOMENT).cast(pa.timestamp("us"))
        con.register("profiles", told["profiles"].set_column(1, "authored_time", moments))
        out = [*left_out, *told["made_up"]["id"].to_pylist()]
        con.register("left_out", pa.table({"participant_id": pa.array(out, pa.int64())}))
        how: Any = {"type": "arrow", "null_handling": "special"}
        con.create_function("fold", _fold, ["VARCHAR"], "VARCHAR", **how)
        found = con.execute(_PAIRS).to_arrow_table()
    schema = pa.schema([("first", pa.int64()), ("second", pa.int64()), ("agree", pa.string())])
    return found.cast(schema)


def _fold(names: pa.Array) -> pa.Array:
    """As matching folds names: without case, accents and punctuation."""
    return pa.array([patients.fold(name or "") for name in names.to_pylist()], pa.string())


@transaction.atomic
def find(left_out: Iterable[int] = (), *, actor: object = audit.SYSTEM) -> int:
    """Put new pairs in the staff's queue; pairs that are there, decided or not, stay as they are. Answers how many."""
    pairs = potential(left_out)
    now, many = timezone.now(), pairs.num_rows
    added = columns.insert(
        Duplicate,
        pa.table(
            {
                "uuid": [_uuid() for _ in range(many)],
                "first_id": pairs["first"],
                "second_id": pairs["second"],
                "status": pa.repeat(Duplicate.POTENTIAL, many),
                "source": pa.repeat("found", many),
                "why": pairs["agree"],
                "found_at": pa.repeat(pa.scalar(now, columns.MOMENT), many),
            }
        ),
    )
    audit.record("duplicates.find", actor=actor, count=added)
    return added


def _uuid() -> str:
    return uuid.uuid4().hex  # both databases read it so


@transaction.atomic
def suspect(one: Participant, other: Participant, *, source: str, actor: Account) -> Duplicate:
    """Put a pair in the queue by hand. The same pair a second time is the pair that is there."""
    if one.pk == other.pk:
        raise BadInput("duplicates: this is one and the same participant")
    first, second = sorted((one, other), key=lambda person: person.pk)
    pair, added = Duplicate.objects.get_or_create(first=first, second=second, defaults={"source": source})
    if added:
        audit.record("duplicates.suspect", actor=actor, subject=one)
    return pair


@transaction.atomic
def decide(pair: Duplicate, primary: Participant | None, *, by: Account) -> Duplicate:
    """Approve with the `primary` that goes on, or reject with None. The same decision again changes nothing.

    Raises BadInput for a primary who is neither of the two, Refused for a pair that was decided otherwise.
    """
    held = Duplicate.objects.select_for_update().get(pk=pair.pk)
    if primary is not None and primary.pk not in (held.first_id, held.second_id):
        raise BadInput("duplicates: the one that goes on is one of the two")
    status = Duplicate.APPROVED if primary else Duplicate.REJECTED
    if held.status != Duplicate.POTENTIAL:
        if (held.status, held.primary_id) == (status, primary.pk if primary else None):
            return held
        raise Refused("duplicates: this pair is decided already")
    held.status, held.primary, held.decided_at, held.decided_by = status, primary, timezone.now(), by
    held.save(update_fields=["status", "primary", "decided_at", "decided_by"])
    audit.record(f"duplicates.{'approve' if primary else 'reject'}", actor=by, subject=held.first)
    return held
