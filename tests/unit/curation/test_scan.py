"""What the scan for direct identifiers sees, and what it lets pass."""

import duckdb
import pyarrow as pa
import pytest

from commonweal.curation.checks.identifiers import DATA, ITSELF, PROSE, held

NAMES = {"white", "ana", "lópez", "ana lópez", "1 elm street"}
NUMBERS = {"ana@people.example", "4145550123", "p100000001", "mrn-77812", "20200712", "202641"}


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
    assert found(text, DATA) is seen


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
    assert found(text, PROSE) is seen


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("2026Q4R1", False),  # somebody's record number is 202641
        ("Commonweal 2020-07-12", False),
        ("release 202641", True),
        ("release of P100000001", True),
        ("1 Elm Street", True),
    ],
)
def test_what_a_release_says_of_itself_has_digits_that_are_nobodys_number(text, seen):
    assert found(text, ITSELF) is seen
    assert found(text, DATA)


def found(text, kind):
    with duckdb.connect() as con:
        con.register("told", pa.table({"v": [text], "kind": [kind]}))
        known = [(True, pa.table({"v": sorted(NAMES)})), (False, pa.table({"v": sorted(NUMBERS)}))]
        return held(con, iter(known)) == {text}
