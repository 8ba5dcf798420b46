"""Parts: a tier is built some tens of thousands of people at a time, those whose research ids are neighbours in it.

Raw rows lie in a grid of cells, by the part of their person in one tier and in the other. Each row is written once; a tier
reads each cell once; and since every part of one tier meets every part of the other, the order of one tells nothing of the
order of the other. People do not stand in the order in which they joined in either (decision record 0038).
"""

import json
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from commonweal.curation import tables
from commonweal.curation.duck import memory_mb, quote

TIERS = ("registered", "controlled")
FEW, PEOPLE = 16_384, 65_536  # people in a part of a small and of a large program
CELLS = 150_000_000  # cells (rows times columns) of one table in a part: what is sorted at one time
MOST = 32  # parts; the grid has the square of it
VECTOR = 2_048  # rows that the engine handles together
NONE = "none.parquet"  # beside the cells of a table: no rows, all columns
FILLED = "filled.json"  # and: the columns that have a value in some row


def how_many(people: int, cells: int = 0) -> int:
    """The parts of a program: `cells` is the size (rows times columns) of its largest table that is known beforehand."""
    small = min(16, -(-people // FEW))
    return max(1, min(MOST, max(small, -(-people // PEOPLE), -(-cells // CELLS))))


def deal(con: duckdb.DuckDBPyConnection, crosswalk: pa.Table, number: int) -> None:
    """Make `parts(person_id, registered, controlled)`: the part of each person in each tier, from 0.

    `crosswalk`: participant and the research id in each tier (int64).
    """
    places = {"person_id": crosswalk["participant"]}
    for tier in TIERS:
        ids = crosswalk[tier].to_numpy()
        rank = np.empty(len(ids), np.int64)
        rank[np.argsort(ids)] = np.arange(len(ids))
        places[tier] = pa.array((rank * number // max(1, len(ids))).astype(np.int32))
    con.register("incoming", pa.table(places))
    con.execute("CREATE OR REPLACE TABLE parts AS FROM incoming")
    con.unregister("incoming")


def prepare(con: duckdb.DuckDBPyConnection, number: int) -> None:
    """What the engine needs for writing `number` times `number` cells at one time.

    Rows wait in vectors of 2,048 until a thread has as many as the threshold: with fewer for each cell the vectors are all
    but empty, and take their whole room nevertheless.
    """
    con.execute(f"SET partitioned_write_max_open_files = {max(100, number * number)}")
    con.execute(f"SET partitioned_write_flush_threshold = {max(16_384, number * number * VECTOR)}")


def waiting(cells: int, columns: int, memory_mb: int) -> int:
    """How many rows of a cell are written at one time: those of all cells that wait for it take a third of the memory.

    Were it more, the engine would put them on disk and read them again before they come to their place.
    """
    room = memory_mb * 2**20 // 3 // (cells * columns * 12)  # a value takes some 12 bytes
    return max(VECTOR, min(tables.GROUP, room // VECTOR * VECTOR))


def write(con: duckdb.DuckDBPyConnection, query: str, folder: Path, name: str = "") -> None:
    """Write the rows of `query` (with person_id) into the grid under `folder`; `name` tells files of several calls apart."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    form = "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1"
    if not (folder / NONE).exists():
        con.execute(f"COPY (FROM ({query}) WHERE false) TO {quote(folder / NONE)} ({form})")
    number = con.execute("SELECT coalesce(max(registered), 0) + 1 FROM parts").fetchall()[0][0]
    columns = len(con.execute(f"DESCRIBE {query}").fetchall())
    form += f", ROW_GROUP_SIZE {waiting(number**2, columns, memory_mb())}"
    dealt = f"SELECT r.*, p.registered AS _registered, p.controlled AS _controlled FROM ({query}) r JOIN parts p USING (person_id)"
    told = con.execute(
        f"COPY ({dealt}) TO {quote(folder)} ({form}, PARTITION_BY (_registered, _controlled), OVERWRITE_OR_IGNORE,"
        f" FILENAME_PATTERN '{name}{{i}}', RETURN_STATS)"
    )
    before = json.loads((folder / FILLED).read_bytes()) if (folder / FILLED).exists() else []
    written = (statistics for *_, statistics, _ in told.fetchall())
    found = {name for cell in written for name, values in cell.items() if values["null_count"] != values["num_values"]}
    (folder / FILLED).touch(0o600)
    (folder / FILLED).write_text(json.dumps(sorted({*before, *(name.strip('"') for name in found)})))


def files(folder: Path, tier: str | None = None, part: int | None = None) -> list[Path]:
    """The files of a raw table: all of them, or those with the people of one part of a tier."""
    pattern = "_registered=*/_controlled=*"
    if tier is not None:
        pattern = pattern.replace(f"_{tier}=*", f"_{tier}={part}")
    cells = sorted(folder.glob(f"{pattern}/*.parquet"))
    return [*cells, folder / NONE]  # in this order: the engine guesses the rows of all files by the first


def number(folder: Path, tier: str) -> int:
    """How many parts of a tier a raw table has rows of, up to the last one; 1 where it has none."""
    pattern = {"registered": "_registered=*", "controlled": "_registered=*/_controlled=*"}[tier]
    return max((int(path.name.partition("=")[2]) for path in folder.glob(pattern)), default=0) + 1


def source(paths: list[Path]) -> str:
    """SQL of what is in these files."""
    return f"read_parquet({_listed(paths)}, hive_partitioning = false)"


def empty(folder: Path) -> set[str]:
    """The columns of a raw table that have no value in any row, as was told when they were written; none if it was not."""
    if not (folder / FILLED).exists():
        return set()
    return set(pq.read_schema(folder / NONE).names) - set(json.loads((folder / FILLED).read_bytes()))


def _listed(paths: list[Path]) -> str:
    return f"[{', '.join(quote(path) for path in paths)}]"
