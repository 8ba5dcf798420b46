"""What was wrong with a submission: a code, the table and column, how often, the first places, and what to do about it.

Nothing here has a value of a row. Places are (file, line): files of a table are counted from 1 in the order of their
names, lines from 1 as a text editor does; in Parquet a line is a row.
"""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_noop as _

PLACES = 20

REMEDIES = {
    # a file as a whole
    "no_header": _("the first line must name the columns of the table, as the model does; this file is not taken"),
    "column_missing": _("a column that every row needs is not there; add it (values may be empty where the model allows)"),
    "key_column_missing": _("without its key, its person and its day a row cannot be used; add the column; this file is not taken"),
    "column_not_known": _("the table has no such column; it is left out"),
    "column_twice": _("two columns have this name; the first one counts"),
    "delimiter": _("columns are parted by something else than a comma; it was read, but write commas"),
    "encoding": _("the file is not UTF-8; it was read, but write UTF-8"),
    "empty_file": _("the file is empty"),
    "cut_off": _("the packed file ends too early or is damaged; what came before was read; pack it again"),
    "unpacks_too_far": _("the packed file unpacks to far more than tables do; what came after is not read"),
    "endless_line": _("a line is longer than a table's can be; what comes after it is not read"),
    "not_parquet": _("the file cannot be read as Parquet; write it again"),
    "no_person": _("there is no person table: nobody's rows can be used"),
    "no_names": _("there is no pii_name table: nobody can be recognised without a name"),
    "table_not_used": _("tables of this kind are not taken in; they need not be sent"),
    "file_not_known": _("the name of the file is not that of a table; rename it, as in measurement.csv"),
    # a line
    "too_few_cells": _("the line has fewer cells than the header; an empty value still needs its comma"),
    "too_many_cells": _("the line has more cells than the header; put values that hold a comma in quotation marks"),
    "quote_not_closed": _("a quotation mark opens a value and does not close it; double the marks within a value"),
    "bad_quoting": _("a value goes on after its closing quotation mark; double the marks within a value"),
    "line_not_utf8": _("the line has letters that are not UTF-8; read as Windows-1252; write UTF-8"),
    "empty_line": _("the line is empty; left out"),
    # a row: not taken
    "empty": _("the value is needed"),
    "not_a_number": _("a whole number is needed"),
    "not_a_date": _("write dates as 2024-05-31 (20240531 and 05/31/2024 are read too)"),
    "person_not_known": _("the person is not in the person table"),
    "person_not_usable": _("the person's own row cannot be used"),
    "birth_in_the_future": _("the birth lies in the future"),
    "born_too_long_ago": _("the birth lies before 1900"),
    "in_the_future": _("the day lies after the submission"),
    "too_long_ago": _("the day lies before 1900"),
    "key_twice": _("another row has the same key and other values; the first one counts"),
    "row_twice": _("the same row is there again; it counts once"),
    # a row: taken, with a value put right or left empty
    "value_not_a_number": _("a number is needed; the value was left out"),
    "value_not_a_date": _("write dates as 2024-05-31; the value was left out"),
    "concept_empty": _("no concept is given; taken as 0, no matching concept"),
    "end_empty": _("no end is given; taken as the start"),
    "ends_before_start": _("the end lies before the start; it was left out, or is the start where an end is needed"),
    "reference_not_known": _("no row of this person has that key; the reference was left out"),
    # concepts
    "concept_not_known": _("the vocabulary of the program has no such concept"),
    "concept_not_standard": _("the concept is not a standard one; it is mapped where the vocabulary leads to one"),
    "concept_other_domain": _("the concept's domain is that of another table"),
    "concept_zero": _("0, no matching concept"),
    # people
    "several_persons": _("two persons of the submission are the same participant; the rows of both are that participant's"),
}  # fmt: skip


class Troubles:
    """Counts and first places by (code, table, column)."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str, str], int] = {}
        self._places: dict[tuple[str, str, str], list[tuple[int, int]]] = {}

    def tell(
        self, code: str, table: str, column: str = "", *, count: int = 1, places: Iterable[tuple[int, int]] = ()
    ) -> None:
        if code not in REMEDIES:
            raise KeyError(code)
        if not count:
            return
        key = code, table, column
        self._counts[key] = self._counts.get(key, 0) + count
        told = self._places.setdefault(key, [])
        told.extend(list(places)[: PLACES - len(told)])

    def add(self, other: list[list[Any]]) -> None:
        """Add what `listed` gave of a part of the work."""
        for code, table, column, count, places in other:
            self.tell(code, table, column, count=count, places=[(file, line) for file, line in places])

    def listed(self) -> list[list[Any]]:
        return [[*key, count, self._places[key]] for key, count in self._counts.items()]

    def count(self, code: str) -> int:
        return sum(count for key, count in self._counts.items() if key[0] == code)

    def told(self) -> list[dict[str, Any]]:
        """For the report: by table, the commonest first."""
        found = sorted(self._counts.items(), key=lambda item: (item[0][1], -item[1], item[0]))
        return [
            {"code": code, "table": table, "column": column, "count": count}
            | {"places": [{"file": file, "line": line} for file, line in self._places[code, table, column]]}
            | {"remedy": REMEDIES[code]}
            for (code, table, column), count in found
        ]
