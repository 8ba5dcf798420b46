"""What every rule of every tier promises, on drawn rows: it adds nobody, forgets nothing that was removed, and so on.

Values are drawn from the constants that the rules of a table compare with, and from what lies at the edges of their types.
"""

from dataclasses import replace
from datetime import date, datetime, timedelta

import duckdb
import ibis
import ibis.expr.operations as ops
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from commonweal import protocol
from commonweal.curation.assembling import ORDER
from commonweal.curation.rules.base import Facts, Rows, Rule
from commonweal.curation.rules.layers import CHANGED, REMOVED
from commonweal.curation.tiers import TIERS
from commonweal.curation.written import applied
from commonweal.omop.tables import tables
from tests.generative.curation.specificity import coarser
from tests.spec.curation.conftest import CUTOFF, PERSON, everywhere

BEFORE = 0  # the number of a rule before all others, which removed a row
DAYS = [
    None,
    date(1899, 12, 31),
    date(1960, 5, 20),
    date(1981, 1, 1),
    CUTOFF - timedelta(days=364),
    CUTOFF,
    date(2100, 1, 1),
]
EDGES = {
    "int": [None, 0, -1, 1, 2**31, 8507, 1585250],
    "float": [None, 0.0, -1.0, 0.5, 99.5, 1e9],
    "string": [None, "", "Dr. Smith", "PIIState_WI", "PIIState_WI ", "53202", "532**", "12.5", "it's"],
    "date": DAYS,
    "datetime": [None, *(datetime(d.year, d.month, d.day, h) for d in DAYS if d for h in (0, 2))],
    "bool": [None, True, False],
}
BESIDE = {"_source": (pa.string(), ["PPI", "great-lakes", "wearables:fitbit"]), "submission": (pa.int64(), [1])}
TOGETHER = 8  # rows drawn at a time; each stands there twice, once removed by a rule before


def facts(tier):
    privacy = protocol.load(protocol.DEFAULT).privacy.tier(tier.name)
    return Facts(
        cutoff=CUTOFF,
        privacy=privacy,
        suppressed=everywhere(201826, 316866),
        questions=("PIIName_First",),
        sites={"PPI": "PPI/PM", "great-lakes": "EHR site 001"},
        codes={n: f"General{n}" for n in (*range(2000000000, 2000000020), *range(2100000000, 2100000010))},
    )


FACTS = {name: facts(tier) for name, tier in TIERS.items()}


class Ruled:
    """A rule of a tier over one table: its steps, and the constants that it speaks of."""

    def __init__(self, tier, number, rule, spec):
        self.tier, self.number, self.rule, self.spec = tier, number, rule, spec
        rows = Rows.of(schema(spec), spec, FACTS[tier.name])
        self.rows = applied(rule, replace(rows, number=number))
        self.touched = {name for step in self.rows.steps for name in step.cells}
        told = [v for s in self.rows.steps for v in (*s.cells.values(), s.gone) if v is not None]
        literals = (n for value in told for n in value.op().find(ops.Literal))
        self.constants = {n.value for n in literals if n.value is not None}

    def sql(self, source):
        """Over rows of which some were removed before."""
        return self.rows.sql(source)


def schema(spec):
    fields = [*spec.schema, *(pa.field(n, kind) for n, (_, kind) in PERSON.items())]
    fields += [pa.field(n, kind) for n, (kind, _) in BESIDE.items()]
    return ibis.Schema.from_pyarrow(pa.schema([*fields, pa.field(REMOVED, pa.int16())]))


def rules_of(name):
    """Each rule once, in the first tier that has it."""
    seen = {}
    for tier in TIERS.values():
        for number, rule in tier.for_table(name):
            seen.setdefault((rule.id, rule.version, rule.apply), Ruled(tier, number, rule, tables()[name]))
    return list(seen.values())


def values_of(kind, constants):
    kind = {"timestamp[us]": "datetime", "int64": "int", "double": "float", "date32[day]": "date"}.get(
        str(kind), str(kind)
    )
    if kind.startswith("list"):
        inner = str if "string" in kind else int
        return st.lists(
            st.sampled_from(sorted((c for c in constants if type(c) is inner), key=str)[:40] or [inner()]), max_size=2
        )
    named = {"int": int, "float": float, "string": str, "date": date, "datetime": datetime}.get(kind)
    found = [c for c in constants if type(c) is named or (kind == "float" and type(c) is int)]
    return st.sampled_from(
        [*EDGES.get(kind, [None]), *(float(c) if kind == "float" else c for c in sorted(found, key=str))]
    )


def rows_of(spec, constants):
    columns = {f.name: values_of(f.type, constants) for f in spec.schema}
    columns |= {name: values_of(kind, constants) for name, (_, kind) in PERSON.items()}
    columns |= {name: st.sampled_from(values) for name, (_, values) in BESIDE.items()}
    columns |= {"person_id": st.integers(1, 3), "p_research_id": st.just(1_000_007), "p_shift": st.integers(1, 364)}
    return st.lists(st.fixed_dictionaries(columns), min_size=TOGETHER, max_size=TOGETHER)


def load(con, spec, drawn):
    """`rows`: what was drawn twice over, alive and removed, each with an id of its own; and the same backwards."""
    rows = [row | {REMOVED: removed} for row in drawn for removed in (None, BEFORE)]
    if spec.columns[0].privacy == "row_id":
        rows = [row | {spec.columns[0].name: n} for n, row in enumerate(rows, 1)]
    kinds = {f.name: f.type for f in spec.schema} | {n: kind for n, (_, kind) in PERSON.items()}
    kinds |= {n: kind for n, (kind, _) in BESIDE.items()} | {REMOVED: pa.int16()}
    table = {n: pa.array([row[n] for row in rows], kind) for n, kind in kinds.items()} | {
        "_row": pa.array(range(len(rows)))
    }
    con.register("drawn", pa.table(table))
    con.execute("CREATE OR REPLACE TABLE forward AS FROM drawn ORDER BY _row")
    con.execute("CREATE OR REPLACE TABLE backward AS FROM drawn ORDER BY _row DESC")
    return con.execute("FROM forward ORDER BY _row").to_arrow_table().to_pylist()


def ask(con, query):
    return con.execute(f"FROM ({query}) ORDER BY _row").to_arrow_table().to_pylist()


def holds(con, ruled, before):
    con.execute(f"CREATE OR REPLACE TABLE after AS {ruled.sql('forward')}")
    after = ask(con, "FROM after")
    assert [row["_row"] for row in after] == [row["_row"] for row in before], "a row came or went"
    marks, bits = {REMOVED, CHANGED}, ruled.rows.course().bits.get(ruled.number, 0)
    for old, new in zip(before, after, strict=True):
        if old[REMOVED] is not None:
            assert new[REMOVED] == old[REMOVED], "a removed row came back"
        else:
            assert new[REMOVED] in (None, ruled.number)
        changed = {n for n in new.keys() - marks if new[n] != old[n]}
        assert changed <= ruled.touched, "a column changed that no step names"
        if "person_id" in changed:
            assert new["person_id"] == old["p_research_id"]
        if old[REMOVED] is None and new[REMOVED] is None and changed:
            assert new[CHANGED] & bits, "a change was not counted"
        for name in changed:
            assert coarser(ruled, name, old, new), f"{name}: {old[name]!r} became {new[name]!r}, which tells more"
    assert ask(con, ruled.sql("backward")) == after, "it matters in which order the rows stand"
    if not ruled.rule.once:
        again(con, ruled)


def again(con, ruled):
    """A second time changes nothing."""
    left = f"SELECT * EXCLUDE ({REMOVED}, {CHANGED}), NULL::SMALLINT AS {REMOVED} FROM after WHERE {REMOVED} IS NULL"
    for row in ask(con, ruled.sql(f"({left})")):
        assert row[REMOVED] is None and not row[CHANGED], "a second time changes more"


@pytest.mark.parametrize("name", ORDER)
def test_what_every_rule_of_a_table_promises(name):
    found, spec = rules_of(name), tables()[name]
    constants = {c for ruled in found for c in ruled.constants}

    @settings(
        max_examples=2, phases=[Phase.generate], deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(rows_of(spec, constants))
    def promises(drawn):
        before = load(con, spec, drawn)
        for ruled in found:
            try:
                holds(con, ruled, before)
            except AssertionError as error:
                raise AssertionError(f"{ruled.rule.id} on {name} ({ruled.tier.name}): {error}") from error

    with duckdb.connect() as con:
        con.execute("SET threads = 1")
        promises()


def _brings_back(rows):
    return rows._step({REMOVED: rows.nothing(REMOVED)})


def _uncounted(rows):
    return replace(rows, number=2).change({"sex_at_birth_source_value": rows.nothing("sex_at_birth_source_value")})


def _tells_more(rows):
    return rows.change({"state_of_residence_source_value": rows.table.p_device})


def _every_time(rows):
    return rows.change({"state_of_residence_concept_id": rows.table.state_of_residence_concept_id.fill_null(0) - 1})


def _by_place(rows):
    place = ibis.row_number().over(ibis.window(group_by=rows.table.person_id))
    return rows.change(
        {"state_of_residence_concept_id": ibis.ifelse(place == 0, 1, rows.nothing("state_of_residence_concept_id"))}
    )


@pytest.mark.parametrize(
    ("broken", "family", "fault"),
    [
        (_brings_back, "text.x", "came back"),
        (_uncounted, "text.x", "not counted"),
        (_tells_more, "text.x", "tells more"),
        (_every_time, "quality.x", "second time"),
        (_by_place, "quality.x", "order"),
    ],
)
def test_a_rule_that_breaks_its_promise_is_found(broken, family, fault):
    tier, spec = TIERS["registered"], tables()["person_ext"]
    ruled = Ruled(tier, 1, Rule(family, 1, "a test", "Broken.", broken), spec)
    drawn = {f.name: None for f in spec.schema} | {name: default for name, (default, _) in PERSON.items()}
    drawn |= {"submission": 1, "_source": "PPI", "p_device": "words", "sex_at_birth_source_value": "SexAtBirth_Male"}
    rows = [drawn | {"person_id": n, "state_of_residence_source_value": "PIIState_WI"} for n in (1, 1, 1)]
    with duckdb.connect() as con, pytest.raises(AssertionError, match=fault):
        holds(con, ruled, load(con, spec, rows))
