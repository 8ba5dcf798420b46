"""The bulk door for people: the set-based twin of registering, recording a profile and pairing with a site."""

from collections.abc import Collection
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection, transaction

from commonweal import audit
from commonweal.vault import columns
from commonweal.vault.people import bulk_facts, bulk_rules, identifiers
from commonweal.vault.people.bulk_facts import Arrival
from commonweal.vault.people.models import Participant

ACCEPTED, UNCHANGED, REJECTED = "accepted", "unchanged", "rejected"
ANSWER = pa.schema(
    [("external_id", pa.string()), ("participant", pa.int64()), ("outcome", pa.string()), ("reason", pa.string())]
)


def enrol(
    people: pa.Table,
    *,
    source: str,
    received_time: datetime,
    sites: Collection[str] | None = None,
    submission: str = "",
    generator: np.random.Generator | None = None,
) -> pa.Table:
    """Take people in; answers one row a person given, in order: external_id, participant (vault id), outcome, reason.

    `people`: external_id, given_name, family_name, birth_date, sex_at_birth, email, phone, address_line, city, state,
    zip, language, site, mrn, registered_at (timestamp us UTC), is_test. `sites`: the sites there are, if they are to
    be checked. A known external_id with other details adds facts and changes none; the same `submission` (a file's
    digest) a second time changes nothing, whatever came in between. Only simulation passes a `generator`.
    """
    checked = bulk_rules.checked(people, sites, received_time)
    refused = checked.filter(pc.is_valid(checked["reason"]))
    good = checked.filter(pc.is_null(checked["reason"]))
    arrival = Arrival(source, received_time, submission)
    parts = [
        _answer(
            refused["row"], refused["external_id"], pa.nulls(refused.num_rows, pa.int64()), REJECTED, refused["reason"]
        )
    ]
    with transaction.atomic():
        _alone()
        for turn in bulk_rules.turns(good):
            parts.append(_take(turn, arrival, generator))
        answer = pa.concat_tables(parts).sort_by("row").drop_columns(["row"])
        _record(answer, source)
    return answer


def _take(rows: pa.Table, arrival: Arrival, generator: np.random.Generator | None) -> pa.Table:
    """People of whom each occurs once."""
    before = _known(rows["external_id"].to_pylist())
    is_new = pa.array([one not in before for one in rows["external_id"].to_pylist()], pa.bool_())
    _add(rows.filter(is_new), arrival, generator)
    known = before if not pc.any(is_new).as_py() else _known(rows["external_id"].to_pylist())
    ids = pa.array([known[one] for one in rows["external_id"].to_pylist()], pa.int64())
    rows = rows.append_column("participant_id", ids)
    earlier = set(before.values())
    changed = is_new.to_numpy(zero_copy_only=False)
    changed = (
        changed | bulk_facts.add_profiles(rows, earlier, arrival) | bulk_facts.add_pairings(rows, earlier, arrival)
    )
    outcome = pc.if_else(pa.array(changed), ACCEPTED, UNCHANGED)
    return _answer(rows["row"], rows["external_id"], ids, outcome, pa.nulls(rows.num_rows, pa.string()))


def _known(external_ids: list[str]) -> dict[str, int]:
    return dict(columns.lookup(Participant, "external_id", external_ids, "external_id", "id"))


def _add(rows: pa.Table, arrival: Arrival, generator: np.random.Generator | None) -> None:
    count = rows.num_rows
    letter, biobank_letter = identifiers.prefixes()
    ids = identifiers.new(count, letter, identifiers.in_use("participant_id"), generator)
    biobank = identifiers.new(count, biobank_letter, identifiers.in_use("biobank_id"), generator)
    added = columns.insert(
        Participant,
        pa.table(
            {
                "uuid": identifiers.uuids(count, generator),
                "participant_id": ids,
                "biobank_id": biobank,
                "external_id": rows["external_id"],
                "origin": pa.repeat(arrival.source[:20], count),
                "is_test": rows["is_test"],
                "registered_at": rows["registered_at"],
            }
        ),
    )
    if added != count:
        raise RuntimeError(f"{count - added} of {count} people could not be added")  # undone with the transaction


def _answer(
    row: pa.Array, external_id: pa.Array, participant: pa.Array, outcome: pa.Array | str, reason: pa.Array
) -> pa.Table:
    if isinstance(outcome, str):
        outcome = pa.repeat(outcome, len(row))
    return pa.table([row, external_id, participant, outcome, reason], schema=pa.schema([("row", pa.int64()), *ANSWER]))


def _record(answer: pa.Table, source: str) -> None:
    said = {one["values"]: one["counts"] for one in pc.value_counts(answer["outcome"]).to_pylist()}
    if answer.num_rows:
        audit.record("people.enrol", actor=source, count=answer.num_rows, **said)


def _alone() -> None:
    """One bulk enrolment at a time, so that what is looked up stays true. On SQLite each writing transaction is alone."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE people_participant IN SHARE ROW EXCLUSIVE MODE")
