"""ZIP codes: what was typed, and what is known of a place on a day; where no table can tell, nothing is guessed."""

import re
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commonweal.protocol.reference import ReferenceTable
from commonweal.protocol.zips import Ruca, Zips, military, zip5

FIRST, LATER = date(2020, 9, 14), date(2020, 9, 15)


def table(kind: str, text: str) -> ReferenceTable:
    header, *rows = [line.split(",") for line in text.split()]
    return ReferenceTable(kind, "1", "", "", tuple(dict(zip(header, row, strict=True)) for row in rows))


TABLES = {
    "zip_county": table(
        "zip_county",
        """ZIP,COUNTY,RES_RATIO,TOT_RATIO 01029,25003,1,1 00601,72113,0.2,0.2 00601,72001,0.8,0.8 60601,17031,1,1
        00501,36103,0,0.4 00501,36059,0,0.6 12345,36093,1,1""",
    ),
    "ruca": table("ruca", "ZIP_CODE,STATE,RUCA1,RUCA2 01029,MA,10,10.3 60601,IL,1,1 99990,AK,99,99"),
    "rural_zips": table(
        "rural_zips",
        "zip,since 01029, 12345, 59999, 01029,2020-09-15 00601,2020-09-15 58888,2020-09-15",
    ),
    "zip3": table("zip3", "zip3,people 010,9 606,9"),
}
ZIPS = Zips.of(TABLES)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        *((text, "60601") for text in ("60601", " 60601 ", "60601-1234", "60601 1234", "606011234", "60601–1234")),
        *(
            (text, "60601")
            for text in ("6 0 6 0 1", "606 01", "60601-", "60601, Chicago", "IL 60601", "60601-12", "60601.0")
        ),
        *(
            (text, None)
            for text in ("", None, "  ", "Chicago", "6060", "601", "606011", "1002-1234", "1002.0", "60 Main")
        ),
        *((text, None) for text in ("६०६०१", "²²²²²", "-", "0")),
        ("01002", "01002"),
        ("1002", None),
    ],
)
def test_what_somebody_typed(typed, code):
    assert zip5(typed) == code


@pytest.mark.parametrize(
    ("typed", "state", "code"),
    [
        ("1002", "MA", "01002"),
        ("601", "PR", "00601"),
        ("6390", "NY", "06390"),
        ("802", "VI", "00802"),
        ("1002", "NY", None),
        ("1002", "IL", None),
        ("6001", "MA", None),
        ("0102", "MA", None),
        ("10", "MA", None),
        ("1002-1234", "MA", None),
        ("60601", "MA", "60601"),
    ],
)
def test_lost_zeros_come_back_only_where_the_state_leaves_no_doubt(typed, state, code):
    assert zip5(typed, state) == code


@settings(deadline=None)
@given(st.text("0123456789 -–xX\t.", max_size=14), st.sampled_from(["", "MA", "PR", "NY", "IL"]))
def test_whatever_is_typed_gives_a_code_or_nothing(typed, state):
    """No digit is invented but the zeros of the state, and what was once understood stays the same."""
    code = zip5(typed, state)
    if code is not None:
        assert re.fullmatch("[0-9]{5}", code) and zip5(code, state) == code
        assert code.lstrip("0") in re.sub(r"[^0-9]", "", typed)
        assert state or code in re.sub(r"[^0-9]", "", typed)


def test_addresses_of_the_armed_forces():
    assert all(military(code) for code in ("09012", "09899", "96201", "96699", "34002"))
    assert not any(military(code) for code in ("08901", "10001", "96101", "96701", "34102", "33901"))


def test_a_zip_code_that_is_split_lies_where_most_of_its_people_live():
    assert ZIPS.county("00601") == "72001"
    assert ZIPS.counties("00601") == (("72001", 0.8), ("72113", 0.2))
    assert ZIPS.county("00501") == "36059"  # nobody lives there: all addresses decide
    assert ZIPS.county("99999") is None and ZIPS.counties("99999") == ()


@pytest.mark.parametrize(
    ("code", "first", "later"),
    [
        ("01029", True, True),
        ("00601", False, True),
        ("12345", True, False),
        ("60601", False, False),
        ("59999", True, None),  # retired: no later table has it, so that its absence from the list says nothing
        ("58888", None, True),
        ("09012", None, None),
        ("34002", None, None),
        ("99999", None, None),
        ("", None, None),
        (None, None, None),
    ],
)
def test_rural_by_the_list_in_force(code, first, later):
    assert (ZIPS.rural(code, FIRST), ZIPS.rural(code, LATER)) == (first, later)


def test_which_zip_codes_there_are():
    assert all(ZIPS.exists(code) for code in ("01029", "99990", "59999", "58888", "09012"))
    assert ZIPS.exists("99999") is False
    few = Zips.of({"zip3": TABLES["zip3"]})
    assert (few.exists("60699"), few.exists("99999")) == (True, False)
    assert Zips.of({}).exists("60601") is None


def test_without_tables_nothing_is_known():
    nothing = Zips.of({})
    assert (nothing.rural("01029", LATER), nothing.county("01029"), nothing.ruca("01029")) == (None, None, None)
    lone = Zips.of({name: TABLES[name] for name in ("rural_zips", "zip3")})
    assert (lone.rural("60601", FIRST), lone.rural("99999", FIRST), lone.rural("01029", FIRST)) == (False, None, True)


def test_before_the_first_list_nothing_is_known():
    later = Zips.of(TABLES | {"rural_zips": table("rural_zips", "zip,since 01029,2020-09-15")})
    assert (later.rural("01029", FIRST), later.rural("01029", LATER)) == (None, True)
    always = Zips.of(TABLES | {"rural_zips": table("rural_zips", "zip 01029")})
    assert (always.rural("01029", date.min), always.rural("60601", FIRST)) == (True, False)


def test_classes_of_commuting():
    assert (ZIPS.ruca("01029"), ZIPS.ruca("60601")) == (Ruca(10, "10.3"), Ruca(1, "1"))
    assert ZIPS.ruca("99990") is None and ZIPS.exists("99990")  # known, but without a class
