"""Do the figures add up: rows of the release are the raw rows less those that each rule says it removed."""

from typing import Any

from commonweal.curation.checks.base import Check


def reconcile(raw: dict[str, int], counters: dict[str, list[dict[str, Any]]], released: dict[str, int]) -> list[Check]:
    """`raw` and `released`: rows by table; `counters`: what each rule did, in order, by table. Rows that do not add up."""
    adrift = 0
    for table, steps in counters.items():
        left = raw[table]
        for step in steps:
            adrift += abs(step["rows_in"] - left)
            left = step["rows_out"]
        adrift += abs(left - released[table])
    return [Check("reconcile.rows", adrift)]
