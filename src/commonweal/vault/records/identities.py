"""Which participant each Patient of a submission is. Names are read, compared and let go: only the answer is kept."""

from collections.abc import Iterator, Sequence
from datetime import date

import orjson
import pyarrow as pa

from commonweal.r4 import patients
from commonweal.r4.patients import PatientIdentity
from commonweal.vault.people.models import Participant
from commonweal.vault.records.matching import Match, Matcher

TOGETHER = 20_000  # patients that are matched in one go
OLDEST = 130  # years; nobody has lived that long (the longest known life was of 122)
BAD_BIRTH = "bad_birth"
MATCHED = pa.schema(
    [
        ("position", pa.int32()), ("scope", pa.int64()), ("patient", pa.string()),
        ("participant", pa.int64()), ("reason", pa.string()),
    ]
)  # fmt: skip
Row = tuple[int, int, str, str]


def matched(rows: Sequence[Row], matcher: Matcher, holders: Sequence[Participant] = ()) -> pa.Table:
    """MATCHED for Patients of the matcher's site, given as (position, file from 1, logical id, text).

    `holders`: whose each file is, where people gave their own: then a Patient is that person or nobody. `scope` is the
    holder's number, 0 where there is none: references reach no further.
    """
    found: list[tuple[int, int, str, int | None, str]] = []
    for holder, some in _by_holder(rows, holders):
        for start in range(0, len(some), TOGETHER):
            found += _matched(some[start : start + TOGETHER], matcher, holder)
    columns = zip(*sorted(found), strict=True) if found else [()] * len(MATCHED)
    return pa.table([pa.array(c, f.type) for c, f in zip(columns, MATCHED, strict=True)], schema=MATCHED)


def _by_holder(rows: Sequence[Row], holders: Sequence[Participant]) -> Iterator[tuple[Participant | None, list[Row]]]:
    if not holders:
        yield None, list(rows)
        return
    by_holder: dict[int, list[Row]] = {}
    for row in rows:
        by_holder.setdefault(holders[row[1] - 1].pk, []).append(row)
    known = {holder.pk: holder for holder in holders}
    yield from ((known[number], some) for number, some in by_holder.items())


def _matched(
    rows: Sequence[Row], matcher: Matcher, holder: Participant | None
) -> list[tuple[int, int, str, int | None, str]]:
    """Of several Patients with one id the last says who it is."""
    read = {patient: _identity(text) for _, _, patient, text in rows}
    answers = matcher.match(read, holder.pk if holder else None)
    for patient, one in read.items():
        if one.birth_date and not _lived(one.birth_date):
            answers[patient] = Match(None, BAD_BIRTH)
    scope = holder.pk if holder else 0
    return [
        (position, scope, patient, answers[patient].participant, answers[patient].reason)
        for position, _, patient, _ in rows
    ]


def _identity(text: str) -> PatientIdentity:
    try:
        return patients.identity(orjson.loads(text))
    except ValueError:
        return patients.NOBODY


def _lived(born: date) -> bool:
    today = date.today()
    return born <= today and today.year - born.year <= OLDEST
