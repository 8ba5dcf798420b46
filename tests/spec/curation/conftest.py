"""`ruled(rule_id, table, rows, tier="registered", **person)`: rows in, what the rule leaves of them, how many cells it changed."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

import duckdb
import ibis
import pyarrow as pa
import pytest

from commonweal import protocol
from commonweal.curation.extract.run import TABLES
from commonweal.curation.findings.base import Known
from commonweal.curation.findings.lookups import Lookup
from commonweal.curation.rules.base import Facts, Rows
from commonweal.curation.rules.layers import CHANGED, REMOVED
from commonweal.curation.tiers import TIERS
from commonweal.omop.tables import tables
from tests.spec.curation import examples

CUTOFF = date(2026, 6, 30)
PRIVACY = protocol.load(protocol.DEFAULT).privacy
PERSON = {
    "p_research_id": (1234567, pa.int64()),
    "p_shift": (100, pa.int64()),
    "p_birth_date": (date(1960, 5, 20), pa.date32()),
    "p_age_at_cutoff": (66, pa.int64()),
    "p_age_at_consent": (60, pa.int64()),
    "p_deactivated_at": (None, pa.timestamp("us")),
    "p_death_date": (None, pa.date32()),
    "p_several": ([], pa.list_(pa.string())),
    "p_conflicts": ([], pa.list_(pa.int64())),
    "p_small_state": (False, pa.bool_()),
    "p_older": (None, pa.bool_()),
    "p_repeated": (None, pa.bool_()),
    "p_device": ("0b5c7e5e-5f3a-4f0e-8a55-7d4f3a0c9d11", pa.string()),
    "p_rare_model": (False, pa.bool_()),
    "p_visit": (1, pa.int64()),
    "p_newest": (None, pa.date32()),
    "p_unreached": (None, pa.bool_()),
    "p_shut_out": (None, pa.bool_()),
    "p_said_twice": (None, pa.bool_()),
    "p_invalid_zip": (None, pa.bool_()),
    "p_extreme": (None, pa.bool_()),
    "p_taken_again": (None, pa.bool_()),
    "p_unapproved": (None, pa.bool_()),
    "p_no_basics": (None, pa.bool_()),
    "p_without_answers": (None, pa.bool_()),
    "p_visit_end": (None, pa.date32()),
    "_visit_occurrence": (0, pa.int64()),
    "_visit_detail": (0, pa.int64()),
    "_survey_conduct": (0, pa.int64()),
    "p_modifier_alone": (None, pa.bool_()),
    "p_same_value": (None, pa.int64()),
    "p_route": (None, pa.int64()),
    "p_only_zero": (None, pa.bool_()),
    "p_measured_again": (None, pa.bool_()),
    "p_kilograms": (None, pa.float64()),
    "p_no_weight": (None, pa.bool_()),
    "p_unit": (None, pa.int64()),
    "p_times": (None, pa.float64()),
    "p_plus": (None, pa.float64()),
    "p_per": (None, pa.float64()),
    "p_native": (None, pa.bool_()),
}
PEOPLE = pa.schema(
    [
        ("person_id", pa.int64()),
        ("birth_date", pa.date32()),
        ("sex", pa.string()),
        ("state", pa.string()),
        ("consented_on", pa.date32()),
        ("deactivated_at", pa.timestamp("us")),
    ]
)


@dataclass
class Outcome:
    rows: list[dict[str, Any]]
    removed: int
    cells: int

    def column(self, name: str) -> list[Any]:
        return [row[name] for row in self.rows]


def everywhere(*concepts: int) -> dict[str, tuple[int, ...]]:
    """Facts.suppressed: these concepts, wherever a concept may stand."""
    named = {
        f"{name}.{c.name}" for name, spec in tables().items() for c in spec.columns if c.name.endswith("_concept_id")
    }
    return dict.fromkeys(sorted(named), concepts)


@dataclass
class Ruled:
    facts: dict[str, Any] = field(default_factory=dict)

    def __call__(
        self, rule_id: str, table: str, rows: list[dict[str, Any]], tier: str = "registered", **person: Any
    ) -> Outcome:
        number, rule = next((n, r) for n, r in enumerate(TIERS[tier].rules, 1) if r.id == rule_id)
        assert rule.concerns(table)
        spec = tables()[table]
        start = Rows.of(self._table(spec, rows, person), spec, self._facts(tier))
        moved = rule.apply(replace(start, number=number))
        found = self.con.execute(moved.sql("rows")).to_arrow_table().to_pylist()
        found.sort(key=lambda r: r["_order"])
        examples.note(rule_id, table, rows, person, found, spec.schema.names)
        kept = [r for r in found if r[REMOVED] is None]
        return Outcome(kept, len(found) - len(kept), sum(r[CHANGED].bit_count() for r in kept))

    def _facts(self, tier: str) -> Facts:
        given = {"cutoff": CUTOFF, "privacy": PRIVACY.tier(tier)} | self.facts
        return Facts(**given)

    def _table(self, spec, rows, person):
        self.con = duckdb.connect()
        columns = {f.name: pa.array([r.get(f.name) for r in rows], f.type) for f in spec.schema}
        for name, (default, kind) in PERSON.items():
            columns[name] = pa.array([r.get(name, person.get(name, default)) for r in rows], kind)
        columns["_source"] = pa.array([r.get("_source", "PPI") for r in rows], pa.string())
        columns["_order"] = pa.array(range(len(rows)), pa.int64())
        self.con.register("incoming", pa.table(columns))
        self.con.execute("CREATE TABLE rows AS FROM incoming")
        return ibis.duckdb.from_connection(self.con).table("rows").schema()


@pytest.fixture(scope="session", autouse=True)
def examples_written():
    """Where documentation is written anew: what the tests gave as examples, and the page with them."""
    yield
    if examples.WRITING:
        from tests.spec.curation import documents

        examples.save()
        documents.PAGE.write_text(documents.page(), encoding="utf-8")


@pytest.fixture
def ruled():
    return Ruled()


@pytest.fixture
def moment():
    return datetime


@pytest.fixture
def finding():
    """`finding(a_finding, TABLE=[rows], …)`: what it found in raw tables of these rows, by key. `prepare(con)` adds tables.

    Also of a lookup, by the words looked up. `vocabulary`: rows of concept; `ancestors` and `relationships`: of those tables.
    """

    def look_at(
        found,
        people=(),
        cutoff=CUTOFF,
        reference=None,
        records=None,
        tier="registered",
        privacy=None,
        prepare=lambda con: None,
        **given,
    ):
        con = duckdb.connect()
        for name in TABLES:
            spec = tables()[name]
            columns = {f.name: pa.array([r.get(f.name) for r in given.get(name, [])], f.type) for f in spec.schema}
            columns["_source"] = pa.array([r.get("_source", "PPI") for r in given.get(name, [])], pa.string())
            con.register(f"rows_{name}", pa.table(columns))
            con.execute(f"CREATE TABLE in_{name} AS FROM rows_{name}")
        words = {"concept": "vocabulary", "concept_ancestor": "ancestors", "concept_relationship": "relationships"}
        vocabulary = {name: (tables()[name].schema, given.get(word, ())) for name, word in words.items()}
        for name, (fields, rows) in ({"people": (PEOPLE, people)} | vocabulary).items():
            con.register(
                "incoming", pa.table({f.name: pa.array([r.get(f.name) for r in rows], f.type) for f in fields})
            )
            con.execute(f"CREATE TABLE {name} AS FROM incoming")
        prepare(con)
        program = protocol.load(protocol.DEFAULT)
        limits = privacy or program.privacy.tier(tier)
        limits = limits.model_copy(update={"records": limits.records.model_copy(update=records or {})})
        known = Known(con, cutoff, limits, program.reference if reference is None else reference)
        if getattr(found, "before", None):
            found.before(known)
        rows = con.execute(found.find(known)).to_arrow_table().to_pylist()
        by = list(found.on) if isinstance(found, Lookup) else [found.key]
        keys = [tuple(row.pop(name) for name in by) if len(by) > 1 else row.pop(by[0]) for row in rows]
        assert len(set(keys)) == len(keys)
        assert all(set(row) == set(found.columns) for row in rows)
        return dict(zip(keys, rows, strict=True))

    return look_at
