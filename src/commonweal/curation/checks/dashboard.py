"""The checks of the OHDSI Data Quality Dashboard (version for CDM 5.4) on a release, under the Dashboard's names.

What asks single rows (time, values, sex) is asked in the one look at a table; what asks concepts and codes is worked out
from the combinations that the look found. Limits are percent of the rows asked: those of imported tables of the Dashboard
where they speak of a column, else quality.toml. For each check the figure is the number of columns (or tables) beyond.

Held to more strictly by the checks of structure, with a limit of 0: cdmTable, cdmField, cdmDatatype, isRequired,
isPrimaryKey, isForeignKey. Not asked: withinVisitDates, which joins two tables row by row; isTemporallyConstant and
validPrevalence, which speak of a population that a program is not drawn from; fkClass, as eras are made of ingredients.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import duckdb

from commonweal.curation.checks import scan
from commonweal.curation.checks.base import Check, Subject
from commonweal.omop.domains import domains
from commonweal.omop.tables import WEARABLES, Table
from commonweal.protocol import Protocol
from commonweal.vault.records.quality.standards import Standards, standards

DAYS_AFTER_DEATH = 60  # as the Dashboard has it
_OURS = frozenset([*WEARABLES, "person_ext", "observation_ext", "survey_conduct_ext", "survey_conduct", "cdm_source"])
_OLD = "plausibleOldDates"
_PEOPLE = "measurePersonCompleteness"
NAMES = (
    "standardConceptRecordCompleteness", "sourceConceptRecordCompleteness", "sourceValueCompleteness",
    "isStandardValidConcept", "fkDomain", "measureValueCompleteness", _PEOPLE, "measureConditionEraCompleteness",
    "measureObservationPeriodOverlap", "plausibleValueLow", "plausibleValueHigh", "plausibleUnitConceptIds",
    "plausibleGender", "plausibleStartBeforeEnd", "plausibleAfterBirth", "plausibleBeforeDeath", _OLD,
)  # fmt: skip
_ALWAYS = {"measureConditionEraCompleteness": 0.0, "measureObservationPeriodOverlap": 0.0}


@dataclass(frozen=True)
class Judged:
    """One check of one column: rows asked, rows at fault, and the percent that must not be exceeded."""

    check: str
    table: str
    column: str
    asked: int
    fault: int
    limit: float

    @property
    def beyond(self) -> bool:
        return self.fault > 0 and 100 * self.fault > self.limit * self.asked


@dataclass(frozen=True)
class Limits:
    """`imported`: (check, table, column) -> percent; `silent`: columns that an imported table speaks of, but not of this check."""

    default: Mapping[str, float]
    stops: frozenset[str]
    old: Mapping[str, int]
    imported: Mapping[tuple[str, str, str], float] = field(default_factory=dict)
    spoken: frozenset[tuple[str, str]] = frozenset()

    def of(self, check: str, table: str, column: str) -> float | None:
        """Percent, or None where the check is not asked of the column."""
        if (check, table, column) in self.imported:
            return self.imported[check, table, column]
        if (table, column) in self.spoken and check in _FIELD_CHECKS:
            return None
        return _ALWAYS.get(check, self.default.get(check))


_FIELD_CHECKS = frozenset(NAMES[:6]) | frozenset(n for n in NAMES if n.startswith("plausible")) - {
    "plausibleUnitConceptIds", "plausibleGender", _OLD,
}  # fmt: skip


def limits(protocol: Protocol) -> Limits:
    """Those of the program, and of the Dashboard's tables that it has imported."""
    own, reference = protocol.quality.release, protocol.reference
    found: dict[tuple[str, str, str], float] = {}
    spoken = set()
    for row in _rows(reference, "dqd_field_thresholds"):
        place = row["cdmTableName"].lower(), row["cdmFieldName"].lower()
        spoken.add(place)
        for check in _FIELD_CHECKS:
            said = row.get(check, "")
            limit = row.get(f"{check}Threshold", "")
            if said not in ("", "No") and limit not in ("", None):
                found[check, *place] = float(limit)
    for row in _rows(reference, "dqd_table_thresholds"):
        if row.get(_PEOPLE) == "Yes":
            found[_PEOPLE, row["cdmTableName"].lower(), ""] = float(row[f"{_PEOPLE}Threshold"])
    old = {"": own.old, "observation": own.old_observation}
    return Limits(own.limits, frozenset(own.stops), old, found, frozenset(spoken))


def _rows(reference: Mapping[str, "object"], kind: str) -> Sequence[Mapping[str, str]]:
    return getattr(reference.get(kind), "rows", ())


def prepare(con: duckdb.DuckDBPyConnection, tables: list[str], protocol: Protocol) -> Standards:
    """Make asked_persons, asked_sexes and asked_values of the released tables; what the program asks of values."""
    died = "LEFT JOIN rel_death d USING (person_id)" if "death" in tables else ""
    late = f"d.death_date + {DAYS_AFTER_DEATH}" if died else "NULL::DATE"
    con.execute(
        f"CREATE OR REPLACE TABLE asked_persons AS SELECT person_id, year_of_birth AS born, gender_concept_id AS sex,"
        f" {late} AS late FROM rel_person {died}"
    )
    found = _standards(con, protocol)
    con.execute("CREATE OR REPLACE TABLE asked_sexes (concept_id BIGINT, sex BIGINT)")
    con.execute("CREATE OR REPLACE TABLE asked_values (concept_id BIGINT, unit BIGINT, low DOUBLE, high DOUBLE)")
    if found.sexes:
        con.executemany("INSERT INTO asked_sexes VALUES (?, ?)", sorted(found.sexes.items()))
    if found.values:
        con.executemany(
            "INSERT INTO asked_values VALUES (?, ?, ?, ?)", [(*k, *v) for k, v in sorted(found.values.items())]
        )
    return found


def _standards(con: duckdb.DuckDBPyConnection, protocol: Protocol) -> Standards:
    """Of the concepts that the release itself has, whatever else is on the connection."""
    con.execute("CREATE SCHEMA IF NOT EXISTS released")
    for name in ("concept", "concept_ancestor"):
        con.execute(f"CREATE OR REPLACE VIEW released.{name} AS FROM main.rel_{name}")
    con.execute("SET schema = 'released'")
    try:
        return standards(con, protocol.quality, protocol.reference)
    finally:
        con.execute("SET schema = 'main'")


def asked(spec: Table, known: Standards) -> list[scan.Question]:
    """The questions about single rows but those about days."""
    told = _questions(spec, known)
    return [scan.Question(f"quality:{check}:{column}", sql, tuple(causes)) for check, column, sql, *causes in told]


def of_days(spec: Table, limits: Limits, shift: int) -> list[scan.Question]:
    """The questions about days, and when there is cause to ask them; `shift`: how far a date may have been moved back."""
    if _is_ours(spec):
        return []
    oldest = f"DATE '{limits.old.get(spec.name, limits.old['']) + 1}-01-01' - {shift}"
    found = []
    for column in spec.named("date"):
        told = {_OLD: (f"t.{column}::DATE < {oldest}", f"t.earliest < {oldest}"),
                "plausibleAfterBirth": (f"year(t.{column}) < p.born", "year(t.earliest) < p.born")}  # fmt: skip
        if spec.name not in ("death", "observation_period"):
            told["plausibleBeforeDeath"] = f"t.{column}::DATE > p.late", "t.latest > p.late"
        for check, (sql, cause) in told.items():
            found.append(scan.Question(f"quality:{check}:{column}", sql, _causes(spec, cause)))
    return found


def _causes(spec: Table, cause: str) -> tuple[str, ...]:
    """Somebody has such a day at all; and in this table."""
    people = " LEFT JOIN asked_persons p USING (person_id)" if "p." in cause else ""
    return tuple(f"EXISTS (FROM {one} t{people} WHERE {cause})" for one in ("everybody", f"people_{spec.name}"))


def _is_ours(spec: Table) -> bool:
    """Whether the Dashboard does not know the table, or no day of a person stands in it."""
    return spec.name in _OURS - {"survey_conduct"} or scan.is_vocabulary(spec)


def _questions(spec: Table, known: Standards) -> Iterator[tuple[str, ...]]:
    """check, column, SQL of a row at fault; of what asks the row's concept also the cause: such a concept, or such a value, occurs."""
    if _is_ours(spec):
        return
    for column in spec.named("date"):
        if end := _end(spec, column):
            yield "plausibleStartBeforeEnd", column, f"t.{end} < t.{column}"
    for column, bound in known.bounds.get(spec.name, {}).items():
        if column in spec.schema.names:
            if bound.low is not None:
                yield "plausibleValueLow", column, f"t.{column} < {bound.low}"
            if bound.high is not None:
                yield "plausibleValueHigh", column, f"t.{column} > {bound.high}"
    if spec.name == "measurement" and known.values:
        seen = "EXISTS (FROM numbers_measurement JOIN asked_values USING (concept_id, unit) WHERE {})"
        yield "plausibleValueLow", "value_as_number", "t.value_as_number < v.low", seen.format("least < low")
        yield "plausibleValueHigh", "value_as_number", "t.value_as_number > v.high", seen.format("most > high")
    if known.sexes and (main := scan.concept_of(spec)):
        yield "plausibleGender", main, "p.sex IN (8507, 8532) AND p.sex <> s.sex", _occurs(spec, main, "asked_sexes")


def _occurs(spec: Table, column: str, asked: str) -> str:
    return f"EXISTS (FROM words_{spec.name} WHERE {column} IN (SELECT concept_id FROM {asked}))"


def _end(spec: Table, column: str) -> str | None:
    """The column in which ends what begins in `column`."""
    for start, end in (("_start_date", "_end_date"), ("procedure_date", "procedure_end_date")):
        if start in column and (name := column.replace(start, end)) in spec.schema.names:
            return name
    return None


def judge(subject: Subject, limits: Limits, known: Standards) -> list[Judged]:
    """Every check of every column, in a fixed order."""
    found = [
        j for spec in subject.specs if not scan.is_vocabulary(spec) for j in _of_table(subject, spec, limits, known)
    ]
    return found + list(_across(subject, limits))


def checks(judged: list[Judged], limits: Limits) -> list[Check]:
    """One check for each of the Dashboard's: how many columns are beyond their limit."""
    return [
        Check(f"quality.{name}", sum(j.beyond for j in judged if j.check == name), 0, f"quality.{name}" in limits.stops)
        for name in NAMES
    ]


def _of_table(subject: Subject, spec: Table, limits: Limits, known: Standards) -> Iterator[Judged]:
    seen = subject.seen[spec.name]
    for name, fault in seen.faults.items():
        if name.startswith("quality:"):
            _, check, column = name.split(":")
            limit = limits.of(check, spec.name, column)
            if limit is not None:
                yield Judged(check, spec.name, column, seen.filled[column], fault, limit)
    if spec.name in _OURS:
        return
    for column in spec.schema.names:
        limit = limits.of("measureValueCompleteness", spec.name, column)
        if limit is not None:
            yield Judged(
                "measureValueCompleteness", spec.name, column, seen.rows, seen.rows - seen.filled[column], limit
            )
    asked = []
    for check, column, sql in _word_questions(spec, known):
        limit = limits.of(check, spec.name, column)
        if limit is not None:
            asked.append((check, column, sql.format(words=f"words_{spec.name}", column=column), limit))
    told = _answers(subject, spec, [sql for *_, sql, _ in asked])
    for (check, column, _, limit), (of, fault) in zip(asked, told, strict=True):
        yield Judged(check, spec.name, column, of, fault, limit)


def _answers(subject: Subject, spec: Table, asked: list[str]) -> list[tuple[int, int]]:
    """Rows asked and rows at fault by each question, all in one statement; a table without rows is not asked."""
    if not asked or not subject.seen[spec.name].rows:
        return [(0, 0)] * len(asked)
    every = " UNION ALL ".join(f"SELECT {place}, * FROM ({sql})" for place, sql in enumerate(asked))
    return [(int(of or 0), int(fault or 0)) for _, of, fault in sorted(subject.con.execute(every).fetchall())]


_EMPTY = "SELECT sum(n), sum(n) FILTER (coalesce({column}, 0) = 0) FROM {words}"
_KNOWN = "FROM {words} w JOIN rel_concept c ON c.concept_id = w.{column} WHERE w.{column} <> 0"
_NOT_STANDARD = (
    f"SELECT sum(n), sum(n) FILTER (coalesce(standard_concept, '') <> 'S' OR invalid_reason IS NOT NULL) {_KNOWN}"
)


def _word_questions(spec: Table, known: Standards) -> Iterator[tuple[str, str, str]]:
    """check, column, SQL of rows asked and rows at fault over the combinations of words."""
    main = scan.concept_of(spec)
    for column in scan.words(spec):
        if domain := domains().get((spec.name, column)):
            among = ", ".join(f"'{d}'" for d in sorted(domain))
            yield "fkDomain", column, f"SELECT sum(n), sum(n) FILTER (domain_id NOT IN ({among})) {_KNOWN}"
        if column == main or column.endswith("_type_concept_id"):
            yield "standardConceptRecordCompleteness", column, _EMPTY
            yield "isStandardValidConcept", column, _NOT_STANDARD
    stem = (main or "").removesuffix("_concept_id")
    if main and f"{stem}_source_concept_id" in scan.words(spec):
        yield "sourceConceptRecordCompleteness", f"{stem}_source_concept_id", _EMPTY
        yield (
            "sourceValueCompleteness",
            f"{stem}_source_value",
            (
                "SELECT count(*), count(*) FILTER (best = 0) FROM (SELECT {column}, max(coalesce("
                + main
                + ", 0)) AS best"
                " FROM {words} WHERE {column} IS NOT NULL GROUP BY 1)"
            ),
        )
    if spec.name == "measurement" and known.units:
        pairs = ", ".join(f"({c}, {u})" for c, units in sorted(known.units.items()) for u in sorted(units))
        concepts = ", ".join(str(c) for c in sorted(known.units))
        yield (
            "plausibleUnitConceptIds",
            "unit_concept_id",
            (
                f"SELECT sum(n), sum(n) FILTER ((measurement_concept_id, unit_concept_id) NOT IN ({pairs}))"
                f" FROM {{words}} WHERE measurement_concept_id IN ({concepts}) AND unit_concept_id <> 0"
            ),
        )


def _across(subject: Subject, limits: Limits) -> Iterator[Judged]:
    """What asks people, not rows."""
    people = subject.seen["person"].rows if "person" in subject.seen else 0
    for spec in subject.specs:
        limit = limits.of(_PEOPLE, spec.name, "")
        if limit is not None and scan.person_of(spec) and spec.name not in _OURS | {"person"}:
            yield Judged(_PEOPLE, spec.name, "", people, people - subject.seen[spec.name].persons, limit)
    if {"condition_occurrence", "condition_era"} <= set(subject.tables):
        ill = "SELECT DISTINCT person_id FROM people_condition_occurrence"
        if subject.number(
            "SELECT count(*) FROM words_condition_occurrence WHERE coalesce(condition_concept_id, 0) = 0"
        ):
            ill += (
                " WHERE person_id IN (SELECT person_id FROM rel_condition_occurrence WHERE condition_concept_id <> 0)"
            )
        lost = subject.number(
            f"SELECT count(*) FROM ({ill}) WHERE person_id NOT IN (SELECT person_id FROM people_condition_era)"
        )
        yield Judged("measureConditionEraCompleteness", "condition_era", "", people, lost, 0)
    if "observation_period" in subject.tables:
        several = subject.number(
            "SELECT count(*) FROM (FROM people_observation_period SELECT person_id GROUP BY ALL HAVING sum(rows) > 1)"
        )
        yield Judged("measureObservationPeriodOverlap", "observation_period", "", people, several, 0)
