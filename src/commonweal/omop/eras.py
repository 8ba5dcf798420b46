"""Spans derived from events: condition eras, drug eras and observation periods, after OHDSI's definitions of CDM 5.4.

An era is what events of one concept make together when no more than GAP days lie between the end of one and the start of
the next. Each statement sorts a person's events once and looks at each once: time is linear in the events. None crosses
people, so they are made of some people at a time, as many as have `together` events: memory does not grow with all of them.

Sources: OHDSI, ETL conventions of CONDITION_ERA and DRUG_ERA (persistence window of 30 days; conditions without an end last
a day; drugs are known by their ingredient, found in concept_ancestor; exposures that overlap are one before days without
exposure are counted). Dose eras are not made: they need drug_strength, which no table of the vocabulary here holds.
"""

from collections.abc import Generator, Iterator, Mapping
from datetime import date

import duckdb

GAP = 30  # days: OHDSI's persistence window
TOGETHER = 500_000  # events looked at together; periods, which hold a row a person, take ten times as many
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

_INGREDIENTS = """
CREATE OR REPLACE TEMP TABLE era_ingredients AS
SELECT DISTINCT a.descendant_concept_id AS drug_id, a.ancestor_concept_id AS concept_id
FROM concept_ancestor a JOIN concept c ON c.concept_id = a.ancestor_concept_id
WHERE c.domain_id = 'Drug' AND c.concept_class_id = 'Ingredient' AND c.standard_concept = 'S'
  AND a.descendant_concept_id IN (SELECT DISTINCT drug_concept_id FROM {drugs})
"""
_CONDITIONS = """
SELECT person_id, condition_concept_id AS concept_id, condition_start_date AS first, 1 AS events,
  greatest(condition_start_date, coalesce(condition_end_date, condition_start_date + 1)) AS last
FROM {events} WHERE condition_concept_id <> 0 AND {people}
"""
_DRUGS = """
SELECT person_id, concept_id, drug_exposure_start_date AS first, 1 AS events,
  greatest(drug_exposure_start_date, coalesce(
    drug_exposure_end_date, drug_exposure_start_date + nullif(days_supply, 0)::INTEGER, drug_exposure_start_date + 1)) AS last
FROM {events} JOIN era_ingredients ON drug_id = drug_concept_id
WHERE coalesce(days_supply, 0) >= 0 AND {people}
"""
_JOINED = """
SELECT person_id, concept_id, min(first) AS first, max(last) AS last, sum(events) AS events, {beside}
FROM (
  SELECT *, count(*) FILTER (apart) OVER (PARTITION BY person_id, concept_id ORDER BY first, last ROWS UNBOUNDED PRECEDING) AS era
  FROM (
    SELECT *, first > {gap} + max(last) OVER (
      PARTITION BY person_id, concept_id ORDER BY first, last ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS apart
    FROM ({spans})))
GROUP BY person_id, concept_id, era
"""
_NAMED = """
SELECT {before} + row_number() OVER (ORDER BY person_id, first, concept_id) AS {table}_id, person_id,
  concept_id AS {stem}_concept_id, first AS {table}_start_date, {last} AS {table}_end_date,
  events::BIGINT AS {counted}{beside}
FROM ({eras}) ORDER BY person_id, first, concept_id
"""
_SEEN = """
SELECT person_id, min({start}) AS first, max(coalesce({end}, {start})) AS last
FROM {source} WHERE person_id BETWEEN {first} AND {last} GROUP BY person_id
"""
_PERIODS = """
SELECT {before} + row_number() OVER (ORDER BY person_id) AS observation_period_id, person_id,
  min(first) AS observation_period_start_date, max(last) AS observation_period_end_date, {kind} AS period_type_concept_id
FROM ({seen}) GROUP BY person_id ORDER BY person_id
"""


def condition_eras(
    con: duckdb.DuckDBPyConnection, conditions: str, *, until: date | None = None, together: int = TOGETHER
) -> Iterator[duckdb.DuckDBPyConnection]:
    """The rows of condition_era, from a view of condition_occurrence, some people at a time, numbered from 1.

    Each item is `con` with a result waiting: fetch it before the next. No era ends after `until`. Those taken at a time
    have at most `together` events, unless they are one person.
    """
    yield from _eras(
        con, conditions, "condition_era", "condition", "condition_occurrence_count", _conditions, until, together
    )


def drug_eras(
    con: duckdb.DuckDBPyConnection, drugs: str, *, until: date | None = None, together: int = TOGETHER
) -> Iterator[duckdb.DuckDBPyConnection]:
    """The rows of drug_era, from a view of drug_exposure; `con` has concept and concept_ancestor. Otherwise as condition_eras."""
    con.execute(_INGREDIENTS.format(drugs=drugs))
    yield from _eras(con, drugs, "drug_era", "drug", "drug_exposure_count", _drugs, until, together)


def observation_periods(
    con: duckdb.DuckDBPyConnection, sources: Mapping[str, str], kind: int, *, together: int = 10 * TOGETHER
) -> Iterator[duckdb.DuckDBPyConnection]:
    """The rows of observation_period: for each person one period, from the first event to the last. Otherwise as condition_eras.

    `sources`: table -> what its events are taken from (a view, or a SELECT in brackets); `kind`: period_type_concept_id.
    """
    named = [(sources[name], *days) for name, days in EVENTS.items() if name in sources]
    everything = f"({' UNION ALL '.join(f'SELECT person_id FROM {source}' for source, _, _ in named)})"
    before = 0
    for first, last in _slices(con, everything, together) if named else ():
        seen = " UNION ALL ".join(
            _SEEN.format(source=source, start=start, end=end, first=first, last=last) for source, start, end in named
        )
        before = yield from _numbered(con, _PERIODS.format(before=before, seen=seen, kind=kind), before)


def _conditions(events: str, people: str) -> str:
    return _JOINED.format(beside="0 AS gap", gap=GAP, spans=_CONDITIONS.format(events=events, people=people))


def _drugs(events: str, people: str) -> str:
    """Exposures that touch are one; what lies between those is days without exposure within the era."""
    touching = _JOINED.format(beside="0 AS gap", gap=0, spans=_DRUGS.format(events=events, people=people))
    beside = "(max(last) - min(first)) - sum(last - first) AS gap"
    return _JOINED.format(beside=beside, gap=GAP, spans=touching)


def _eras(con, events, table, stem, counted, joined, until, together):  # type: ignore[no-untyped-def]
    before = 0
    for first, last in _slices(con, events, together):
        eras = joined(events, f"person_id BETWEEN {first} AND {last}")
        named = _NAMED.format(
            before=before,
            table=table,
            stem=stem,
            counted=counted,
            eras=eras,
            last=f"least(last, DATE '{until}')" if until else "last",
            beside=", gap::BIGINT AS gap_days" if table == "drug_era" else "",
        )
        before = yield from _numbered(con, named, before)


def _numbered(
    con: duckdb.DuckDBPyConnection, rows: str, before: int
) -> Generator[duckdb.DuckDBPyConnection, None, int]:
    """Give these rows; returns how many there are with those before."""
    con.execute(f"CREATE OR REPLACE TEMP TABLE some_rows AS {rows}")
    count: int = con.execute("SELECT count(*) FROM some_rows").fetchall()[0][0]
    yield con.execute("FROM some_rows")
    con.execute("DROP TABLE some_rows")
    return before + count


def _slices(con: duckdb.DuckDBPyConnection, events: str, together: int) -> list[tuple[int, int]]:
    """Ranges of person_id (first, last) that hold `together` events at most, or one person."""
    first, last = con.execute(f"SELECT min(person_id), max(person_id) FROM {events}").fetchall()[0]
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
