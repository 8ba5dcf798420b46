"""A broken line is told by its number and costs no other line."""

import pytest

from commonweal.errors import BadInput
from commonweal.vault.people import csv_rows

COLUMNS = ["id", "name", "city"]


@pytest.fixture
def read(tmp_path):
    def read(content, needed=COLUMNS, allowed=(*COLUMNS, "more")):
        path = tmp_path / "people.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return [(row.line, row.values or row.fault) for row in csv_rows.rows(path, needed, allowed)]

    return read


def person(id, name, city):
    return {"id": id, "name": name, "city": city}


def test_rows_are_read_with_their_lines(read):
    assert read("id,name,city\n1,Ann,Ng Town\n\n2, Bo ,\n") == [
        (2, person("1", "Ann", "Ng Town")),
        (4, person("2", "Bo", "")),
    ]


def test_a_mark_of_utf8_and_other_line_ends_are_understood(read):
    assert read(b"\xef\xbb\xbfid,name,city\r\n1,Jos\xc3\xa9,X\r\n") == [(2, person("1", "José", "X"))]


def test_the_order_of_columns_is_free(read):
    assert read("city,id,name\nX,1,Ann\n") == [(2, person("1", "Ann", "X"))]


def test_a_row_may_hold_quoted_commas_and_line_breaks(read):
    assert read('id,name,city\n1,"Ng, Ann","a\nb"\n2,Bo,X\n') == [
        (2, person("1", "Ng, Ann", "a\nb")),
        (4, person("2", "Bo", "X")),
    ]


def test_another_encoding_is_told_and_the_rest_is_read(read):
    assert read(b"id,name,city\n1,Jos\xe9,X\n2,Bo,X\n") == [(2, "not UTF-8"), (3, person("2", "Bo", "X"))]


def test_too_few_and_too_many_values_are_told(read):
    assert read("id,name,city\n1,Ann\n2,Bo,X,Y\n3,Cy,X\n") == [
        (2, "2 values where the header has 3"),
        (3, "4 values where the header has 3"),
        (4, person("3", "Cy", "X")),
    ]


def test_a_stray_quotation_mark_costs_one_line(read):
    lines = ["id,name,city", '1,"Ann,X', *(f"{n},Bo,X" for n in range(2, 60))]
    found = read("\n".join(lines))
    assert found[0] == (2, "a quotation mark is not closed")
    assert found[1:] == [(n + 1, person(str(n), "Bo", "X")) for n in range(2, 60)]


def test_two_stray_quotation_marks_cost_two_lines(read):
    found = read('id,name,city\n1,"Ann,X\n2,Bo,X\n3,"Cy,X\n4,Di,X\n')
    assert found == [
        (2, "a quotation mark is not closed"),
        (3, person("2", "Bo", "X")),
        (4, "a quotation mark is not closed"),
        (5, person("4", "Di", "X")),
    ]


def test_a_quotation_mark_in_the_wrong_place_is_told(read):
    assert read('id,name,city\n1,"Ann"B,X\n2,Bo,X\n') == [
        (2, "a quotation mark in the wrong place"),
        (3, person("2", "Bo", "X")),
    ]


def test_a_broken_encoding_within_an_open_quotation_costs_both_lines(read):
    found = read(b'id,name,city\n1,"Ann,X\n2,\xff,X\n3,Cy,X\n')
    assert found == [(2, "a quotation mark is not closed"), (3, "not UTF-8"), (4, person("3", "Cy", "X"))]


def test_endless_and_strange_lines_are_told(read):
    found = read("id,name,city\n1," + "x" * 30_000 + ",X\n2,B\0o,X\n3,Cy,X\n")
    assert found == [(2, "longer than 20000 characters"), (3, "holds a NUL character"), (4, person("3", "Cy", "X"))]


def test_a_file_cut_off_in_the_middle_of_a_row_is_told(read):
    assert read("id,name,city\n1,Ann,X\n2,B") == [(2, person("1", "Ann", "X")), (3, "2 values where the header has 3")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "lacks id, name, city"),
        ("id,city\n1,X\n", "lacks name"),
        ("id,name,city,id\n", "twice"),
        ("id,name,city,other\n", "1 columns that are not of this program"),
        (b"id,name,city,\xff\n", "not UTF-8"),
    ],
)
def test_a_header_that_cannot_be_used_is_refused(read, content, message):
    with pytest.raises(BadInput, match=message):
        read(content)


def test_a_header_may_have_what_is_allowed(read):
    assert read("id,name,city,more\n1,Ann,X,Y\n") == [(2, person("1", "Ann", "X") | {"more": "Y"})]


def test_a_file_that_is_not_there_is_bad_input(tmp_path):
    with pytest.raises(BadInput, match="cannot be read"):
        csv_rows.digest(tmp_path / "nothing.csv")
