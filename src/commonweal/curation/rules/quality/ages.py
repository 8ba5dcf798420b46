"""Births and ages that can be."""

import ibis

from commonweal.curation.rules.base import Rows, Rule, among


def _birth_year(rows: Rows) -> Rows:
    born = rows.table.p_birth_date
    early = born.year() < rows.facts.privacy.records.first_birth_year
    return rows.remove(early | (born > ibis.literal(rows.facts.cutoff)))


def _ages(rows: Rows) -> Rows:
    if rows.main_date is None:
        return rows
    born = rows.table.p_birth_date
    years = rows.facts.privacy.records.oldest + 1
    near = rows.day >= born + ibis.interval(days=365 * years)  # of the rest no calendar need be asked
    last = born.cast("timestamp") + ibis.interval(years=years)
    return rows.remove((rows.day < born) | among(near, rows.day.cast("timestamp") >= last))


BIRTH_YEAR = (
    Rule(
        "quality.birth_year",
        1,
        "Reference 2, CleanByBirthYear",
        "All rows of people who were born before 1900 (first_birth_year), or after the data cutoff, go.",
        _birth_year,
        reason="A birth that cannot be true makes every age wrong.",
        parameters=("records.first_birth_year",),
    ),
)
RULES = (
    Rule(
        "quality.ages",
        2,
        "Reference 2, NegativeAges",
        "Rows dated before the person's birth, or when the person would be older than 150 years (oldest), go.",
        _ages,
        reason="Nothing is observed of somebody who is not yet, or no longer can be, alive.",
        parameters=("records.oldest",),
    ),
)
