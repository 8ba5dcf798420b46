"""What studies used, from the files of the research site: research ids in, the vault's own people out.

Each file is taken in once, whole or not at all. A file that says what cannot be is left where it is and told of; the others
are taken in.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from commonweal import audit
from commonweal.commons import usage
from commonweal.curation import crosswalk
from commonweal.errors import BadInput
from commonweal.home import Home

if TYPE_CHECKING:
    import pyarrow as pa
    from pyroaring import BitMap

Progress = Callable[[int, int], None]  # files done, files in all


@dataclass
class Received:
    """Files taken in, those taken in before, and those that were refused, each with the reason."""

    accepted: int = 0
    unchanged: int = 0
    refused: dict[str, str] = field(default_factory=dict)


def receive(home: Home, *, actor: str = "bridge", progress: Progress | None = None) -> Received:
    """Take in every file of the home's usage folder that was not taken in before."""
    from commonweal.vault.voice.models import StudyUse

    done, people = Received(), _People(home)
    known = set(StudyUse.objects.values_list("name", flat=True))
    found = list(_files(home.usage))
    for number, path in enumerate(found, 1):
        try:
            taken = path.stem not in known and _take(path, people, actor)
            done.accepted += taken
            done.unchanged += not taken
        except BadInput as error:
            done.refused[f"{path.parent.name}/{path.name}"] = str(error)
        if progress:
            progress(number, len(found))
    return done


def _files(folder: Path) -> Iterator[Path]:
    """Finished files alone: what is being written has another name."""
    for path in sorted(folder.glob("*/*.json")):
        if usage.FILE.fullmatch(path.name):
            yield path


class _People:
    """Who is who, opened once, and only where there is something new."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self._ordered: dict[str, tuple[np.ndarray, np.ndarray]] = {}
        self._members: dict[tuple[str, str], BitMap] = {}

    def of(self, use: usage.Use) -> "BitMap":
        """Participant.id of everybody used. Raises BadInput where somebody is not in that release."""
        from pyroaring import BitMap

        members = self._released(use.release, use.tier)
        ids, participants = self._tier(use.tier)
        at = np.minimum(np.searchsorted(ids, use.persons), max(len(ids) - 1, 0))
        known = ids[at] == use.persons if len(ids) else np.zeros(len(use.persons), dtype=bool)
        people = BitMap(participants[at[known]])
        strangers = len(use.persons) - people.intersection_cardinality(members)
        if strangers:
            raise BadInput(f"persons: {strangers} are not in release {use.release}, tier {use.tier}; write it again")
        return people

    def _released(self, release: str, tier: str) -> "BitMap":
        from pyroaring import BitMap

        from commonweal.vault.voice.models import ReleaseRoll

        if (release, tier) not in self._members:
            roll = ReleaseRoll.objects.filter(release=release, tier=tier).first()
            if roll is None:
                raise BadInput(f"release {release}, tier {tier}: it was never published; name one that was")
            self._members[release, tier] = BitMap.deserialize(bytes(roll.members))
        return self._members[release, tier]

    def _tier(self, tier: str) -> tuple[np.ndarray, np.ndarray]:
        """Research ids, ascending, and whose they are."""
        if tier not in self._ordered:
            ids = self._crosswalk[tier].to_numpy()
            order = np.argsort(ids)
            self._ordered[tier] = ids[order], self._crosswalk["participant"].to_numpy()[order]
        return self._ordered[tier]

    @cached_property
    def _crosswalk(self) -> "pa.Table":
        return crosswalk.load(self.home)


def _take(path: Path, known: _People, actor: str) -> bool:
    """The fact, its audit event, and the study's roll with these people added; False where another bridge has it already."""
    from django.db import IntegrityError, transaction

    from commonweal.vault.voice.models import Study, StudyUse

    use, now = usage.read(path), datetime.now(UTC)
    people = known.of(use)
    told = {"kind": use.kind, "release": use.release, "tier": use.tier, "day": use.day, "received_at": now}
    try:
        with transaction.atomic():
            study, _ = Study.objects.get_or_create(key=use.study, defaults={"first_used": use.day})
            StudyUse.objects.create(study=study, name=path.stem, **told)
            _add(study.pk, use, people, now)
            audit.record("usage.taken", actor=actor, subject=study, what=use.kind)
    except IntegrityError:
        return False
    return True


def _add(study: int, use: usage.Use, people: "BitMap", now: datetime) -> None:
    from pyroaring import BitMap

    from commonweal.vault.voice.models import StudyRoll

    mine = {"study_id": study, "release": use.release, "tier": use.tier}
    nobody = {"members": BitMap().serialize(), "changed_at": now}
    StudyRoll.objects.get_or_create(**mine, defaults=nobody)
    roll = StudyRoll.objects.select_for_update().get(**mine)
    before = BitMap.deserialize(bytes(roll.members))
    if not people <= before:
        roll.members, roll.changed_at = (before | people).serialize(), now
        roll.save()
