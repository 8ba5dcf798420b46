"""Whose samples the biobank is to destroy, and with a ceremony or without.

Everybody who left for good and ever agreed to give samples. Somebody whose account was joined with another one has not
left: their samples are due only when the participant as whom they go on leaves. Source: the daily biobank report of
withdrawn participants, and the ceremony question for American Indian and Alaska Native participants (Raw Data Repository).
"""

import csv
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from commonweal import audit
from commonweal.errors import BadInput
from commonweal.vault.consent.models import Ceremony, ConsentAnswer, Withdrawal
from commonweal.vault.consent.rules import YES
from commonweal.vault.journey.leaving.joining import goes_on_as
from commonweal.vault.people.models import Participant

SCOPE = "biospecimens"
HEADER = ("biobank_id", "ceremony")


@dataclass(frozen=True)
class Due:
    """One person's samples, by the only number that the biobank knows. `ceremony`: yes | no | not_asked."""

    biobank_id: str
    ceremony: str
    known: datetime  # when the program got to know that they are due


def is_due(participant: Participant) -> bool:
    return bool(due(participants=[participant.pk]))


def due(since: datetime | None = None, participants: Iterable[int] | None = None) -> list[Due]:
    """All that are due, or those that became known after `since`, oldest first."""
    left = Withdrawal.objects.filter(participant__is_test=False).order_by("received_time", "id")
    if participants is not None:
        left = left.filter(participant__in=participants)
    known: dict[int, datetime] = {}
    for fact in left.select_related("participant"):
        at = fact.received_time
        when = _left_as(fact.participant, at) if fact.reason == Withdrawal.DUPLICATE else at
        if when is not None:
            known.setdefault(fact.participant_id, when)
    return _rows({one: at for one, at in known.items() if since is None or at > since})


def _left_as(other: Participant, at: datetime) -> datetime | None:
    """When the participant as whom somebody goes on left, if they did; `at` where nobody goes on."""
    primary = goes_on_as(other)
    if primary is None:
        return at
    ended = Withdrawal.objects.filter(participant=primary).order_by("received_time")
    return ended.values_list("received_time", flat=True).first()


def _rows(known: dict[int, datetime]) -> list[Due]:
    agreed = ConsentAnswer.objects.filter(answer=YES, scopes__contains=SCOPE)
    said = Ceremony.objects.order_by("authored_time", "id")
    people = Participant.objects
    if len(known) <= 100:  # one person, or few: ask for them alone
        agreed, said = agreed.filter(participant__in=known), said.filter(participant__in=known)
        people = people.filter(pk__in=known)
    gave = set(agreed.values_list("participant", flat=True)) & known.keys()
    ceremony = dict(said.values_list("participant", "answer"))
    words = {Ceremony.REQUESTED: "yes", Ceremony.DECLINED: "no"}
    numbers = dict(people.values_list("pk", "biobank_id"))
    rows = [Due(numbers[one], words.get(ceremony.get(one, ""), "not_asked"), known[one]) for one in gave]
    return sorted(rows, key=lambda row: (row.known, row.biobank_id))


def write(file: IO[str], rows: Iterable[Due], *, actor: object) -> int:
    """The list as CSV; recorded with its number of rows, and with nobody's number."""
    writer, count = csv.writer(file), 0
    writer.writerow(HEADER)
    for row in rows:
        writer.writerow((row.biobank_id, row.ceremony))
        count += 1
    audit.record("leaving.destruction_list", actor=actor, count=count)
    return count


def write_file(path: Path, since: datetime | None, *, actor: object) -> int:
    """A new file that only its owner can read. Raises BadInput where it is there already, or cannot be written."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise BadInput("--out: the file is there already; name a new one") from None
    except OSError as error:
        raise BadInput(f"--out: the file cannot be written: {error.strerror}") from None
    with os.fdopen(descriptor, "w", newline="", encoding="utf-8") as file:
        return write(file, due(since), actor=actor)
