"""What is found out about single raw rows before the rules: one file a family (see base.py), gathered here."""

from commonweal.curation.findings import measured_again, visits, weights, words

FINDINGS = (*visits.FINDINGS, *measured_again.FINDINGS, *weights.FINDINGS)
LOOKUPS = (*words.LOOKUPS,)
