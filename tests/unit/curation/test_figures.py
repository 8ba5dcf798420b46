"""Counters add up, or the release fails; a digest of rows."""

import pyarrow as pa

from commonweal.curation import state
from commonweal.curation.checks.reconcile import reconcile


def step(rule, before, after):
    return {"rule": rule, "rows_in": before, "rows_out": after, "cells_changed": 0}


def test_rows_add_up():
    steps = {"death": [step("a", 10, 7), step("b", 7, 7)]}
    assert reconcile({"death": 10}, steps, {"death": 7})[0].outcome == "passed"


def test_a_row_that_vanished_without_a_rule_fails_the_release():
    steps = {"death": [step("a", 9, 7), step("b", 7, 7)]}
    (check,) = reconcile({"death": 10}, steps, {"death": 7})
    assert (check.outcome, check.figure) == ("failed", 1)
    assert reconcile({"death": 9}, steps, {"death": 6})[0].outcome == "failed"


def test_the_digest_of_rows_is_of_the_rows():
    table = pa.table({"a": [1, 2, 3]})
    parts = pa.concat_tables([table.slice(0, 1), table.slice(1)])
    assert state.table_digest(table) == state.table_digest(parts)
    assert state.table_digest(table) != state.table_digest(pa.table({"a": [1, 2, 4]}))
