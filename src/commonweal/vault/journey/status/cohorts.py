"""Which consent cohort somebody belongs to, by when they joined (All of Us: beta, national launch, and after April 2020)."""

from datetime import UTC, datetime

NATIONAL_LAUNCH = datetime(2018, 4, 24, tzinfo=UTC)
GENOMIC_CONSENT = datetime(2020, 4, 21, 4, tzinfo=UTC)


def cohort(primary_since: datetime | None, told: int | None = None) -> int | None:
    """1, 2 or 3; None before the primary consent. `told`: an explicit answer about the cohort, which overrides the date."""
    if primary_since is None or told is not None:
        return told
    if primary_since < NATIONAL_LAUNCH:
        return 1
    return 2 if primary_since < GENOMIC_CONSENT else 3
