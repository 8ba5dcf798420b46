"""What the scan for direct identifiers sees, and what it lets pass."""

import duckdb
import pyarrow as pa
import pytest

from commonweal.curation.checks.identifiers import held

NAMES = {"white", "ana", "lópez", "ana lópez", "1 elm street"}
NUMBERS = {"ana@people.example", "4145550123", "p100000001", "mrn-77812", "20200712"}


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("Ana López", True),
        (" LÓPEZ ", True),
        ("1 Elm Street", True),
        ("write to ana@people.example today", True),
        ("(414) 555-0123", True),
        ("phone: 414-555-0123", True),
        ("P100000001", True),
        ("record (MRN-77812)", True),
        ("WhatRaceEthnicity_White", False),  # a code that holds a name is no name
        ("EHR site 001", False),
        ("anaemia", False),
        ("en", False),
    ],
)
def test_what_it_sees(text, seen):
    assert found(text, prose=False) is seen


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("White", False),
        ("2020-07-12", False),
        ("table of P100000001", True),
        ("tables/P100000001/part-0000.parquet", True),
    ],
)
def test_what_the_program_wrote_itself_has_words_that_are_names(text, seen):
    assert found(text, prose=True) is seen


def found(text, prose):
    with duckdb.connect() as con:
        con.register("told", pa.table({"v": [text], "prose": [prose]}))
        known = [(True, pa.table({"v": sorted(NAMES)})), (False, pa.table({"v": sorted(NUMBERS)}))]
        return held(con, iter(known)) == {text}
