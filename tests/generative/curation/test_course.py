"""All rules of a tier in one query, some of it worked out beside, do what they do one by one, on drawn rows of every table."""

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
from tests.generative.curation.test_rules import BESIDE, FACTS, ask, load, rows_of, rules_of, schema
from tests.spec.curation.conftest import PERSON

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


def at_once(con, tier, spec, empty, words, persons):
    rows = compose(Rows.of(schema(spec), spec, FACTS[tier.name]), tier)
    course = rows.course(empty, words=words, persons=persons)
    told = ask(con, course.query("forward") if not words else worded(con, course, rows, words))
    cells = {
        number: sum(
            (row[CHANGED] & course.bits.get(number, 0)).bit_count()
            for row in told
            if row[REMOVED] is None or row[REMOVED] > number
        )
        for number, _ in tier.for_table(spec.name)
    }
    return [{name: row[name] for name in (*rows.table.columns, "_row")} for row in told], cells


def worded(con, course, rows, words):
    """What words and persons decide is worked out beside: once for each wording, and for each person (here: each row)."""
    listed, columns = ", ".join(sorted(words)), [*rows.table.columns, "_row"]
    con.execute(
        f"CREATE OR REPLACE TABLE wordings AS SELECT row_number() OVER () AS _wording, * FROM (SELECT DISTINCT {listed} FROM forward)"
    )
    con.execute(f"CREATE OR REPLACE TABLE worded AS {course.worded('wordings', '_wording', columns)}")
    same = " AND ".join(f"f.{name} IS NOT DISTINCT FROM j.{name}" for name in words)
    source = (
        f"(SELECT f.* EXCLUDE ({listed}), w.* FROM ({course.persons('forward')}) f JOIN wordings j ON {same}"
        " JOIN worded w USING (_wording))"
    )
    said = course.said(columns)
    own = course.query(source, [*(name for name in columns if name not in said), "_wording"])
    spoken = ", ".join(["q.*", *(f"{text} AS {name}" for name, text in said.items())])
    return f"SELECT {spoken} FROM ({own}) q JOIN worded t0 USING (_wording)"


@pytest.mark.parametrize("name", ORDER)
def test_at_once_and_one_by_one(name):
    spec = tables()[name]
    constants = {c for ruled in rules_of(name) for c in ruled.constants}
    optional = sorted(c.name for c in spec.columns if not c.required and c.name != spec.columns[0].name)
    words = sorted(c.name for c in spec.columns[1:] if c.name != "person_id") + [*BESIDE]
    levels = st.tuples(st.sets(st.sampled_from(words)), st.sets(st.sampled_from([*PERSON, "person_id"])))

    @DRAWN
    @given(rows_of(spec, constants), st.sets(st.sampled_from(optional)) if optional else st.just(set()), levels)
    def same(drawn, empty, levels):
        load(con, spec, [row | dict.fromkeys(empty) for row in drawn])
        for tier in TIERS.values():
            before = one_by_one(con, tier, spec)
            assert at_once(con, tier, spec, empty, (), ()) == before, tier.name
            assert at_once(con, tier, spec, empty, *levels) == before, (tier.name, levels)

    with duckdb.connect() as con:
        con.execute("SET threads = 1")
        same()
