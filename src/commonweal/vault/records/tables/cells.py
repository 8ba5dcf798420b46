"""The cells of a block of lines as columns of text, with the line of each row.

`quick` reads a block at once where all its lines, and if asked all values, are as they should be; `careful` goes line by
line, and tells of each that is not.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from commonweal.vault.records.tables.header import Header

EMPTY = ("", "NULL", "null", "\\N")  # how exports write no value
LINES_OF_A_VALUE = 50  # of free text in quotation marks
_CHUNK = 1 << 20
LINE = "_line"


def quick(block: bytes, first_line: int, header: Header, kinds: Mapping[str, pa.DataType]) -> pa.Table | None:
    """The rows of a block, with values of `kinds` by column (text where not named).

    None where a line has another number of cells or odd quoting, a value is not of its kind, or letters are not UTF-8.
    """
    if b"\n\n" in block or b"\n\r\n" in block or block[:1] in b"\r\n" or b"\x00" in block:
        return None
    names = [f"c{number}" for number in range(header.cells)]
    wanted = {name: f"c{place}" for name, place in header.places.items()}
    types = dict.fromkeys(names, pa.string()) | {wanted[name]: kind for name, kind in kinds.items() if name in wanted}
    try:
        found = arrow_csv.read_csv(
            io.BytesIO(block),
            read_options=arrow_csv.ReadOptions(column_names=names, block_size=_CHUNK),
            parse_options=arrow_csv.ParseOptions(delimiter=header.delimiter, ignore_empty_lines=False),
            convert_options=arrow_csv.ConvertOptions(
                column_types=types,
                include_columns=list(wanted.values()),
                null_values=list(EMPTY),
                strings_can_be_null=True,
            ),
        )
    except pa.ArrowInvalid:
        return None
    if found.num_rows != block.count(b"\n"):
        return None
    columns = dict(zip(wanted, found.columns, strict=True))
    return pa.table(columns | {LINE: lines(first_line, found.num_rows)})


def lines(first: int, count: int) -> pa.Array:
    """The numbers of `count` lines."""
    return pc.add(pc.cumulative_sum(pa.repeat(pa.scalar(1, pa.int64()), count)), first - 1)


Faults = dict[str, list[int]]  # code -> lines


def careful(block: bytes, first_line: int, header: Header) -> tuple[pa.Table, Faults]:
    """The rows of the lines that can be read, as text; and the lines of what is wrong, by code."""
    columns: dict[str, list[str | None]] = {name: [] for name in header.places}
    numbers: list[int] = []
    faults: Faults = {}
    fills = [(columns[name], place) for name, place in header.places.items()]
    for line, row in _records(block, first_line, header, faults):
        numbers.append(line)
        for column, place in fills:
            value = row[place]
            column.append(None if value in EMPTY else value)
    arrays = {name: pa.array(values, pa.string()) for name, values in columns.items()}
    return pa.table(arrays | {LINE: pa.array(numbers, pa.int64())}), faults


def _records(block: bytes, first_line: int, header: Header, faults: Faults) -> Iterator[tuple[int, list[str]]]:
    lines, numbers = _written(block, first_line)
    faults["empty_line"] = _gaps(numbers, first_line, first_line + block.count(b"\n"))
    at = 0
    while at < len(lines):
        row, used = _row(lines, numbers, at, header)
        for place in range(at, at + used):
            if not _is_utf8(lines[place]):
                faults.setdefault("line_not_utf8", []).append(numbers[place])
        fault = row if isinstance(row, str) else _cells_fault(row, header.cells)
        if fault:
            faults.setdefault(fault, []).append(numbers[at])
        else:
            yield numbers[at], row  # type: ignore[misc]
        at += used


def _written(block: bytes, first_line: int) -> tuple[list[bytes], list[int]]:
    """The lines with anything on them, and the number of each; a file of nothing but line feeds takes no time."""
    lines, numbers, number, before = [], [], first_line, 0
    for found in _WRITTEN.finditer(block):
        number += block.count(b"\n", before, found.start())
        before = found.start()
        lines.append(found[0])
        numbers.append(number)
    return lines, numbers


_WRITTEN = re.compile(rb"[^\r\n][^\n]*")
_GAPS = 1000  # empty lines that are told of a block


def _gaps(numbers: list[int], first: int, end: int) -> list[int]:
    """The first numbers that are missing."""
    found: list[int] = []
    for number in (*numbers, end):
        if number > first and len(found) < _GAPS:
            found.extend(range(first, min(number, first + _GAPS)))
        first = number + 1
    return found


def _row(lines: list[bytes], numbers: list[int], at: int, header: Header) -> tuple[list[str] | str, int]:
    """The cells of a line, or the code of what is wrong with it; and how many lines its values take."""
    text = _text(lines[at])
    if '"' not in text:
        return text.split(header.delimiter), 1
    row = _parsed([text], header.delimiter)
    if row != "quote_not_closed":
        return row, 1
    several, last = [text], min(len(lines), at + LINES_OF_A_VALUE)
    for place in range(at + 1, last):
        several += [""] * min(numbers[place] - numbers[place - 1] - 1, LINES_OF_A_VALUE)
        several.append(_text(lines[place]))
        if '"' in several[-1] and (row := _parsed(several, header.delimiter)) != "quote_not_closed":
            whole = isinstance(row, list) and len(row) == header.cells
            return (row, place - at + 1) if whole else ("quote_not_closed", 1)
    return "quote_not_closed", 1


def _parsed(lines: list[str], delimiter: str) -> list[str] | str:
    try:
        return next(csv.reader([line + "\n" for line in lines], delimiter=delimiter, strict=True), [])
    except csv.Error as error:
        return "quote_not_closed" if "end of data" in str(error) else "bad_quoting"


def _cells_fault(row: list[str], cells: int) -> str:
    return "too_few_cells" if len(row) < cells else "too_many_cells" if len(row) > cells else ""


def _is_utf8(line: bytes) -> bool:
    if line.isascii():
        return True
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _text(line: bytes) -> str:
    """A line as UTF-8, else as Windows-1252, else as Latin-1, which reads anything."""
    line = line.rstrip(b"\r").replace(b"\x00", b"")
    for encoding in ("utf-8", "cp1252"):
        try:
            return line.decode(encoding)
        except UnicodeDecodeError:
            continue
    return line.decode("latin-1")
