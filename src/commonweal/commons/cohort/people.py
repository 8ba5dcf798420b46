"""Criteria of type person: what somebody is, from person, person_ext and death."""

from datetime import date
from functools import reduce
from operator import and_

import ibis
import ibis.expr.types as ir

from commonweal.commons.cohort.criteria import PersonCriterion
from commonweal.commons.cohort.ranges import AgeRange, Bounds
from commonweal.commons.genotypes.filesets import KINDS
from commonweal.commons.release import Release
from commonweal.errors import BadInput
from commonweal.omop.tables import WEARABLES

EHR_TABLES = ("condition_occurrence", "drug_exposure", "procedure_occurrence", "visit_occurrence", "device_exposure")
EHR_TYPE = 32817  # OMOP type concept "EHR"
SURVEY_TYPE = 32862  # OMOP type concept "Patient filled survey"


def people(release: Release) -> ir.Table:
    """person_id, birth (a day) and birth_year of everybody.

    The day of birth where the tier has year, month and day; else the day of birth_datetime; else 1 July of the year.
    """
    person = release.table("person")
    has = release.columns["person"].__contains__
    choices: list[ir.DateValue] = []
    if has("month_of_birth") and has("day_of_birth"):
        choices.append(ibis.date(person.year_of_birth, person.month_of_birth, person.day_of_birth))
    if has("birth_datetime"):
        choices.append(person.birth_datetime.cast("date"))
    choices.append(ibis.date(person.year_of_birth, 7, 1))
    return person.select("person_id", birth=ibis.coalesce(*choices), birth_year=person.year_of_birth)


def completed_years(birth: ir.DateValue, day: ir.DateValue) -> ir.IntegerValue:
    """Whole years from birth to a day; somebody born on 29 February is a year older on 1 March."""
    not_yet = (day.month() * 100 + day.day()) < (birth.month() * 100 + birth.day())
    return day.year() - birth.year() - ibis.ifelse(not_yet, 1, 0)


def age(born: ir.Table, day: ir.DateValue, wanted: AgeRange) -> ir.BooleanValue:
    """Whether somebody (birth, birth_year) is of an age on a day."""
    completed = wanted.years == "completed"
    years = completed_years(born.birth, day) if completed else day.year() - born.birth_year
    return in_range(years, wanted.min, wanted.max)


def in_bounds(value: ir.NumericValue, bounds: Bounds) -> ir.BooleanValue:
    """`min` and `max` included, `above` and `below` not."""
    parts = [] if bounds.min is None and bounds.max is None else [in_range(value, bounds.min, bounds.max)]
    parts += [] if bounds.above is None else [value > bounds.above]
    parts += [] if bounds.below is None else [value < bounds.below]
    return reduce(and_, parts)


def in_range(value: ir.Value, low: object, high: object) -> ir.BooleanValue:
    """Both ends included; an end that is None is open."""
    parts = ([value >= low] if low is not None else []) + ([value <= high] if high is not None else [])
    return reduce(and_, parts)


def matching(release: Release, units: ir.Table, criterion: PersonCriterion) -> ir.Table:
    """The units (person_id, birth, birth_year, and where there is an index event index_id, index_date) for whom all of it holds."""
    kept = units
    for key, ids in (("gender", criterion.gender), ("race", criterion.race), ("ethnicity", criterion.ethnicity)):
        if ids is not None:
            kept = kept.semi_join(_with(release.table("person"), f"{key}_concept_id", ids), "person_id")
    if criterion.sex_at_birth is not None:
        extended = release.has("person_ext", "sex_at_birth_concept_id")
        table, column = ("person_ext", "sex_at_birth_concept_id") if extended else ("person", "gender_concept_id")
        kept = kept.semi_join(_with(release.table(table), column, criterion.sex_at_birth), "person_id")
    if criterion.age_at is not None:
        wanted = criterion.age_at
        day = kept.index_date if wanted.date == "index" else _day(wanted.date)
        kept = kept.filter(age(kept, day, wanted))
    if criterion.deceased is not None:
        if not release.has("death"):
            raise BadInput(f"deceased: release {release.name} has no death table; leave it out")
        join = kept.semi_join if criterion.deceased else kept.anti_join
        kept = join(release.table("death")[["person_id"]], "person_id")
    for kind in criterion.has or ():
        kept = kept.semi_join(holders(release, kind), "person_id")
    return kept


def _day(day: date | str) -> ir.DateValue:
    return ibis.literal(day, type="date")


def _with(table: ir.Table, column: str, ids: list[int]) -> ir.Table:
    return table.filter(table[column].isin(ids))[["person_id"]]


def holders(release: Release, kind: str) -> ir.Table:
    """People with data of one kind: any row of clinical care; any survey handed in; any measurement; any day of a
    wearable (a device alone tells nothing); genotypes of an array, or of the whole genome."""
    if kind in KINDS:
        return release.genotyped(kind)
    if kind == "ehr":
        tables = [release.table(name)[["person_id"]] for name in EHR_TABLES if release.has(name)]
        for name in ("measurement", "observation"):
            if release.has(name, f"{name}_type_concept_id"):
                rows = release.table(name)
                tables.append(rows.filter(rows[f"{name}_type_concept_id"] == EHR_TYPE)[["person_id"]])
    elif kind == "measurements":
        tables = [release.table("measurement")[["person_id"]]] if release.has("measurement") else []
    elif kind == "wearables":
        tables = [release.table(name)[["person_id"]] for name in WEARABLES if name != "device" and release.has(name)]
    elif release.has("survey_conduct"):
        tables = [release.table("survey_conduct")[["person_id"]]]
    elif not release.has("observation", "observation_type_concept_id"):
        tables = []
    else:
        observation = release.table("observation")
        tables = [observation.filter(observation.observation_type_concept_id == SURVEY_TYPE)[["person_id"]]]
    if not tables:
        raise BadInput(f"has {kind}: release {release.name} has no such table; leave it out")
    return ibis.union(*tables, distinct=True) if len(tables) > 1 else tables[0]
