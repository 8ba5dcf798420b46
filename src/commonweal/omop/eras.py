"""Spans derived from events: condition eras, drug eras and observation periods, after OHDSI's definitions of CDM 5.4.

An era is what events of one concept make together when no more than GAP days lie between the end of one and the start of
the next. The engine puts a person's events in order; then all are joined in one pass over whole columns (`_joined`), which
takes less than half of what two windows take. None crosses people, so they are made of some people at a time, as many as
have `together` events: memory does not grow with all of them. What is given may itself be some of the people.

Sources: OHDSI, ETL conventions of CONDITION_ERA and DRUG_ERA (persistence window of 30 days; conditions without an end last
a day; drugs are known by their ingredient, found in concept_ancestor; exposures that overlap are one before days without
exposure are counted). Dose eras are not made: they need drug_strength, which no table of the vocabulary here holds.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import duckdb
import numpy as np
import pyarrow as pa

GAP = 30  # days: OHDSI's persistence window
TOGETHER = 2_000_000  # events looked at together
STEPS = 4096  # parts into which a range of person_id is cut to see how many events lie in each
EVENTS = {  # the tables that tell that a person is under observation: their start and end
    "visit_occurrence": ("visit_start_date", "visit_end_date"),
    "visit_detail": ("visit_detail_start_date", "visit_detail_end_date"),
    "condition_occurrence": ("condition_start_date", "condition_end_date"),
    "drug_exposure": ("drug_exposure_start_date", "drug_exposure_end_date"),
    "procedure_occurrence": ("procedure_date", "procedure_end_date"),
    "device_exposure": ("device_exposure_start_date", "device_exposure_end_date"),
    "measurement": ("measurement_date", "measurement_date"),
    "observation": ("observation_date", "observation_date"),
    "specimen": ("specimen_date", "specimen_date"),
}

_EVENT = {"condition": "condition_occurrence", "drug": "drug_exposure"}

_INGREDIENTS = """
CREATE OR REPLACE TABLE era_ingredients AS
SELECT DISTINCT a.descendant_concept_id AS drug_id, a.ancestor_concept_id AS concept_id
FROM concept_ancestor a JOIN concept c ON c.concept_id = a.ancestor_concept_id
WHERE c.domain_id = 'Drug' AND c.concept_class_id = 'Ingredient' AND c.standard_concept = 'S'
  AND a.descendant_concept_id IN (SELECT DISTINCT drug_concept_id FROM {drugs})
"""
_CONDITIONS = """
SELECT person_id, condition_concept_id AS concept_id, condition_start_date AS first,
  greatest(condition_start_date, coalesce(condition_end_date, condition_start_date + 1)) AS last
FROM {events} WHERE condition_concept_id <> 0 AND {people} ORDER BY person_id, concept_id, first
"""
_DRUGS = """
SELECT person_id, concept_id, drug_exposure_start_date AS first,
  greatest(drug_exposure_start_date, coalesce(
    drug_exposure_end_date, drug_exposure_start_date + nullif(days_supply, 0)::INTEGER, drug_exposure_start_date + 1)) AS last
FROM {events} JOIN era_ingredients ON drug_id = drug_concept_id
WHERE coalesce(days_supply, 0) >= 0 AND {people} ORDER BY person_id, concept_id, first
"""
_SEEN = (
    "SELECT person_id, min({start}) AS first, max(coalesce({end}, {start})) AS last FROM {source} GROUP BY person_id"
)
_PERIODS = """
SELECT row_number() OVER () AS observation_period_id, * FROM (
  SELECT person_id, min(first) AS observation_period_start_date, max(last) AS observation_period_end_date, {kind} AS period_type_concept_id
  FROM ({seen}) GROUP BY person_id ORDER BY person_id)
"""


@dataclass(frozen=True)
class Spans:
    """Spans of days (numbers since 1970), one a row, in the order of person, concept and first day.

    `exposed`: of these days, those on which something was taken.
    """

    person: np.ndarray
    concept: np.ndarray
    first: np.ndarray
    last: np.ndarray
    events: np.ndarray
    exposed: np.ndarray


def condition_eras(
    con: duckdb.DuckDBPyConnection, conditions: str, *, until: date | None = None, together: int = TOGETHER
) -> Iterator[pa.Table]:
    """The rows of condition_era, from a view of condition_occurrence, some people at a time, numbered from 1.

    No era ends after `until`. Those taken at a time have at most `together` events, unless they are one person.
    """
    yield from _eras(con, conditions, "condition", _CONDITIONS, lambda spans: _joined(spans, GAP), until, together)


def load_ingredients(con: duckdb.DuckDBPyConnection, drugs: str) -> None:
    """Make `era_ingredients(drug_id, concept_id)` of the drugs of a view of drug_exposure; needs concept and concept_ancestor."""
    con.execute(_INGREDIENTS.format(drugs=drugs))


def drug_eras(
    con: duckdb.DuckDBPyConnection, drugs: str, *, until: date | None = None, together: int = TOGETHER
) -> Iterator[pa.Table]:
    """The rows of drug_era, from a view of drug_exposure; needs `load_ingredients`. Otherwise as condition_eras.

    Exposures that touch are one; what lies between those is days without exposure within the era.
    """
    yield from _eras(con, drugs, "drug", _DRUGS, lambda spans: _joined(_joined(spans, 0), GAP), until, together)


def observation_periods(con: duckdb.DuckDBPyConnection, sources: Mapping[str, str], kind: int) -> pa.Table:
    """The rows of observation_period: for each person one period, from the first event to the last, numbered from 1.

    `sources`: table -> what its events are taken from (a view, or a SELECT in brackets); `kind`: period_type_concept_id.
    """
    seen = [
        _SEEN.format(source=sources[name], start=start, end=end)
        for name, (start, end) in EVENTS.items()
        if name in sources
    ]
    nobody = "SELECT 0 AS person_id, NULL::DATE AS first, NULL::DATE AS last WHERE false"
    return con.execute(_PERIODS.format(seen=" UNION ALL ".join(seen) or nobody, kind=kind)).to_arrow_table()


def _eras(
    con: duckdb.DuckDBPyConnection,
    events: str,
    stem: str,
    spans: str,
    join: Callable[[Spans], Spans],
    until: date | None,
    together: int,
) -> Iterator[pa.Table]:
    before = 0
    for first, last in _slices(con, events, together):
        people = f"person_id BETWEEN {first} AND {last}"
        rows = con.execute(spans.format(events=events, people=people)).to_arrow_table()
        made = _named(join(_spans(rows)), stem, before, until)
        before += made.num_rows
        yield made


def _spans(rows: pa.Table) -> Spans:
    """person_id, concept_id, first, last as Spans, each of which one event made."""
    if any(column.null_count for column in rows.columns):
        raise AssertionError("an event that has a concept has no person or no day")
    person, concept = (rows[name].to_numpy().astype(np.int64) for name in ("person_id", "concept_id"))
    first, last = (rows[name].cast(pa.int32()).to_numpy().astype(np.int64) for name in ("first", "last"))
    return Spans(person, concept, first, last, np.ones_like(first), last - first)


def _joined(spans: Spans, gap: int) -> Spans:
    """One span of those of a person and concept between which no more than `gap` days lie; as they were, in order."""
    if not len(spans.person):
        return spans
    begins = np.r_[True, (np.diff(spans.person) != 0) | (np.diff(spans.concept) != 0)]
    # How far all spans before reach: a running maximum, in which those of each group lie above all of the group before it.
    base = np.cumsum(begins) * (spans.last.max() - spans.first.min() + 1)
    reach = np.maximum.accumulate(spans.last + base) - base
    apart = np.r_[True, spans.first[1:] > gap + reach[:-1]]
    at = np.flatnonzero(begins | apart)
    last = np.maximum.reduceat(spans.last, at)
    events, exposed = (np.add.reduceat(counted, at) for counted in (spans.events, spans.exposed))
    first = spans.first[at]
    return Spans(spans.person[at], spans.concept[at], first, last, events, last - first if gap == 0 else exposed)


def _named(eras: Spans, stem: str, before: int, until: date | None) -> pa.Table:
    """The rows of a table of eras, in the order of person, first day and concept."""
    persons = np.cumsum(np.diff(eras.person, prepend=eras.person[:1]) != 0)
    days_apart = eras.first - eras.first.min(initial=0)
    order = np.argsort(persons * (days_apart.max(initial=0) + 1) + days_apart, kind="stable")  # concepts are in order
    end = eras.last if until is None else np.minimum(eras.last, (until - date(1970, 1, 1)).days)
    columns = {
        f"{stem}_era_id": pa.array(np.arange(before + 1, before + 1 + len(order))),
        "person_id": pa.array(eras.person[order]),
        f"{stem}_concept_id": pa.array(eras.concept[order]),
        f"{stem}_era_start_date": _days(eras.first[order]),
        f"{stem}_era_end_date": _days(end[order]),
        f"{_EVENT[stem]}_count": pa.array(eras.events[order]),
    }
    if stem == "drug":
        columns["gap_days"] = pa.array((eras.last - eras.first - eras.exposed)[order])
    return pa.table(columns)


def _days(numbers: np.ndarray) -> pa.Array:
    return pa.array(numbers.astype(np.int32)).cast(pa.date32())


def _slices(con: duckdb.DuckDBPyConnection, events: str, together: int) -> list[tuple[int, int]]:
    """Ranges of person_id (first, last) that hold `together` events at most, or one person."""
    many, first, last = con.execute(f"SELECT count(*), min(person_id), max(person_id) FROM {events}").fetchall()[0]
    if 0 < many <= together:
        return [(first, last)]
    slices: list[tuple[int, int]] = []
    held = together
    for start, end, count in _steps(con, events, first, last, together) if first is not None else ():
        if held + count > together:
            slices.append((start, end))
            held = 0
        slices[-1], held = (slices[-1][0], end), held + count
    return slices


def _steps(
    con: duckdb.DuckDBPyConnection, events: str, first: int, last: int, together: int
) -> Iterator[tuple[int, int, int]]:
    """(first, last, events) of parts of a range, in order; where ids lie close together, of parts of these."""
    width = (last - first) // STEPS + 1
    counted = con.execute(f"""
    SELECT {first} + (person_id - {first}) // {width} * {width} AS start, count(*)
    FROM {events} WHERE person_id BETWEEN {first} AND {last} GROUP BY start ORDER BY start""").fetchall()
    for start, count in counted:
        end = min(start + width - 1, last)
        if count > together and width > 1:
            yield from _steps(con, events, start, end, together)
        else:
            yield start, end, count
