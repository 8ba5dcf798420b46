"""A report of each import: what the import said, how good the records are, and how that was the time before.

The records are in the vault before this begins: whatever goes wrong here, they stay, and the report says so.
"""

import json
import logging
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from commonweal import audit
from commonweal.home import Home
from commonweal.vault.numbered import report_path, write_report
from commonweal.vault.records.models import QualityReport, Submission
from commonweal.vault.records.quality import sources
from commonweal.vault.records.quality.comparison import compared
from commonweal.vault.records.store import TAKEN

COUNTED = ("accepted", "unchanged", "rejected", "unmatched", "kept_out")
DONE, NOTHING, FAILED = "done", "nothing", "failed"
_log = logging.getLogger(__name__)


def tell(
    home: Home, site: str, submissions: list[dict[str, Any]], totals: dict[str, int], remedies: dict[str, str]
) -> Path:
    """Examine what is new of `submissions` (as the import tells them) and write the report; answers its file.

    `remedies`: what each reason and note among them means, and what to do.
    """
    numbers = new(site, submissions)
    state, quality = examined(home, site, numbers)
    before = previous(home, site) if state == DONE else None
    told: dict[str, Any] = {"kind": "records", "site": site, "totals": totals, "remedies": remedies}
    told |= {"submissions": submissions, "state": state}
    if quality:
        told |= {"quality": quality, "change": compared(quality, before["quality"]) if before else None}
    path = write_report(home, told)
    keep(site, int(path.stem), numbers, state, headline(totals, quality))
    return path


def catch_up(home: Home, site: str) -> Path | None:
    """One report of all that a site's submissions brought and that no report tells of yet; None where there is nothing."""
    taken = Submission.objects.filter(site=site, state__in=TAKEN).order_by("id")
    submissions = [{"submission": one.pk, "state": "known", "counts": one.counts} for one in taken]
    numbers = set(new(site, submissions))
    fresh = [one for one in submissions if one["submission"] in numbers]
    totals = {key: sum(one["counts"].get(key, 0) for one in fresh) for key in COUNTED}
    return tell(home, site, fresh, totals, {}) if fresh else None


def new(site: str, submissions: list[dict[str, Any]]) -> list[int]:
    """Numbers of the submissions that were taken and have not been examined yet."""
    taken = [one["submission"] for one in submissions if one["state"] in (*TAKEN, "known")]
    seen: set[int] = set()
    if any(one["state"] == "known" for one in submissions):
        for done in QualityReport.objects.filter(site=site, state=DONE).values_list("submissions", flat=True):
            seen.update(done)
    return sorted(set(taken) - seen)


def examined(home: Home, site: str, numbers: list[int]) -> tuple[str, dict[str, Any] | None]:
    """(state, figures). A failure is logged by its kind alone: its words may hold what a record says."""
    try:
        quality = sources.examine(home, site, numbers) if numbers else None
    except Exception as error:
        _log.error("the examination of submissions %s failed: %s", numbers, type(error).__name__)
        return FAILED, None
    return (DONE, quality) if quality and quality["tables"] else (NOTHING, None)


def keep(site: str, number: int, submissions: list[int], state: str, figures: dict[str, Any]) -> None:
    """Write down that there is such a report, with an audit event."""
    with transaction.atomic():
        QualityReport.objects.create(
            site=site, number=number, made_at=timezone.now(), submissions=submissions, state=state, headline=figures
        )
        audit.record("records.report", actor=audit.SYSTEM, number=number, state=state)


def read(home: Home, number: int) -> dict[str, Any] | None:
    """The report of this number; None where its file is gone or is no report of records."""
    try:
        told = json.loads(report_path(home, number).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return told if isinstance(told, dict) and told.get("kind") == "records" else None


def previous(home: Home, site: str) -> dict[str, Any] | None:
    """The site's last report with figures."""
    last = QualityReport.objects.filter(site=site, state=DONE).order_by("-id").first()
    told = read(home, last.number) if last else None
    return told if told and told.get("quality") else None


def headline(totals: dict[str, int], quality: dict[str, Any] | None) -> dict[str, Any]:
    """The few figures of a report that lists show."""
    tables = quality["tables"] if quality else []
    checks = [check for table in tables for check in table["checks"]]
    return totals | {
        "rows": sum(table["rows"] for table in tables),
        "people": quality["people"] if quality else 0,
        "checks": len(checks),
        "failed": sum(check["outcome"] == "failed" for check in checks),
    }
