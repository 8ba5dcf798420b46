"""One submission after the other on its way from files to the vault: staged, judged, compared, written, finished."""

import hashlib
from collections.abc import Callable
from typing import Any

from django.utils import timezone

from commonweal.home import Home
from commonweal.ui.context import current_protocol
from commonweal.vault.records import journal, known, settling, store
from commonweal.vault.records.bulk import finish
from commonweal.vault.records.ledger import Ledger
from commonweal.vault.records.locking import one_at_a_time
from commonweal.vault.records.models import Submission
from commonweal.vault.records.parcels import Parcel, together
from commonweal.vault.records.reasons import REASONS
from commonweal.vault.records.samples import Sample
from commonweal.vault.records.staging import Staging, Workers

NOTHING = ("accepted", "unchanged", "rejected", "unmatched")


class Importing:
    """What a command needs for all its submissions of one site."""

    def __init__(self, home: Home, site: str, sender: str) -> None:
        self.home, self.site, self.sender = home, site, sender
        protocol = current_protocol()
        self.workers = Workers(home, protocol.elements.mapping(site), tuple(protocol.local_codes.systems))
        self.ledger = Ledger(home, site)
        self.sample = Sample()

    def close(self) -> None:
        self.workers.close()
        self.ledger.close()

    def take(self, parcel: Parcel, told: Callable[[int], None]) -> dict[str, Any]:
        """Take one submission, and answer its part of the report: number, state, counts, reasons, places."""
        digests = parcel.digests()
        with one_at_a_time(self.home, self.site):
            if earlier := Submission.objects.filter(site=self.site, sha256=together(digests), state="done").first():
                return _known(earlier)
            record = self._record(parcel, together(digests))
            staging = Staging(self._folder(digests), parcel, self.site, self.workers)
            staging.run(told, self.sample.again().look, self.sample.enough)
            answer = self._settle(record, staging)
            staging.remove()
        return answer

    def _record(self, parcel: Parcel, digest: str) -> Submission:
        """That of an import of the same files that was killed, else a new one: the number is part of what is written."""
        begun = Submission.objects.filter(site=self.site, sha256=digest, format=parcel.format, state="received").first()
        record = begun or Submission(site=self.site, format=parcel.format, sha256=digest)
        record.received_time = timezone.now()
        record.save()
        return record

    def _folder(self, digests: list[str]) -> Any:
        """Where this submission is worked on: another one if the files, the site or the mapping are others."""
        parts = [*digests, self.site, repr(sorted(self.workers.declared.items())), repr(self.workers.systems)]
        return store.working_path(self.home) / hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]

    def _settle(self, record: Submission, staging: Staging) -> dict[str, Any]:
        con = self.ledger.con
        settling.judge(con, self.home, staging, record.received_time)
        if reason := settling.broken(con):
            return _refuse(record, reason)
        self.ledger.compare()
        journal.settle(con)
        counts = journal.counts(con)
        details = journal.details(con, record.received_time.date().isoformat())
        details |= {"unmapped_codes": journal.unmapped(con, self.home), "warnings": self.sample.told()}
        self.ledger.write(record.pk)
        journal.write(con, self.home, record.pk)
        known.remember(con, self.home, self.site, record.pk)
        finish(record, counts, source=self.sender)
        self.ledger.keep(record.pk)
        settling.forget(con)
        return {"submission": record.pk, "state": record.state, "counts": counts} | details


def _known(earlier: Submission) -> dict[str, Any]:
    had = earlier.counts
    counts = {"unchanged": had["accepted"] + had["unchanged"], "rejected": had["rejected"]}
    return {"submission": earlier.pk, "state": "known", "counts": counts | {"kept_out": had.get("kept_out", 0)}}


def _refuse(record: Submission, reason: str) -> dict[str, Any]:
    record.state, record.reason, record.finished_time = "refused", reason, timezone.now()
    record.counts = dict.fromkeys(NOTHING, 0) | {"rejected": 1}
    record.save(update_fields=["state", "reason", "finished_time", "counts"])
    told = {"state": "refused", "counts": record.counts, "reasons": {reason: 1}, "broken": REASONS[reason]}
    return {"submission": record.pk} | told
