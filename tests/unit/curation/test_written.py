"""A rule is written again for whatever it would say differently of, and for nothing else."""

from dataclasses import replace
from datetime import date

import ibis
import pytest

from commonweal import protocol
from commonweal.curation.rules.base import Facts, Rows, Rule
from commonweal.curation.written import applied
from commonweal.omop.tables import tables

PRIVACY = protocol.load(protocol.DEFAULT).privacy.registered
FACTS = Facts(date(2026, 6, 30), PRIVACY, sites={"a": "1"})


@pytest.fixture
def rule():
    """A rule that asks for the cutoff alone, and counts how often it is asked."""

    def late(rows):
        rule.calls.append(rows.number)
        return rows.remove(rows.table.death_date > ibis.literal(rows.facts.cutoff))

    rule = Rule("test.late", 1, "", "", late)
    object.__setattr__(rule, "calls", [])
    return rule


def rows(facts=FACTS, number=3, **columns):
    spec = tables()["death"]
    return replace(Rows.of(ibis.schema({"death_date": "date"} | columns), spec, facts), number=number)


def test_what_a_rule_did_not_ask_for_may_change(rule):
    first = applied(rule, rows())
    again = applied(rule, rows(replace(FACTS, sites={"b": "2"}, suppressed={"death.cause_concept_id": (1, 2)})))
    assert rule.calls == [3] and again.sql("t") == first.sql("t") and again.facts.sites == {"b": "2"}


def test_what_it_asked_for_writes_it_anew(rule):
    first, later = applied(rule, rows()), applied(rule, rows(replace(FACTS, cutoff=date(2026, 7, 1))))
    assert "2026" in first.sql("t") and first.sql("t") != later.sql("t")
    assert applied(rule, rows()).sql("t") == first.sql("t")


def test_so_do_its_number_and_the_columns(rule):
    texts = {applied(rule, one).sql("t") for one in (rows(), rows(number=4))}
    assert len(texts) == 2
    applied(rule, rows(p_shift="int64"))
    assert rule.calls == [3, 4, 3]


def test_what_is_no_single_step_stops_the_build():
    def nested(rows):
        filtered = rows.table.filter(rows.table.death_date.notnull())
        return replace(rows, table=filtered)._step({"death_date": filtered.death_date})

    with pytest.raises(AssertionError, match="more than an expression"):
        applied(Rule("test.nested", 1, "", "", nested), rows()).sql("t")
