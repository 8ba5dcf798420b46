"""What is wrong in the table poverty_guidelines (U.S. Department of Health and Human Services): year, region, dollars.

A guideline is that of the first person and so much more for each further one. The 48 states and the district share one
region, Alaska and Hawaii have their own; the territories use that of the 48 states.
"""

import re
from collections.abc import Iterable, Mapping

from commonweal.protocol.base import Problem

KIND = "poverty_guidelines"
COLUMNS = ("year", "region", "first_person", "each_additional_person")
REGIONS = ("48", "AK", "HI")
_YEAR = re.compile(r"(19|20)[0-9]{2}")
_DOLLARS = re.compile(r"[1-9][0-9]{0,6}")


def rows_problems(file: str, rows: Iterable[Mapping[str, str]]) -> list[Problem]:
    """Rows by which no income could be judged, and guidelines that are given twice."""
    problems: list[Problem] = []
    seen: set[tuple[str, str]] = set()
    for line, row in enumerate(rows, start=2):
        if any(name not in row for name in COLUMNS):
            return [*problems, Problem(file, line, f"the columns are {', '.join(COLUMNS)}")]
        this = row["year"], row["region"]
        problems += [Problem(file, line, wrong) for wrong in _wrong(row)]
        if this in seen:
            problems.append(Problem(file, line, f"{this[0]} has a guideline for the region {this[1]} already"))
        seen.add(this)
    return problems


def _wrong(row: Mapping[str, str]) -> Iterable[str]:
    if not _YEAR.fullmatch(row["year"]):
        yield "year is four digits, such as 2024"
    if row["region"] not in REGIONS:
        yield f"region is one of {', '.join(REGIONS)}; territories use 48"
    for name in COLUMNS[2:]:
        if not _DOLLARS.fullmatch(row[name]):
            yield f"{name} is whole dollars above 0, in digits alone"
