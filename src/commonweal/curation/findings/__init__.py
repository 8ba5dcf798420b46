"""What is found out about single raw rows, and about their words, before the rules: one file a family (see base.py, lookups.py)."""

from commonweal.curation.findings import answers, measured_again, native, surveys, visits, weights, words
from commonweal.curation.findings.base import Finding
from commonweal.curation.findings.lookups import Lookup

FINDINGS: tuple[Finding, ...] = (
    *answers.FINDINGS,
    *native.FINDINGS,
    *visits.FINDINGS,
    *measured_again.FINDINGS,
    *weights.FINDINGS,
    *surveys.FINDINGS,
)
LOOKUPS: tuple[Lookup, ...] = (*words.LOOKUPS,)


def concerning(table: str) -> tuple[Finding, ...]:
    """The findings about rows of one table."""
    return tuple(finding for finding in FINDINGS if finding.table == table)
