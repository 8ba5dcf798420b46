"""Rows of a REDCap data dictionary: a CSV file as REDCap writes it, with its columns' titles or their names in the API."""

import csv
import io
import re
from collections.abc import Iterator
from typing import NamedTuple

COLUMNS = {  # our name: (title in the file that people download, name in the API)
    "field": ("Variable / Field Name", "field_name"),
    "form": ("Form Name", "form_name"),
    "section": ("Section Header", "section_header"),
    "type": ("Field Type", "field_type"),
    "label": ("Field Label", "field_label"),
    "choices": ("Choices, Calculations, OR Slider Labels", "select_choices_or_calculations"),
    "note": ("Field Note", "field_note"),
    "validation": ("Text Validation Type OR Show Slider Number", "text_validation_type_or_show_slider_number"),
    "least": ("Text Validation Min", "text_validation_min"),
    "most": ("Text Validation Max", "text_validation_max"),
    "identifier": ("Identifier?", "identifier"),
    "branching": ("Branching Logic (Show field only if...)", "branching_logic"),
    "required": ("Required Field?", "required_field"),
    "alignment": ("Custom Alignment", "custom_alignment"),
    "number": ("Question Number (surveys only)", "question_number"),
    "matrix": ("Matrix Group Name", "matrix_group_name"),
    "ranking": ("Matrix Ranking?", "matrix_ranking"),
    "annotation": ("Field Annotation", "field_annotation"),
}
NEEDED = ("field", "form", "type", "label")
MOST_ROWS, LONGEST_CELL = 20_000, 100_000
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_TAG = re.compile(r"<[^<>]{0,2000}>")


class Problem(NamedTuple):
    """What cannot be carried over, or is wrong: in which row of the file (its header is row 1), at which field."""

    row: int
    field: str
    message: str


class Row(NamedTuple):
    """One field. `at` is its row in the file; all else is the text of a cell, without blanks around it."""

    at: int
    field: str = ""
    form: str = ""
    section: str = ""
    type: str = ""
    label: str = ""
    choices: str = ""
    note: str = ""
    validation: str = ""
    least: str = ""
    most: str = ""
    identifier: str = ""
    branching: str = ""
    required: str = ""
    alignment: str = ""
    number: str = ""
    matrix: str = ""
    ranking: str = ""
    annotation: str = ""


def read_rows(text: str) -> tuple[list[Row], list[Problem]]:
    """(the fields of a data dictionary, what is wrong with its rows)."""
    problems: list[Problem] = []
    records = list(_records(text.lstrip("\ufeff"), problems))
    if not records:
        return [], problems or [Problem(1, "", "the file is empty")]
    places = _places(records[0][1])
    missing = [COLUMNS[name][0] for name in NEEDED if name not in places]
    if missing:
        hint = "; its columns are to be separated by commas" if ";" in "".join(records[0][1]) else ""
        return [], [Problem(1, "", f"no REDCap data dictionary: it has no column '{missing[0]}'{hint}")]
    rows = [_row(at, cells, places) for at, cells in records[1:] if any(cell.strip() for cell in cells)]
    return list(_sound(rows, problems)), problems


def _records(text: str, problems: list[Problem]) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""))
    at = 0
    while True:
        at += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            problems.append(Problem(at, "", "a cell that is too long or has no end; the file is read no further"))
            return
        if at > MOST_ROWS:
            problems.append(Problem(at, "", f"more than {MOST_ROWS} rows; the file is read no further"))
            return
        yield at, cells


def _places(header: list[str]) -> dict[str, int]:
    found = {title.strip().strip('"').casefold(): place for place, title in enumerate(header)}
    names = {name: [found[t.casefold()] for t in titles if t.casefold() in found] for name, titles in COLUMNS.items()}
    return {name: places[0] for name, places in names.items() if places}


def _row(at: int, cells: list[str], places: dict[str, int]) -> Row:
    found = {name: cells[place].strip() for name, place in places.items() if place < len(cells)}
    return Row(at, **found)


def _sound(rows: list[Row], problems: list[Problem]) -> Iterator[Row]:
    """The rows that can be used; each other one is told."""
    first: dict[str, int] = {}
    for row in rows:
        if not _NAME.fullmatch(row.field):
            name = row.field[:40] if re.fullmatch(r"[\w .-]*", row.field[:40]) else ""
            problems.append(Problem(row.at, name, "no field name: small letters, digits and _ after a letter"))
        elif row.field in first:
            problems.append(Problem(row.at, row.field, f"the same field name as in row {first[row.field]}"))
        elif not _NAME.fullmatch(row.form):
            problems.append(Problem(row.at, row.field, "no form name: small letters, digits and _ after a letter"))
        elif any(len(cell) > LONGEST_CELL for cell in row[1:]):
            problems.append(Problem(row.at, row.field, f"a cell of more than {LONGEST_CELL} characters"))
        else:
            first[row.field] = row.at
            yield row


def words(label: str) -> str:
    """A label without its HTML, on one line."""
    return re.sub(r"\s+", " ", _TAG.sub(" ", label)).strip()
