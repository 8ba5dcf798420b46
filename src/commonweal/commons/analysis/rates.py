"""Prevalence or incidence by stratum and time: what may be shown, its estimates, standardised, and drawn."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from commonweal.commons.analysis import intervals
from commonweal.commons.analysis.calendar import Calendar
from commonweal.commons.analysis.gate import Gate
from commonweal.commons.analysis.strata import EVERY, Bands
from commonweal.commons.analysis.tabular import Tabular
from commonweal.commons.release import Release
from commonweal.disclosure import Count
from commonweal.disclosure import table as breakdown
from commonweal.errors import BadInput

if TYPE_CHECKING:
    from commonweal.commons.analysis.figure import Figure

YEAR = 365.25
PER = 1000.0  # person-years
SCHEMA = pa.schema(
    [("time", pa.string()), ("from", pa.date32()), ("age", pa.string()), ("sex", pa.string())]
    + [("persons", pa.int64()), ("cases", pa.int64()), ("person_years", pa.float64())]
    + [(name, pa.float64()) for name in ("estimate", "low", "high")]
    + [("suppressed", pa.bool_())]
)


@dataclass(frozen=True)
class Rates(Tabular):
    """`table`: one row a time, age and sex; `overall`: one row a time, all strata together.

    Prevalence is a proportion (0 to 1), incidence cases for 1,000 person-years. Estimates are null where a count they
    need is withheld, or where there is nobody.
    """

    overall: pa.Table
    kind: str
    what: str

    def standardised(self, population: Mapping[Any, float]) -> Tabular:
        """For each time, the estimate that a standard population would have, with its interval (direct standardisation).

        `population`: weight of each stratum, by age band, by sex, or by (age band, sex), as `table` names them. A time
        without one of the strata, or with one withheld, has none. Raises BadInput for a stratum without a weight.
        """
        from commonweal.commons.analysis.standard import standardise

        return standardise(self, population)

    def figure(self) -> "Figure":
        """Lines over time with their intervals as bands, one line a stratum."""
        from commonweal.commons.analysis.lines import draw

        return draw(self)


def rates(
    release: Release,
    found: list[dict[str, Any]],
    calendar: Calendar,
    bands: Bands | None,
    sexes: Mapping[Any, str] | None,
    exact: bool,
    *,
    kind: str,
    what: str,
) -> Rates:
    """`found`: place, age in years and sex (where told apart), persons, cases, days."""
    if bands is not None:
        found = [row | {"age": age} for row in found if (age := bands.label(row["years"])) is not None]
    if not sum(row["persons"] for row in found):
        raise BadInput(f"{kind}: nobody is {'at risk' if kind == 'incidence' else 'observed'}; look at since, until, "
                       "ages, within and washout")  # fmt: skip
    asked = Gate.of(release, exact)
    rows, overall = [], []
    for place in sorted({row["place"] for row in found}):
        when = {"time": calendar.label(place), "from": calendar.first_day(place)}
        here = _merged([row for row in found if row["place"] == place], sexes)
        strata, total = _shown(here, asked)
        years, all_years = _years(here, calendar, asked) if kind == "incidence" else ({}, None)
        rows += [when | _row(key, *strata[key], years.get(key), kind) for key in here]
        overall.append(when | _row((EVERY, EVERY), *total, all_years, kind))
    return Rates(pa.Table.from_pylist(rows, SCHEMA), pa.Table.from_pylist(overall, SCHEMA), kind, what)


def _merged(rows: list[dict[str, Any]], sexes: Mapping[Any, str] | None) -> dict[tuple[str, str], tuple[int, int, int]]:
    """(age, sex) -> persons, cases, days."""
    made: dict[tuple[str, str], tuple[int, int, int]] = {}
    for row in rows:
        key = (row.get("age", EVERY), sexes[row["sex"]] if sexes is not None else EVERY)
        persons, cases, days = made.get(key, (0, 0, 0))
        made[key] = (persons + row["persons"], cases + row["cases"], days + row["days"])
    return made


def _shown(
    here: Mapping[tuple[str, str], tuple[int, int, int]], asked: Gate
) -> tuple[dict[tuple[str, str], tuple[Count, Count]], tuple[Count, Count]]:
    """Persons and cases of each stratum, and of all: cases and others are the columns of one table, persons its margin."""
    counts = {"|".join(key): {"cases": cases, "others": persons - cases} for key, (persons, cases, _) in here.items()}
    found = breakdown(counts, asked.policy, exact=asked.exact)
    strata = {key: (found.row_totals[i], found.cells[i][0]) for i, key in enumerate(here)}
    return strata, (found.total, found.column_totals[0])


def _years(
    here: Mapping[tuple[str, str], tuple[int, int, int]], calendar: Calendar, asked: Gate
) -> tuple[dict[tuple[str, str], float | None], float | None]:
    """Years at risk of each stratum, and of all.

    Through the gate they are counted in persons at risk for the whole of the time, and shown as a count of so many is:
    else the years of a stratum whose people are withheld would come back from those of all.
    """
    if asked.exact:
        exact = {key: days / YEAR for key, (_, _, days) in here.items()}
        return {**exact}, sum(exact.values())
    length = calendar.months / 12
    whole = {"|".join(key): math.ceil(days / YEAR / length) for key, (_, _, days) in here.items()}
    found = breakdown(whole, asked.policy)
    shown = [None if c.persons is None else c.persons * length for c in (*found.row_totals, found.total)]
    return dict(zip(here, shown[:-1], strict=True)), shown[-1]


def _row(key: tuple[str, str], persons: Count, cases: Count, years: float | None, kind: str) -> dict[str, Any]:
    hidden = persons.suppressed or cases.suppressed or (kind == "incidence" and years is None)
    said = {"age": key[0], "sex": key[1], "persons": persons.persons, "cases": cases.persons, "person_years": years}
    return said | estimate(kind, cases.persons, persons.persons, years) | {"suppressed": hidden}


def estimate(kind: str, cases: int | None, persons: int | None, years: float | None) -> dict[str, float | None]:
    of = persons if kind == "prevalence" else years
    if cases is None or not of:
        return {"estimate": None, "low": None, "high": None}
    if kind == "prevalence":
        low, high = intervals.wilson(cases, of)
        return {"estimate": cases / of, "low": low, "high": high}
    low, high = intervals.poisson(cases)
    return {"estimate": PER * cases / of, "low": PER * low / of, "high": PER * high / of}
