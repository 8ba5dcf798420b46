"""The queries of one table in one tier, for Spark: what engine.Plan says in DuckDB's words, over all parts at once.

Views: `raw_TABLE` (with `_part`), `persons`, `found_TABLE`, `device_facts`, `ids_TABLE`; and `ruled_TABLE`, which is the
answer to `ruled` written down: all other queries read it. Rows are dealt out by part, so that each part is ordered and
written in one place; a row's place among those of its person is counted by a window.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from commonweal.curation import referring
from commonweal.curation.engine import EXTENSIONS, Plan
from commonweal.curation.extract.run import PROVENANCE
from commonweal.curation.findings import LOOKUPS, concerning
from commonweal.curation.findings.lookups import joins as looked_up
from commonweal.curation.numbering import PLACES
from commonweal.curation.rules.identifiers import LINKS
from commonweal.curation.rules.layers import CHANGED, REMOVED, Course
from commonweal.curation.spark import dialect
from commonweal.omop import tables as cdm

PART = "_part"
TYPES = {"integer": "BIGINT", "float": "DOUBLE", "string": "STRING", "date": "DATE", "datetime": "TIMESTAMP_NTZ"}
_BESIDE = {  # what is known of single rows beside what findings tell: join, columns
    "visit_detail": (
        "LEFT JOIN ids_visit_occurrence b ON b.raw = t.visit_occurrence_id"
        f" AND t.{referring.place('visit_occurrence')} IS NOT NULL",
        "b.id AS p_visit",
    ),
    "device": ("LEFT JOIN device_facts b ON b.person_id = t.person_id AND b.device_id = t.device_id", "b.*"),
}


@dataclass(frozen=True)
class Queries:
    """`columns`: of the views persons, found_TABLE and device_facts, those that tell something (p_…)."""

    plan: Plan
    parts: int
    columns: Mapping[str, tuple[str, ...]]

    @property
    def view(self) -> str:
        return f"ruled_{self.plan.spec.name}"

    @cached_property
    def course(self) -> Course:
        return Course(dialect.steps(self.plan.rows), self.plan.rows.table.columns, dialect.SPARK)

    def source(self) -> str:
        """Raw rows with what is known of them and of their person."""
        name, key = self.plan.spec.name, self.plan.key
        told = [f"p.{column}" for column in self.columns["persons"]]
        joins = ["JOIN persons p ON p.person_id = t.person_id"]
        if concerning(name):
            joins.append(f"LEFT JOIN found_{name} f ON f.{key} = t.{key}")
            told += [f"f.{column}" for column in self.columns[f"found_{name}"]]
        if name in _BESIDE:
            join, known = _BESIDE[name]
            joins.append(join)
            told += [f"b.{column}" for column in self.columns["device_facts"]] if known == "b.*" else [known]
        told += [f"{n.told}.{column}" for n in LOOKUPS if n.table == name for column in self.columns[n.told]]
        joins.append(looked_up(name, LOOKUPS))
        return f"SELECT t.*, t.{key} AS _raw, {', '.join(told)} FROM raw_{name} t {' '.join(joins)}"

    def ruled(self) -> str:
        """Every raw row, changed, with the rule that removed it."""
        return self.course.query(f"({self.source()})")

    def counted(self) -> str:
        """What each rule did, for Plan.read."""
        return f"SELECT {REMOVED}, {CHANGED}, count(*) FROM {self.view} GROUP BY {REMOVED}, {CHANGED}"

    def released(self) -> str:
        """The rows that stay, in the released order within their part, with the columns of the specification and `_part`."""
        emptied = self.plan.emptied()
        first = self._id() if self.plan.numbered else self.plan.key
        columns = [f"CAST({first} AS BIGINT) AS {self.plan.key}"]
        for column in self.plan.spec.columns[1:]:
            value = "NULL" if column.name in emptied else column.name
            columns.append(f"CAST({value} AS {TYPES[column.type]}) AS {column.name}")
        return self._placed(columns, [c.name for c in self.plan.spec.columns if c.name not in emptied])

    def beside(self) -> str:
        """The rows of the extension table, in the same order."""
        cases = [f"WHEN {dialect.text(s)} THEN {dialect.text(n)}" for s, n in sorted(self.plan.facts.sites.items())]
        told = {
            "src_id": f"CASE _source {' '.join(cases)} END AS src_id" if cases else "CAST(NULL AS STRING) AS src_id",
            "survey_version_concept_id": "_version AS survey_version_concept_id",
            "language": "_language AS language",
        }
        spec = cdm.tables()[EXTENSIONS[self.plan.spec.name]]
        columns = [f"{self._id()} AS {self.plan.key}", *(told[c.name] for c in spec.columns[1:])]
        return self._placed(columns, [self.plan.key, *PROVENANCE])

    def links(self) -> str:
        """Raw id and id of the rows that stay, for tables that refer to this one."""
        return self._placed(["_raw AS raw", f"{self._id()} AS id"], [self.plan.key, "_raw"])

    def _id(self) -> str:
        return f"person_id * {PLACES} + _n"

    def _placed(self, columns: Iterable[str], kept: list[str]) -> str:
        order = ", ".join(f"m.{name} ASC NULLS LAST" for name in self.plan.order())
        joins, carried = [], [f"m.{PART}"]
        for name in dict.fromkeys(["person_id", *kept]):
            target = LINKS.get(name)
            if target and target != self.plan.spec.name:
                theirs = f"m.{referring.place(target)} IS NOT NULL"  # not another person's
                joins.append(f"LEFT JOIN ids_{target} l_{name} ON l_{name}.raw = m.{name} AND {theirs}")
                carried.append(f"l_{name}.id AS {name}")
            elif name != self.plan.key or not self.plan.numbered:
                carried.append(f"m.{name}")
        dealt = f"SELECT /*+ REPARTITION({self.parts}, {PART}) */ * FROM {self.view} WHERE {REMOVED} IS NULL"
        place = f"row_number() OVER (PARTITION BY m.{PART}, m.person_id ORDER BY {order}) AS _n"
        placed = f"SELECT {', '.join(carried)}, {place} FROM ({dealt}) m {' '.join(joins)}"
        return f"SELECT {', '.join(columns)}, {PART} FROM ({placed}) SORT BY {PART}, person_id, _n"
