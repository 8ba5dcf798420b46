"""Participants of a site who share their health records, many at once."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

import pyarrow as pa


class Person(NamedTuple):
    given: str
    family: str
    born: date
    record_number: str = ""
    phone: str = ""


def enrol(people: Sequence[Person], site: str, at: datetime) -> None:
    """They said yes to taking part and to sharing records a hundred days before `at`."""
    from django.db import transaction

    from commonweal.vault import columns
    from commonweal.vault.consent.models import ConsentAnswer
    from commonweal.vault.people.models import Pairing, Participant, Profile

    count, at = len(people), at - timedelta(days=100)
    numbers = pa.array(range(1, count + 1), pa.int64())
    with transaction.atomic():
        columns.insert(Participant, _participants(range(1, count + 1), at))
        columns.insert(Profile, _facts(numbers, "profile", at, {
            "given_name": [p.given for p in people],
            "family_name": [p.family for p in people],
            "birth_date": pa.array([p.born for p in people], pa.date32()),
            "phone": [p.phone for p in people],
            **{name: pa.repeat("", count) for name in _empty_texts(Profile)},
        }))  # fmt: skip
        paired = {"site": pa.repeat(site, count), "record_number": [p.record_number for p in people]}
        columns.insert(Pairing, _facts(numbers, "pairing", at, paired))
        for module, scopes in (("primary", "participate"), ("ehr", "ehr")):
            said = {
                "module": module, "version": "1", "scopes": scopes, "content_sha256": "0" * 64, "language": "en",
                "answer": "yes", "signed_name": "x",
            }  # fmt: skip
            columns.insert(
                ConsentAnswer, _facts(numbers, module, at, {k: pa.repeat(v, count) for k, v in said.items()})
            )


def _empty_texts(model: Any) -> list[str]:
    from django.db.models import CharField, EmailField, TextField

    named = ("given_name", "family_name", "birth_date", "phone", "source", "idempotency_key")
    return [
        f.column
        for f in model._meta.fields
        if isinstance(f, CharField | TextField | EmailField) and f.column not in named
    ]


def _participants(numbers: range, at: datetime) -> pa.Table:
    count = len(numbers)
    return pa.table(
        {
            "id": pa.array(numbers, pa.int64()), "uuid": [f"{n:032x}" for n in numbers],
            "participant_id": [f"P{n:09d}" for n in numbers], "biobank_id": [f"A{n:09d}" for n in numbers],
            "origin": pa.repeat("import", count), "is_test": pa.repeat(False, count),
            "registered_at": pa.repeat(pa.scalar(at, pa.timestamp("us", "UTC")), count),
        }
    )  # fmt: skip


def _facts(numbers: pa.Array, kind: str, at: datetime, cells: dict[str, Any]) -> pa.Table:
    count, moment = len(numbers), pa.scalar(at, pa.timestamp("us", "UTC"))
    return pa.table(
        {"participant_id": numbers, "idempotency_key": [f"{kind}:{n}" for n in numbers.to_pylist()], "source": pa.repeat("bench", count)}
        | cells | {name: pa.repeat(moment, count) for name in ("event_time", "authored_time", "received_time")}
    )  # fmt: skip
