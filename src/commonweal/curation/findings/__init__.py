"""What is found out about single raw rows before the rules: one file a family (see base.py)."""

from commonweal.curation.findings import answers
from commonweal.curation.findings.base import Finding

FINDINGS: tuple[Finding, ...] = (*answers.FINDINGS,)


def concerning(table: str) -> tuple[Finding, ...]:
    """The findings about rows of one table."""
    return tuple(finding for finding in FINDINGS if finding.table == table)
