"""The rows of a table's file, block by block, each with its line: as text from CSV, as they are from Parquet."""

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq

from commonweal.omop.submission import Table
from commonweal.vault.records.tables import cells, header, unpacking
from commonweal.vault.records.tables.folder import File
from commonweal.vault.records.tables.header import Header
from commonweal.vault.records.tables.troubles import PLACES, Troubles

ROWS = 150_000  # of a block of Parquet


@dataclass(frozen=True)
class Block:
    """Columns of the model that the file has, and `_line` (int64); the lines that could not be read are in `troubles`."""

    number: int
    rows: pa.Table
    troubles: Troubles


def read(file: File, table: Table, troubles: Troubles, done: int = 0) -> Iterator[Block]:
    """The blocks of a file from number `done` on. `troubles` hears what is wrong with the file as a whole."""
    return _parquet(file, table, troubles, done) if file.is_parquet else _text(file, table, troubles, done)


def _text(file: File, table: Table, troubles: Troubles, done: int) -> Iterator[Block]:
    def tell(code: str) -> None:
        troubles.tell(code, table.name, places=[(file.number, line)])

    line, found = 1, None
    for number, block in enumerate(unpacking.blocks(file.path, tell)):
        if number == 0:
            first, block = _headed(block)
            found = header.of_line(first, table, troubles, file.number)
            line = 2
        if found is None:
            return
        if number >= done:
            yield _block(number, block, line, found, table, file)
        line += block.count(b"\n")
    if line == 1:
        tell("empty_file")


def _headed(block: bytes) -> tuple[bytes, bytes]:
    end = block.index(b"\n") + 1
    return block[:end], block[end:]


def _block(number: int, block: bytes, line: int, found: Header, table: Table, file: File) -> Block:
    told = Troubles()
    rows = cells.quick(block, line, found, _kinds(table))
    if rows is None:
        rows = cells.quick(block, line, found, {})
    if rows is None:
        rows, faults = cells.careful(block, line, found)
        for code, lines in faults.items():
            told.tell(code, table.name, count=len(lines), places=[(file.number, at) for at in lines[:PLACES]])
    return Block(number, rows, told)


_KINDS = {"integer": pa.int64(), "float": pa.float64(), "date": pa.date32(), "datetime": pa.timestamp("us")}


def _kinds(table: Table) -> dict[str, pa.DataType]:
    return {c.name: _KINDS[c.type] for c in table.kept if c.type in _KINDS}


def _parquet(file: File, table: Table, troubles: Troubles, done: int) -> Iterator[Block]:
    try:
        source = pq.ParquetFile(file.path)
        names = [name.strip().lower() for name in source.schema_arrow.names]
        places = header.of_names(names, table, troubles, file.number)
        if places is None:
            return
        chosen = {name: source.schema_arrow.names[place] for name, place in places.items()}
        line = 1
        for number, batch in enumerate(source.iter_batches(ROWS, columns=list(chosen.values()))):
            rows = pa.table({name: _plain(batch[given]) for name, given in chosen.items()})
            lines = cells.lines(line, len(batch))
            line += len(batch)
            if number >= done:
                yield Block(number, rows.append_column(cells.LINE, lines), Troubles())
    except (pa.ArrowException, OSError):
        troubles.tell("not_parquet", table.name, places=[(file.number, 0)])


def _plain(column: pa.Array) -> pa.Array:
    """A column of words that are kept once is spelled out; an empty text is no value."""
    column = column.dictionary_decode() if pa.types.is_dictionary(column.type) else column
    return column.cast(pa.string()) if pa.types.is_large_string(column.type) else column
