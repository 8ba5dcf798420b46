"""Deaths that can be. That each person has one death is seen to when it is extracted (extract/deaths.py)."""

import ibis

from commonweal.curation.rules.base import Rows, Rule, tables


def _death_dates(rows: Rows) -> Rows:
    day = rows.table.death_date
    early = day < ibis.literal(rows.facts.privacy.records.first_death)
    return rows.remove(day.isnull() | early | (day > ibis.literal(rows.facts.cutoff)))


RULES = (
    Rule(
        "quality.death_dates",
        1,
        "Reference 2, ValidDeathDates",
        "Deaths dated before 2017 (first_death) or after the data cutoff go; what others do after such a death stays.",
        _death_dates,
        tables("death"),
        reason="Who took part was alive when the program began.",
        parameters=("records.first_death",),
    ),
)
