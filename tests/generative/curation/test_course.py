"""All rules of a tier in one query do what they do one after the other, on drawn rows of every table."""

from dataclasses import replace

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from commonweal.curation.assembling import ORDER
from commonweal.curation.engine import compose
from commonweal.curation.rules.base import Rows
from commonweal.curation.rules.layers import CHANGED, REMOVED
from commonweal.curation.tiers import TIERS
from commonweal.curation.written import applied
from commonweal.omop.tables import tables
from tests.generative.curation.test_rules import FACTS, ask, load, rows_of, rules_of, schema

DRAWN = settings(
    max_examples=1, phases=[Phase.generate], deadline=None, database=None, suppress_health_check=list(HealthCheck)
)


def one_by_one(con, tier, spec):
    """The rows after each rule by itself; and for each rule, the cells that it changed of rows that it let stay."""
    con.execute("CREATE OR REPLACE TABLE step AS FROM forward")
    start, cells = Rows.of(schema(spec), spec, FACTS[tier.name]), {}
    for number, rule in tier.for_table(spec.name):
        done = applied(rule, replace(start, number=number))
        con.execute(f"CREATE OR REPLACE TABLE step AS SELECT * FROM ({done.sql('step')})")
        cells[number] = con.execute(
            f"SELECT coalesce(sum(bit_count({CHANGED})), 0)::BIGINT FROM step WHERE {REMOVED} IS NULL"
        ).fetchall()[0][0]
        con.execute(f"ALTER TABLE step DROP {CHANGED}")
    return ask(con, "FROM step"), cells


def at_once(con, tier, spec, empty):
    rows = compose(Rows.of(schema(spec), spec, FACTS[tier.name]), tier)
    course = rows.course(empty)
    told = ask(con, course.query("forward"))
    cells = {
        number: sum(
            (row[CHANGED] & course.bits.get(number, 0)).bit_count()
            for row in told
            if row[REMOVED] is None or row[REMOVED] > number
        )
        for number, _ in tier.for_table(spec.name)
    }
    return [{name: value for name, value in row.items() if name != CHANGED} for row in told], cells


@pytest.mark.parametrize("name", ORDER)
def test_at_once_and_one_by_one(name):
    spec = tables()[name]
    constants = {c for ruled in rules_of(name) for c in ruled.constants}
    optional = sorted(c.name for c in spec.columns if not c.required and c.name != spec.columns[0].name)

    @DRAWN
    @given(rows_of(spec, constants), st.sets(st.sampled_from(optional)) if optional else st.just(set()))
    def same(drawn, empty):
        load(con, spec, [row | dict.fromkeys(empty) for row in drawn])
        for tier in TIERS.values():
            assert at_once(con, tier, spec, empty) == one_by_one(con, tier, spec), tier.name

    with duckdb.connect() as con:
        con.execute("SET threads = 1")
        same()
