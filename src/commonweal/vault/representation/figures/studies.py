"""Whom researchers study: figures of each study, and of all of them together, so that inclusion does not end at enrolment.

Counted is who any use of a study has held so far, and never a single cohort: a researcher chooses who is in a cohort, and
could make many that differ in one person to average the noise away. Of a study nobody leaves, so each person comes to it
once; and it is counted anew only once more people came than the smallest cell. Each study has a noise of its own: were the
same people moved alike in two, equal figures would tell that none of them had changed from one count to the other.
"""

from datetime import datetime

import pyarrow as pa
from django.db import transaction
from django.db.models import Count
from pyroaring import BitMap

from commonweal.protocol import Protocol
from commonweal.vault.journey.figures import policy_of
from commonweal.vault.representation.figures.counting import counted_of
from commonweal.vault.representation.figures.gate import FORM, Document, Gate
from commonweal.vault.representation.models import CountedStudy, PlaceFigures
from commonweal.vault.voice.models import Study, StudyRoll

STUDY = "study"  # a level of its own; a place is the study's key
ALL = "all"  # the place of all studies together


def count_studies(protocol: Protocol, everybody: pa.Table | None, now: datetime, uses: dict[str, int]) -> int:
    """Figures of the places of `uses` (see `not_yet_counted`); answers how many were counted."""
    if everybody is None:
        return 0
    gate, other, done = Gate(policy_of(protocol)), _of_other_form(), 0
    for place, number in uses.items():
        members, before = members_of(place), CountedStudy.objects.filter(place=place).first()
        known = BitMap.deserialize(bytes(before.members)) if before else BitMap()
        enough = len(members - known) > gate.policy.min_cell or place in other
        document = counted_of(protocol, everybody, members, gate, now, f"{STUDY} {place}") if enough else None
        _keep(place, number, members if document else known, document, now)
        done += document is not None
    return done


def not_yet_counted() -> dict[str, int]:
    """Place -> how many uses there are of it, where some were not looked at yet, or it is to be counted in another form."""
    told = Study.objects.annotate(number=Count("uses")).values_list("key", "number")
    uses = {str(key): number for key, number in told}
    if uses:
        uses[ALL] = sum(uses.values())
    looked = dict(CountedStudy.objects.values_list("place", "uses"))
    other = _of_other_form()
    return {place: number for place, number in uses.items() if looked.get(place) != number or place in other}


def members_of(place: str) -> BitMap:
    """Participant.id of everybody whom the study has used so far."""
    rolls = StudyRoll.objects.all() if place == ALL else StudyRoll.objects.filter(study__key=place)
    return BitMap.union(*(BitMap.deserialize(bytes(one)) for one in rolls.values_list("members", flat=True)))


def _of_other_form() -> set[str]:
    figures = PlaceFigures.objects.filter(level=STUDY).exclude(document__form=FORM)
    return set(figures.values_list("place", flat=True))


@transaction.atomic
def _keep(place: str, uses: int, members: BitMap, document: Document | None, now: datetime) -> None:
    counted = {"uses": uses, "members": members.serialize()}
    CountedStudy.objects.update_or_create(place=place, defaults=counted)
    if document:
        shown = {"counted_at": now, "document": document}
        PlaceFigures.objects.update_or_create(level=STUDY, place=place, defaults=shown)
