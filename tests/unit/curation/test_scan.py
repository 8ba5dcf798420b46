"""What the scan for direct identifiers sees, and what it lets pass."""

import pytest

from commonweal.curation.checks.identifiers import holds

NAMES = {"white", "ana", "lópez", "ana lópez", "1 elm street"}
NUMBERS = {"ana@people.example", "4145550123", "p100000001", "mrn-77812"}


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
    assert holds(text, NAMES, NUMBERS) is seen
