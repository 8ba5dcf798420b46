"""One death a person, however many sources tell of it (reference 2, CalculatePrimaryDeathRecord).

What health records say counts before what the program noted, then the earliest date, then the earliest moment, then the
source first by name. A death without a date is none, and one of a year in which nothing is believed (quality.dates) counts
only where there is no other.
"""

BELIEVED_FROM = 1981

_PRIMARY = """
FROM {deaths} AS d WHERE death_date IS NOT NULL
QUALIFY row_number() OVER (PARTITION BY person_id ORDER BY year(death_date) < {first}, _source = 'PPI', death_date,
  death_datetime NULLS LAST, _source, hash(d)) = 1
ORDER BY person_id
"""


def primary(deaths: str) -> str:
    """SQL: of the rows of `deaths` (a table or a query in brackets; columns of death and `_source`), one a person."""
    return _PRIMARY.format(deaths=deaths, first=BELIEVED_FROM)
