"""The facts as tables: one CSV file each, a data dictionary, and a page that says how to read them, in both languages.

Text that a spreadsheet would take for a formula (it begins with = + - @, a tab or a new line) gets an apostrophe before
it, so that opening a file runs nothing (CWE-1236); numbers stay numbers. Files are UTF-8 with a mark that Excel needs.
"""

import csv
import io
import zipfile
from collections.abc import Callable, Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from commonweal.vault.journey.my_data.taking import dictionary
from commonweal.vault.journey.my_data.taking.facts import Table

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")
FOLDER = "tables"


def safe(value: Any) -> Any:
    """A cell that no spreadsheet runs; None is empty, a yes or no is true or false."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"'{value}" if isinstance(value, str) and value.startswith(DANGEROUS) else value


def write(archive: zipfile.ZipFile, tables: Iterable[Table], step: Callable[[], None]) -> list[tuple[str, int]]:
    """Every table, then the dictionary and the README; answers (table, rows). `step` is called after each table."""
    written = []
    for table in tables:
        written.append((table.name, _table(archive, table)))
        step()
    _text(archive, f"{FOLDER}/data_dictionary.csv", _dictionary(table for table in tables))
    _text(archive, "README.txt", readme(written))
    return written


def _table(archive: zipfile.ZipFile, table: Table) -> int:
    count = 0
    with archive.open(f"{FOLDER}/{table.name}.csv", "w", force_zip64=True) as raw:
        text = io.TextIOWrapper(raw, encoding="utf-8-sig", newline="")
        out = csv.writer(text)
        out.writerow(table.columns)
        for row in table.read():
            out.writerow([safe(row.get(column)) for column in table.columns])
            count += 1
        text.flush()
        text.detach()
    return count


def _dictionary(tables: Iterable[Table]) -> str:
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(["table", "column", "meaning_en", "significado_es"])
    for table in tables:
        rows.writerow([table.name, "", *(dictionary.of_table(table.name, one) for one in dictionary.LANGUAGES)])
        for column in table.columns:
            words = [dictionary.of_column(table.name, column, one) for one in dictionary.LANGUAGES]
            rows.writerow([table.name, column, *words])
    return out.getvalue()


def readme(written: Iterable[tuple[str, int]]) -> str:
    """How to read the files, in English and in Spanish, with what is in each."""
    written = list(written)
    return "\n\n\n".join(_readme(written, language) for language in dictionary.LANGUAGES) + "\n"


def _readme(written: list[tuple[str, int]], language: str) -> str:
    with override(language):
        lines = [
            _("Your data"),
            "",
            _("These are all the data that the program holds about you, on the day on which you asked for them."),
            _(
                "They are yours. They are no longer protected by us: keep them as you would keep a letter from your doctor."
            ),
            "",
            _("tables/ has one file for each kind of data. Each can be opened with a spreadsheet."),
            _("tables/data_dictionary.csv says what each column holds."),
            _(
                "Days and times are written as year-month-day. Times with +00:00 at the end are UTC; others are by the clock where you were."
            ),
            _("A text that begins with = + - or @ has an apostrophe (') before it, so that no spreadsheet runs it."),
            _("A device that was not worn has no values for that day; wearable_wear_day says which days these are."),
            _(
                "Survey answers that you corrected are here as well: status tells which ones, replaces which row was corrected."
            ),
            "",
            _("File, number of rows, and what is in it:"),
        ]
        lines += [f"  {name}.csv  ({count})  {dictionary.of_table(name, language)}" for name, count in written]
    return "\n".join(lines)


def _text(archive: zipfile.ZipFile, name: str, text: str) -> None:
    archive.writestr(name, text.encode("utf-8-sig"), compress_type=zipfile.ZIP_DEFLATED)
