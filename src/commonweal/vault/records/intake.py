"""One submission of FHIR files, resource by resource: who it is about, what is kept of it, what becomes of each resource.

Two passes: the first finds the patients and medications, the second reads everything. Memory stays flat: rows go to
working files in batches. Nothing counts before `settling` has put the files in place.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from commonweal.r4 import bundles, patients, reading
from commonweal.r4.bundles import Problem
from commonweal.r4.events import EVENT_SCHEMA
from commonweal.r4.patients import PatientIdentity
from commonweal.vault.records import samples
from commonweal.vault.records.matching import Match
from commonweal.vault.records.store import JOURNAL_SCHEMA

ACCEPTED, UNCHANGED, REJECTED, UNMATCHED, KEPT_OUT = "accepted", "unchanged", "rejected", "unmatched", "kept_out"
BATCH = 50_000
PLACES_TOLD = 100
_FROM_RESOURCE = [f.name for f in EVENT_SCHEMA if f.name not in ("participant", "site", "submission", "position")]
HELD = 5_000  # entries of a submission that are kept between the two passes
Resource = dict[str, Any]
Entry = tuple[int, int, int, Resource | Problem]


@dataclass
class Survey:
    """What the first pass finds."""

    people: dict[str, PatientIdentity] = field(default_factory=dict)
    medications: dict[str, Resource] = field(default_factory=dict)
    resources: int = 0
    broken: Problem | None = None  # the submission cannot be read at all


class Source:
    """The files of one submission, to be gone through twice; a short one is read once and held in between.

    Gives (place in the submission from 1, file from 1, place in the file, resource or problem) over all files.
    """

    def __init__(self, paths: Sequence[Path], format: str) -> None:
        self.paths, self.format = paths, format
        self._held: list[Entry] | None = None

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._held) if self._held is not None else self._read()

    def _read(self) -> Iterator[Entry]:
        held: list[Entry] = []
        position = 0
        for number, path in enumerate(self.paths, start=1):
            for place, found in bundles.read(path, self.format):
                position += 1
                entry = position, number, place, found
                if position <= HELD:
                    held.append(entry)
                yield entry
        self._held = held if position <= HELD else None


def survey(source: Source) -> Survey:
    """The first pass. A single file that cannot be read at all, or several none of which can, is `broken`."""
    found = Survey()
    problem = None
    for _, _, place, entry in source:
        found.resources += 1
        if isinstance(entry, Problem):
            problem = entry if place == 0 and problem is None else problem
        elif entry["resourceType"] == "Patient" and isinstance(entry.get("id"), str):
            _add_patient(found, entry)
        elif entry["resourceType"] == "Medication" and isinstance(entry.get("id"), str):
            found.medications[entry["id"]] = entry
    if problem and found.resources <= len(source.paths):
        found.broken = problem
    elif not found.people:
        found.broken = Problem("no_patient", "nobody is named: a submission needs the Patient that it is about")
    return found


def _add_patient(found: Survey, resource: Resource) -> None:
    try:
        found.people[resource["id"]] = patients.identity(resource)
    except ValueError:
        found.people[resource["id"]] = patients.NOBODY


class Intake:
    """The second pass: `take` each entry, then `close`; rows stand in `events` and `journal`, figures in the counters."""

    def __init__(
        self,
        found: Survey,
        matches: dict[str, Match],
        sharing: frozenset[int],
        site: str,
        work: Path,
        sample: samples.Sample,
    ) -> None:
        self.found, self.matches, self.sharing = found, matches, sharing
        self.site = site
        self.events = Table(work.with_suffix(".events"), EVENT_SCHEMA)
        self.journal = Table(work.with_suffix(".journal"), JOURNAL_SCHEMA)
        self.by_type: dict[str, Counter[str]] = {}
        self.reasons: Counter[str] = Counter()
        self.places: dict[str, list[dict[str, int]]] = {}
        self.undated = 0
        self.sample = sample
        self._fills: list[tuple[list[Any], str]] = [(self.events.columns[n], n) for n in _FROM_RESOURCE]

    def take(self, position: int, file: int, place: int, entry: Resource | Problem) -> None:
        if isinstance(entry, Problem):
            self._judge(position, "?", None, REJECTED, entry.code, file, place)
            return
        kind, status, reason = entry["resourceType"], KEPT_OUT, "not_used"
        if kind in reading.USED:
            status, reason = self._gate(entry)
        if status == ACCEPTED:
            status, reason = self._keep(entry, position)
            self.sample.look(kind, entry)
        self._judge(position, kind, entry.get("id"), status, reason, file, place)

    def _gate(self, entry: Resource) -> tuple[str, str]:
        """Whether the resource is about a participant whose records may be taken."""
        patient = patients.subject_id(entry)
        if patient is None:
            return REJECTED, "no_subject"
        match = self.matches.get(patient)
        if match is None:
            return REJECTED, "of_another_patient"
        if match.participant is None:
            return UNMATCHED, match.reason
        return (ACCEPTED, "") if match.participant in self.sharing else (REJECTED, "no_authorisation")

    def _keep(self, entry: Resource, position: int) -> tuple[str, str]:
        try:
            rows = reading.events_of(entry, self.found.medications)
        except reading.ReadingFault as fault:
            return REJECTED, fault.code
        if not rows:
            return KEPT_OUT, "identity_only"
        participant = self.matches[patients.subject_id(entry)].participant  # type: ignore[index]
        columns = self.events.columns
        for row in rows:
            for cells, name in self._fills:
                cells.append(row.get(name))
            columns["participant"].append(participant)
            columns["site"].append(self.site)
            columns["submission"].append(0)
            columns["position"].append(position)
        self.undated += rows[0].get("start") is None
        self.events.flush_if_full()
        return ACCEPTED, ""

    def _judge(
        self, position: int, kind: str, identifier: Any, status: str, reason: str, file: int, place: int
    ) -> None:
        digest = hashlib.sha256(str(identifier).encode()).digest() if identifier is not None else None
        for name, value in zip(JOURNAL_SCHEMA.names, (position, kind, digest, status, reason or None), strict=True):
            self.journal.columns[name].append(value)
        self.journal.flush_if_full()
        self.by_type.setdefault(kind, Counter())[status] += 1
        if reason:
            self.reasons[reason] += 1
        if status == REJECTED and len(told := self.places.setdefault(reason, [])) < PLACES_TOLD:
            told.append({"file": file, "place": place})

    def close(self) -> None:
        self.events.close()
        self.journal.close()

    def count(self, status: str) -> int:
        return sum(counter[status] for counter in self.by_type.values())


class Table:
    """Columns that grow and are written away to a Parquet file when a batch is full."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self.path, self.schema = path, schema
        self.columns: dict[str, list[Any]] = {name: [] for name in schema.names}
        self._first = self.columns[schema.names[0]]
        self._writer = pq.ParquetWriter(path, schema, compression="zstd")
        path.chmod(0o600)

    def flush_if_full(self) -> None:
        if len(self._first) >= BATCH:
            self._flush()

    def _flush(self) -> None:
        arrays = [pa.array(self.columns[f.name], f.type) for f in self.schema]
        self._writer.write_table(pa.Table.from_arrays(arrays, schema=self.schema))
        for cells in self.columns.values():
            cells.clear()

    def close(self) -> None:
        self._flush()
        self._writer.close()


def run(source: Source, intake: Intake, told: Callable[[int], None]) -> None:
    """The second pass over the same files; `told` hears how many more entries were taken."""
    count = 0
    for count, (position, file, place, entry) in enumerate(source, start=1):  # noqa: B007
        intake.take(position, file, place, entry)
        if count % 1000 == 0:
            told(1000)
    told(count % 1000)
    intake.close()
