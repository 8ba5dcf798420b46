"""`records import` of a folder of tables in OMOP form: taken whole or not at all, and gone on with where it was killed."""

import hashlib
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.utils import timezone

from commonweal import files
from commonweal.home import Home
from commonweal.omop import submission
from commonweal.vault.records.bulk import finish
from commonweal.vault.records.locking import one_at_a_time
from commonweal.vault.records.models import Submission
from commonweal.vault.records.tables import concepts, engine, judging, people, settling, store
from commonweal.vault.records.tables.folder import Folder, digest, folder
from commonweal.vault.records.tables.forms import FORMAT
from commonweal.vault.records.tables.staging import Staging
from commonweal.vault.records.tables.troubles import Troubles

KEYS = ("accepted", "unchanged", "rejected", "unmatched")
Advance = Callable[[int], None]


def take(home: Home, path: Path, site: str, *, sender: str, advance: Advance = lambda count: None) -> dict[str, Any]:
    """Take one folder in; answers its part of the report: submission, state, counts in rows, troubles, tables, persons.

    States: done; partial, where persons match nobody or do not share their records yet; known, where the folder was
    taken before or has nothing that differs from what the site sent before; refused, where nothing in it can be used.
    """
    found = folder(path)
    with one_at_a_time(home, site):
        key = digest(found.files)
        now = store.latest(site).get(site, 0)
        earlier = Submission.objects.filter(site=site, sha256=key, state="done").first()
        if earlier and earlier.pk == now:
            return _known(earlier)
        if earlier:  # the site goes back to what it sent before others
            key = hashlib.sha256(f"{key} after {now}".encode()).hexdigest()
        return _Intake(home, found, _begun(site, key), sender).take(advance)


def _known(record: Submission) -> dict[str, Any]:
    had = record.counts
    counts = {"unchanged": had["accepted"] + had["unchanged"], "rejected": had["rejected"]}
    return {"submission": record.pk, "state": "known", "counts": dict.fromkeys(KEYS, 0) | counts}


def _begun(site: str, key: str) -> Submission:
    """The submission that a killed run began, or a new one."""
    begun = Submission.objects.filter(site=site, sha256=key, state="received", format=FORMAT).order_by("id")
    return begun.first() or Submission.objects.create(
        site=site, format=FORMAT, sha256=key, received_time=timezone.now()
    )


@dataclass
class _Intake:
    """One folder on its way to the store."""

    home: Home
    folder: Folder
    record: Submission
    sender: str

    def take(self, advance: Advance) -> dict[str, Any]:
        work = store.working_path(self.home, self.record.pk)
        with engine.connect(work) as con:
            troubles = _of_files(self.folder)
            persons = people.find(con, self.folder, self.record.site, self.received, troubles)
            if not persons:
                return self._refuse(work, troubles)
            staging = Staging(con, work, self.received.date())
            for name in submission.stored():
                for file in self.folder.of(name):
                    staging.take(file)
                    advance(1)
            troubles.add(staging.troubles().listed())
            target = _emptied(work / "tables")
            counts = self._settle(con, staging, target, troubles)
            listed = concepts.check(con, self.home, target, troubles)
        told = {"tables": {n: dict(c) for n, c in counts.items()}, "persons": persons} | {"concepts": listed}
        return self._finish(work, counts, troubles) | told | {"troubles": troubles.told()}

    @property
    def received(self) -> datetime:
        return self.record.received_time

    def _settle(self, con: Any, staging: Staging, target: Path, troubles: Troubles) -> dict[str, Counter[str]]:
        counts = staging.counts()
        before = store.latest(self.record.site).get(self.record.site)
        for name in submission.stored():
            parts = staging.of(name)
            if parts:
                old = store.folder_of(self.home, before) / f"{name}.parquet" if before else None
                counts[name] += settling.settle(con, name, parts, target, old, troubles)
        return counts

    def _finish(self, work: Path, counts: dict[str, Counter[str]], troubles: Troubles) -> dict[str, Any]:
        total = sum(counts.values(), Counter())
        said = {key: total[key] for key in KEYS} | {"kept_out": 0, "unauthorised": total[judging.NOT_SHARING]}
        said["rejected"] += said["unauthorised"]
        before = store.latest(self.record.site).get(self.record.site)
        if before and _same(work / "tables", store.folder_of(self.home, before)):
            shutil.rmtree(work, ignore_errors=True)
            self.record.delete()
            return {"submission": before, "state": "known", "counts": said}
        place = store.folder_of(self.home, self.record.pk)
        shutil.rmtree(place, ignore_errors=True)  # of a run that was killed between here and the database
        files.put(work / "tables", place)
        finish(self.record, said, source=self.sender)
        shutil.rmtree(work, ignore_errors=True)
        return {"submission": self.record.pk, "state": self.record.state, "counts": said}

    def _refuse(self, work: Path, troubles: Troubles) -> dict[str, Any]:
        shutil.rmtree(work, ignore_errors=True)
        record, reason = self.record, "no_person"
        record.state, record.reason, record.finished_time = "refused", reason, timezone.now()
        record.counts = dict.fromkeys(KEYS, 0)
        record.save(update_fields=["state", "reason", "finished_time", "counts"])
        told = {"counts": record.counts, "troubles": troubles.told(), "broken": "no person of it can be used"}
        return {"submission": record.pk, "state": "refused"} | told


def _of_files(found: Folder) -> Troubles:
    troubles = Troubles()
    for name in found.not_used:
        troubles.tell("table_not_used", name)
    if found.not_known:
        troubles.tell("file_not_known", "", count=found.not_known)
    return troubles


def _emptied(path: Path) -> Path:
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(mode=0o700)
    return path


def _same(one: Path, other: Path) -> bool:
    """Whether two folders have the same files with the same bytes."""

    def files(path: Path) -> dict[str, Path]:
        return {p.name: p for p in path.glob("*.parquet")}

    mine, theirs = files(one), files(other)
    return mine.keys() == theirs.keys() and all(_bytes_agree(mine[name], theirs[name]) for name in mine)


def _bytes_agree(one: Path, other: Path) -> bool:
    if one.stat().st_size != other.stat().st_size:
        return False
    with open(one, "rb") as first, open(other, "rb") as second:
        while block := first.read(1 << 20):
            if block != second.read(1 << 20):
                return False
    return True
