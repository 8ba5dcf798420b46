"""The cells of a block of lines as columns of text, with the line of each row.

`quick` reads a block at once where all its lines, and if asked all values, are as they should be; `careful` goes line by
line, and tells of each that is not.
"""

import csv
import io
from collections.abc import Callable, Iterator, Mapping

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
    if found.num_rows != block.count(b"\n") or b"\x00" in block:
        return None
    columns = dict(zip(wanted, found.columns, strict=True))
    return pa.table(columns | {LINE: lines(first_line, found.num_rows)})


def lines(first: int, count: int) -> pa.Array:
    """The numbers of `count` lines."""
    return pc.add(pc.cumulative_sum(pa.repeat(pa.scalar(1, pa.int64()), count)), first - 1)


def careful(block: bytes, first_line: int, header: Header, tell: Callable[[str, int], None]) -> pa.Table:
    """The rows of the lines that can be read; `tell` hears code and line of what is wrong with the others."""
    columns: dict[str, list[str | None]] = {name: [] for name in header.places}
    numbers = []
    fills = [(columns[name], place) for name, place in header.places.items()]
    for line, row in _records(block, first_line, header, tell):
        numbers.append(line)
        for column, place in fills:
            value = row[place]
            column.append(None if value in EMPTY else value)
    arrays = {name: pa.array(values, pa.string()) for name, values in columns.items()}
    return pa.table(arrays | {LINE: pa.array(numbers, pa.int64())})


def _records(
    block: bytes, first_line: int, header: Header, tell: Callable[[str, int], None]
) -> Iterator[tuple[int, list[str]]]:
    lines = block.split(b"\n")[:-1]
    at = 0
    while at < len(lines):
        line = first_line + at
        text = _text(lines[at], line, tell)
        row, used = _row(text, lines, at, header), 1
        if isinstance(row, int):  # a value of several lines
            used = row
            joined = [text, *(_text(lines[at + n], line + n, tell) for n in range(1, used))]
            row = _parsed("\n".join(joined), header.delimiter)
        at += used
        fault = row if isinstance(row, str) else _cells_fault(row, header.cells)
        if fault:
            tell(fault, line)
        else:
            yield line, row


def _row(text: str, lines: list[bytes], at: int, header: Header) -> list[str] | str | int:
    """The cells of a line; or the code of what is wrong; or how many lines it takes to close its quotation mark."""
    row = _parsed(text, header.delimiter)
    if row != "quote_not_closed":
        return row
    for count in range(2, min(LINES_OF_A_VALUE, len(lines) - at) + 1):
        whole = _parsed("\n".join(_lenient(lines[at + n]) for n in range(count)), header.delimiter)
        if whole != "quote_not_closed":
            return count if isinstance(whole, list) and len(whole) == header.cells else "quote_not_closed"
    return "quote_not_closed"


def _parsed(text: str, delimiter: str) -> list[str] | str:
    try:
        parts = [part + "\n" for part in text.split("\n")]
        return next(csv.reader(parts, delimiter=delimiter, strict=True), [])
    except csv.Error as error:
        return "quote_not_closed" if "end of data" in str(error) else "bad_quoting"


def _cells_fault(row: list[str], cells: int) -> str:
    if not row:
        return "empty_line"
    return "too_few_cells" if len(row) < cells else "too_many_cells" if len(row) > cells else ""


def _text(line: bytes, number: int, tell: Callable[[str, int], None]) -> str:
    try:
        return line.rstrip(b"\r").replace(b"\x00", b"").decode()
    except UnicodeDecodeError:
        tell("not_utf8", number)
        return _lenient(line)


def _lenient(line: bytes) -> str:
    line = line.rstrip(b"\r").replace(b"\x00", b"")
    for encoding in ("utf-8", "cp1252"):
        try:
            return line.decode(encoding)
        except UnicodeDecodeError:
            continue
    return line.decode("latin-1")
