"""`records import`: health records of a site into the vault, one submission a Bundle file, or a folder of NDJSON files."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from commonweal.errors import BadInput
from commonweal.home import Home
from commonweal.r4.bundles import FORMATS, Problem
from commonweal.vault.people.models import Participant
from commonweal.vault.records import gates, intake, matching, reports, samples, store
from commonweal.vault.records.bulk import finish
from commonweal.vault.records.models import Submission
from commonweal.vault.records.settling import Ledger

if TYPE_CHECKING:
    from commonweal.cli.console import Console

KEYS = ("accepted", "unchanged", "rejected", "unmatched")
_NDJSON = re.compile(r"[A-Z][A-Za-z]+([._-]?\d+)*\.ndjson(\.gz)?")
_BUNDLE = re.compile(r".+\.json(\.gz)?")
_BLOCK = 1 << 20


def import_files(
    paths: Sequence[Path],
    *,
    site: str,
    format: str = "auto",
    home: Home,
    console: "Console",
    source: str | None = None,
    holders: Sequence[Participant] | None = None,
) -> dict[str, Any]:
    """Take in FHIR R4 records of `site`: Bundles or NDJSON, plain or gzip; a folder of NDJSON files is one submission.

    Returns {"accepted", "unchanged", "rejected", "unmatched", "kept_out", "submissions", "report"} in resources; the
    report is a data-quality file that only its owner can read. `holders`: of each path, the participant who
    brought it; then `site` is the clinic, and it is asked only whether the Patient is that person. Each submission is taken whole or, when interrupted, not
    at all, and may be given again. Raises BadInput for a path that is not there and where nothing given can be read.
    """
    parcels = list(_parcels(paths, format))
    totals = dict.fromkeys((*KEYS, "kept_out"), 0)
    told: list[dict[str, Any]] = []
    ledger, sample, sender = Ledger(home, site), samples.Sample(), source or "import"
    try:
        with console.progress("Health records") as step:
            for number, parcel in enumerate(parcels):
                holder = holders[number].pk if holders else None
                entry = _Submission(parcel, site, format, home, ledger, sender, sample, holder).take(step.advance)
                told.append(entry)
                totals = {key: totals[key] + entry["counts"].get(key, 0) for key in totals}
    finally:
        ledger.close()
    if all(entry["state"] == "refused" and entry.get("broken") for entry in told):
        raise BadInput(f"nothing could be taken; file 1: {told[0]['broken']}")
    report = reports.write(home, site, told, totals)
    return totals | {"submissions": len(told), "report": str(report)}


def _parcels(paths: Sequence[Path], format: str) -> Iterator[list[Path]]:
    """The files of each submission, in the order given."""
    if format not in FORMATS:
        raise BadInput(f"--format is one of {', '.join(FORMATS)}")
    for number, path in enumerate(paths, start=1):
        if path.is_file():
            yield [path]
        elif path.is_dir():
            yield from _in_folder(path, number)
        else:
            raise BadInput(f"path {number} is not there: give files or folders of FHIR records")


def _in_folder(folder: Path, number: int) -> Iterator[list[Path]]:
    files = sorted(p for p in folder.iterdir() if p.is_file())
    lines = [p for p in files if _NDJSON.fullmatch(p.name)]
    bundles = [p for p in files if _BUNDLE.fullmatch(p.name)]
    if not lines and not bundles:
        raise BadInput(f"path {number} is a folder without FHIR files: they end in .ndjson, .json, or these and .gz")
    if lines:
        yield lines
    yield from ([path] for path in bundles)


@dataclass
class _Submission:
    """One submission on its way from files to the vault."""

    paths: list[Path]
    site: str
    format: str
    home: Home
    ledger: Ledger
    sender: str
    sample: samples.Sample
    holder: int | None = None

    def take(self, advance: Any) -> dict[str, Any]:
        """Take it, and answer its part of the report: number, state, counts, reasons, places."""
        digest = _digest(self.paths)
        earlier = Submission.objects.filter(site=self.site, sha256=digest, state="done").first()
        if earlier:
            had = earlier.counts
            counts = {"unchanged": had["accepted"] + had["unchanged"], "rejected": had["rejected"]}
            return {"submission": earlier.pk, "state": "known", "counts": counts | {"kept_out": had.get("kept_out", 0)}}
        source = intake.Source(self.paths, self.format)
        found = intake.survey(source)
        record = Submission.objects.create(
            site=self.site, format=self.format, sha256=digest, received_time=timezone.now()
        )
        if found.broken:
            return self._refuse(record, found.broken)
        return self._read(record, source, found, advance)

    def _refuse(self, record: Submission, problem: Problem) -> dict[str, Any]:
        record.state, record.reason, record.finished_time = "refused", problem.code, timezone.now()
        record.counts = dict.fromkeys(KEYS, 0) | {"rejected": 1}
        record.save(update_fields=["state", "reason", "finished_time", "counts"])
        reasons = {problem.code: 1}
        told = {"state": "refused", "counts": record.counts, "reasons": reasons, "broken": problem.message}
        return {"submission": record.pk} | told

    def _read(self, record: Submission, source: intake.Source, found: intake.Survey, advance: Any) -> dict[str, Any]:
        matches = matching.match_all(found.people, self.site, self.holder)
        people = {m.participant for m in matches.values() if m.participant is not None}
        sharing = gates.sharing_now(people, record.received_time)
        work = store.working_path(self.home) / f"{record.pk:08d}"
        reader = intake.Intake(found, matches, sharing, self.site, work, self.sample.again())
        try:
            intake.run(source, reader, advance)
            self.ledger.compare(reader.events.path)
            counts, unmapped = self._counts(reader), self.ledger.unmapped(self.home)
            self.ledger.write(record.pk)
            self.ledger.write_journal(reader.journal.path, record.pk)
        finally:
            reader.events.path.unlink(missing_ok=True)
            reader.journal.path.unlink(missing_ok=True)
        finish(record, counts, source=self.sender)
        self.ledger.keep(record.pk)
        return {"submission": record.pk, "state": record.state, "counts": counts} | reports.details(reader, unmapped)

    def _counts(self, reader: intake.Intake) -> dict[str, int]:
        return {
            "accepted": self.ledger.count("accepted"),
            "unchanged": self.ledger.count("unchanged"),
            "rejected": reader.count(intake.REJECTED),
            "unmatched": reader.count(intake.UNMATCHED),
            "kept_out": reader.count(intake.KEPT_OUT),
            "unauthorised": reader.reasons["no_authorisation"],
        }


def _digest(paths: Sequence[Path]) -> str:
    """SHA-256 of the file, or of the digests of several; names do not count."""
    each = sorted(_digest_of_file(path) for path in paths)
    return each[0] if len(each) == 1 else hashlib.sha256("".join(each).encode()).hexdigest()


def _digest_of_file(path: Path) -> str:
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
