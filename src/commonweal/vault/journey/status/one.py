"""The status of one participant: always computed anew from the facts, whatever the kept copy says."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from commonweal.ui.context import current_protocol
from commonweal.vault.journey.status import needs
from commonweal.vault.journey.status.queries import COLUMNS
from commonweal.vault.journey.status.rules import Status, climb
from commonweal.vault.journey.status.sources import first_times, record_files
from commonweal.vault.people.models import Participant


def of(participant: Participant, at: datetime | None = None) -> Status:
    """Where `participant` stood at `at` (default: now). Those who join here are adults: see `consent.rules.ADULT`."""
    at = at or timezone.now()
    first = first_times(participant, at)
    baseline = current_protocol().baseline
    found = climb(first, participant.registered_at, baseline=baseline)
    if found.core_data.missing == (needs.EHR_FILE,):  # files are looked through only where they decide
        files = [came for came in record_files([participant.pk])["first"].to_pylist() if came <= at]
        found = climb(
            first | dict.fromkeys([needs.EHR_FILE] if files else [], *files),
            participant.registered_at,
            baseline=baseline,
        )
    return found


def kept(found: Status) -> dict[str, Any]:
    """The columns of the kept copy."""
    levels = {column: found.standings[version].level for version, column in COLUMNS.items()}
    since = {f"{column}_since": found.standings[version].since for version, column in COLUMNS.items()}
    return levels | since | {"core_data_since": found.core_data_since}
