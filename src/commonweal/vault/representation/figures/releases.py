"""Who is in the published releases: counted once for each, so that inclusion does not end at enrolment."""

from datetime import datetime

import pyarrow as pa
from pyroaring import BitMap

from commonweal.protocol import Protocol
from commonweal.vault.journey.figures import policy_of
from commonweal.vault.representation.figures.counting import counted_of
from commonweal.vault.representation.figures.gate import Gate
from commonweal.vault.representation.models import PlaceFigures
from commonweal.vault.voice.models import ReleaseRoll

RELEASE = "release"  # a level of its own


def count_releases(protocol: Protocol, everybody: pa.Table | None, now: datetime) -> int:
    """Figures of the people in each published release, counted when it is first seen, and never again.

    Who is in a release does not change; what is known of them later is not of that release. Answers how many were counted.
    """
    new = not_yet_counted()
    if everybody is None:
        return 0
    gate = Gate(policy_of(protocol))
    for roll in new:
        members = BitMap.deserialize(bytes(roll.members))
        if document := counted_of(protocol, everybody, members, gate, now):
            PlaceFigures.objects.create(level=RELEASE, place=release_id(roll), counted_at=now, document=document)
    return len(new)


def not_yet_counted() -> list[ReleaseRoll]:
    known = set(PlaceFigures.objects.filter(level=RELEASE).values_list("place", flat=True))
    return [roll for roll in ReleaseRoll.objects.filter(retracted_at=None) if release_id(roll) not in known]


def release_id(roll: ReleaseRoll) -> str:
    return f"{roll.release}-{roll.tier}"
