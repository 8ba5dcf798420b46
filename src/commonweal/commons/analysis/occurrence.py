"""Prevalence and incidence by age, sex and calendar time, among people under observation.

The engine goes through each person's spans of observation once, makes a row of each year (or quarter) that they touch,
and sums them up as it goes; what Python sees is one row a stratum and time.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, Literal

import ibis
import ibis.expr.types as ir

from commonweal.commons.analysis import questions
from commonweal.commons.analysis.calendar import Calendar
from commonweal.commons.analysis.observed import before, observed
from commonweal.commons.analysis.rates import Rates, rates
from commonweal.commons.analysis.strata import DECADES, Bands, sex_names, sexes
from commonweal.commons.cohort.compile import compile_definition
from commonweal.commons.cohort.definition import parse
from commonweal.commons.cohort.happenings import enough, events
from commonweal.commons.cohort.people import people
from commonweal.commons.release import Release
from commonweal.errors import BadInput

_SUMS = {"persons": "new", "cases": "case", "days": "days"}


def prevalence(
    release: Release,
    of: Any,
    *,
    within: Any = None,
    ages: Sequence[int] | None = DECADES,
    sex: bool = True,
    every: Literal["year", "quarter"] = "year",
    since: Any = None,
    until: Any = None,
    counting: Literal["ever", "period"] = "ever",
    exact: bool = False,
) -> Rates:
    """Of the people observed on any day of a year (or quarter), how many have had an event of `of` (a criterion).

    `counting`: "ever" counts who had their first by the end of that time; "period" who had one inside it. `ages`: first
    age of each band, on the first day of that time; None does not tell ages apart. `within`: a cohort, of whom alone.
    `since`, `until`: days to which observation is cut. Intervals are Wilson's. Each person counts once in each time.

    Of a release opened by name the counts of each time are withheld and rounded as one table (those with and those
    without, by stratum), and proportions and intervals are of what is shown. `exact=True` is for who may read the rows:
    there the gate is advice, the enforced ones are the web's and the export's.
    Raises BadInput where nobody is observed.
    """
    calendar, bands = Calendar.of(every), Bands.of(ages)
    asked = questions.criterion(release, of, "of")
    spans = before(_cut(release, within, since, until))
    if counting == "ever":
        spans = spans.left_join(questions.first_days(release, asked), "person_id").drop("person_id_right")
        rows = _through(release, spans.mutate(ill=calendar.place(spans["first"])), calendar, sex)
        rows = rows.mutate(case=(rows.ill <= rows.place).fill_null(False))
    elif counting == "period":
        found = events(release, asked, people(release))
        there = enough(found.mutate(at=calendar.place(found.start.cast("date"))), asked, ["person_id", "at"])
        rows = _through(release, spans, calendar, sex)
        joined = rows.left_join(there, [rows.person_id == there.person_id, rows.place == there["at"]])
        rows = joined.mutate(case=joined["at"].notnull())
    else:
        raise BadInput("counting: use ever or period")
    rows = rows.filter(rows.new).mutate(days=ibis.literal(0))
    return _gathered(
        release, rows, calendar, bands, sex, exact, kind="prevalence", what=questions.label(release, asked)
    )


def incidence(
    release: Release,
    of: Any,
    *,
    washout: int = 365,
    within: Any = None,
    ages: Sequence[int] | None = DECADES,
    sex: bool = True,
    every: Literal["year", "quarter"] = "year",
    since: Any = None,
    until: Any = None,
    exact: bool = False,
) -> Rates:
    """First events of `of` (a criterion) by years at risk, for 1,000 person-years.

    Somebody is at risk from `washout` days after the start of a span of observation to its end or to their first event
    ever, that day included; who had it before, observed or not, is not at risk. Spans that touch are one. Intervals are
    exact (Poisson). The other arguments, and the gate, are as for `prevalence`; there the time at risk, in persons for the
    whole of a year (or quarter), is withheld and rounded up as a count is.
    Raises BadInput where nobody is at risk.
    """
    if type(washout) is not int or washout < 0:
        raise BadInput("washout: give a whole number of days, 0 or more")
    calendar, bands = Calendar.of(every), Bands.of(ages)
    asked = questions.criterion(release, of, "of")
    spans = _cut(release, within, since, until, washout)
    spans = spans.left_join(questions.first_days(release, asked), "person_id").drop("person_id_right")
    spans = spans.mutate(until=ibis.ifelse(spans["first"] < spans.until, spans["first"], spans.until))
    spans = before(spans.filter(spans.since <= spans.until))
    rows = _through(release, spans.mutate(ill=(spans["first"] == spans.until).fill_null(False)), calendar, sex)
    low = (rows.place == rows.enters).ifelse(rows.since, calendar.starts(rows.place))
    high = (rows.place == rows.leaves).ifelse(rows.until, calendar.ends(rows.place))
    rows = rows.mutate(case=rows.ill & (rows.place == rows.leaves), days=high.delta(low, unit="day") + 1)
    return _gathered(release, rows, calendar, bands, sex, exact, kind="incidence", what=questions.label(release, asked))


def _cut(release: Release, within: Any, since: Any, until: Any, washout: int = 0) -> ir.Table:
    """Spans of observation of those asked about, from `washout` days after their start, between two days."""
    spans = observed(release)
    spans = spans.mutate(since=(spans.since + ibis.interval(days=washout)).cast("date"))
    if since is not None:
        spans = spans.mutate(since=ibis.greatest(spans.since, _day(since, "since")))
    if until is not None:
        spans = spans.mutate(until=ibis.least(spans.until, _day(until, "until")))
    if within is not None:
        definition = within.definition if hasattr(within, "definition") else parse(within)
        spans = spans.semi_join(compile_definition(release, definition).members[["person_id"]].distinct(), "person_id")
    return spans.filter(spans.since <= spans.until)


def _through(release: Release, spans: ir.Table, calendar: Calendar, sex: bool) -> ir.Table:
    """One row for each place in time that a span touches; `new`: no earlier span of that person touches it.

    What is told of a person or a span is worked out before, as whole numbers, so that a row costs little.
    """
    spans = spans.join(people(release), "person_id")
    spans = spans.mutate(
        enters=calendar.place(spans.since),
        leaves=calendar.place(spans.until),
        left=calendar.place(spans.previous),
        born=calendar.birth(spans.birth),
    )
    if sex:
        spans = spans.join(sexes(release), "person_id")
    rows = spans.mutate(place=ibis.range(spans.enters, spans.leaves + 1).unnest())
    return rows.mutate(new=(rows.left < rows.place).fill_null(True))


def _gathered(
    release: Release, rows: ir.Table, calendar: Calendar, bands: Bands | None, sex: bool, exact: bool, **said: str
) -> Rates:
    if bands is not None:
        rows = rows.mutate(years=calendar.years(rows.born, rows.place))
    keys = ["place", *(["years"] if bands is not None else []), *(["sex"] if sex else [])]
    asked = rows.group_by(keys).aggregate(**{name: rows[column].cast("int64").sum() for name, column in _SUMS.items()})
    with release.cursor() as cursor:
        found = cursor.execute(release.sql(asked.order_by(keys))).to_arrow_table().to_pylist()
    found = [row | {name: int(row[name]) for name in _SUMS} for row in found]  # sums are wider than 64 bits
    return rates(release, found, calendar, bands, sex_names(release, {r["sex"] for r in found}) if sex else None, exact, **said)  # fmt: skip


def _day(given: Any, what: str) -> ir.DateValue:
    try:
        day = given if isinstance(given, date) else date.fromisoformat(given)
    except (TypeError, ValueError):
        raise BadInput(f"{what}: give a day as YYYY-MM-DD") from None
    return ibis.literal(day, type="date")
