"""Retention: who goes on taking part. Source: All of Us raw data repository, retention eligibility (2024-10).

Eligible are those who are with us, alive, share their records, answered the three baseline surveys and gave a DNA sample.
Active retention is what they did themselves within 547 days; passive is a file of their records within 547 days.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from commonweal.vault.journey.status import needs as n

WINDOW = timedelta(days=547)
REQUIRED = (n.PRIMARY, n.EHR, *n.BASELINE, n.DNA)
NOT_ELIGIBLE, ELIGIBLE = 1, 2
UNSET, ACTIVE, PASSIVE, ACTIVE_AND_PASSIVE = "UNSET", "ACTIVE", "PASSIVE", "ACTIVE_AND_PASSIVE"
ACTIVITIES = (
    "healthcare_access",
    "family_health",
    "medical_history",
    "personal_and_family_history",
    "sdoh",
    "cope_or_vaccine_minute",
    "remote_height_weight",
    "life_functioning",
    "bhp",
    "ehhwb",
    "nph_consent",
    "wear_consent",
    "etm_consent",
    "etm_task",
)
ANSWERED_RESULTS, RECONSENT = "gror_answer", "reconsent"  # count for cohorts 1 and 2, and for cohort 1


@dataclass(frozen=True)
class Retention:
    """`status`: NOT_ELIGIBLE or ELIGIBLE, `eligible_since` when; `type`: UNSET, ACTIVE, PASSIVE or ACTIVE_AND_PASSIVE."""

    status: int
    eligible_since: datetime | None
    type: str
    last_activity: datetime | None


def retention(
    first: Mapping[str, datetime],
    latest: Mapping[str, datetime],
    now: datetime,
    *,
    primary_yes: bool,
    withdrawn: bool,
    deceased: bool,
    cohort: int | None,
    latest_file: datetime | None,
) -> Retention:
    """The pure rule. `first`: when each need was first met; `latest`: when each activity was last done; all aware.

    `primary_yes`: whether the primary consent stands; `deceased`: an approved report; `latest_file`: the latest upload of
    health records.
    """
    last = max((at for name, at in latest.items() if name in counting(cohort)), default=None)
    if deceased or withdrawn or not primary_yes or any(need not in first for need in REQUIRED):
        return Retention(NOT_ELIGIBLE, None, UNSET, last)
    active, passive = _within(last, now), _within(latest_file, now)
    kind = ACTIVE_AND_PASSIVE if active and passive else ACTIVE if active else PASSIVE if passive else UNSET
    return Retention(ELIGIBLE, max(first[need] for need in REQUIRED), kind, last)


def counting(cohort: int | None) -> frozenset[str]:
    """The activities that count for somebody of this cohort."""
    own = {1: {ANSWERED_RESULTS, RECONSENT}, 2: {ANSWERED_RESULTS}}
    return frozenset(ACTIVITIES) | own.get(cohort or 0, set())


def _within(moment: datetime | None, now: datetime) -> bool:
    return moment is not None and now - moment <= WINDOW
