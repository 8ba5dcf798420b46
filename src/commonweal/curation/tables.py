"""One table of a release: from its raw rows to a Parquet file, with what is needed to trace a row back, sealed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from commonweal.curation import engine, files
from commonweal.curation.keys import Seal
from commonweal.curation.rules.base import Facts
from commonweal.curation.rules.identifiers import LINKS
from commonweal.curation.tiers import Tier
from commonweal.omop import tables as cdm
from commonweal.omop.tables import Table

GROUP = 1 << 17  # rows in a Parquet row group
EXTENSIONS = {"observation": "observation_ext", "survey_conduct": "survey_conduct_ext"}


@dataclass
class Built:
    """A finished table: rows, what each rule did, and its files (path in the tier's folder, bytes, sha256)."""

    name: str
    rows: int
    counters: list[dict[str, Any]] = field(default_factory=list)
    files: list[dict[str, Any]] = field(default_factory=list)


def build(
    con: duckdb.DuckDBPyConnection,
    name: str,
    tier: Tier,
    facts: Facts,
    *,
    salt: str,
    folder: Path,
    seal: Seal,
    trace: Path,
) -> list[Built]:
    """Build table `name` (and the extension table that goes with it) into `folder`; seal its raw ids into `trace`."""
    spec = cdm.tables()[name]
    counters = engine.run(con, spec, tier, facts)
    extension = EXTENSIONS.get(name)
    writer = Writer(folder, spec)
    beside = Writer(folder, cdm.tables()[extension]) if extension else None
    raw: list[pa.Array] = []
    for chunk in chunks(engine.ordered(con, spec, salt)):
        numbered = _numbered(chunk, spec, writer.rows)
        writer.write(numbered)
        raw.append(pc.cast(chunk["_raw"].combine_chunks(), pa.int64()))
        if beside is not None:
            beside.write(_beside(numbered, facts))
    con.execute("DROP TABLE marked")
    ids = pa.chunked_array(raw, pa.int64()).combine_chunks() if raw else pa.array([], pa.int64())
    seal_ids(ids, seal, trace, name)
    number_links(con, name, ids)
    done = [Built(name, writer.rows, [vars(c) for c in counters], [writer.close()])]
    return [*done, Built(beside.spec.name, beside.rows, [], [beside.close()])] if beside is not None else done


def number_links(con: duckdb.DuckDBPyConnection, name: str, ids: pa.Array) -> None:
    """Make `ids_TABLE(raw, id)` where other tables refer to this one."""
    if name in LINKS.values():
        con.register("incoming", pa.table({"raw": ids, "id": np.arange(1, len(ids) + 1, dtype=np.int64)}))
        con.execute(f"CREATE OR REPLACE TABLE ids_{name} AS FROM incoming")
        con.unregister("incoming")


def seal_ids(ids: pa.Array, seal: Seal, folder: Path, name: str) -> None:
    """The raw id of each released row, in order, for `trace`; only the bridge can open it."""
    buffer = BytesIO()
    pq.write_table(pa.table({"raw": ids}), buffer, compression="zstd")
    files.save(folder / f"{name}.sealed", seal.close(buffer.getvalue(), name.encode()), 0o600)


def open_ids(seal: Seal, folder: Path, name: str) -> pa.Array:
    plain = seal.open((folder / f"{name}.sealed").read_bytes(), name.encode())
    return pq.read_table(BytesIO(plain))["raw"].combine_chunks()


def write(folder: Path, name: str, table: pa.Table) -> Built:
    """A whole table that no rule concerns (vocabulary, periods)."""
    writer = Writer(folder, cdm.tables()[name])
    for start in range(0, table.num_rows, GROUP):
        writer.write(table.slice(start, GROUP))
    return Built(name, table.num_rows, [], [writer.close()])


class Writer:
    """Writes one Parquet file; the same rows give the same bytes."""

    def __init__(self, folder: Path, spec: Table, number: int = 0) -> None:
        self.spec, self.rows = spec, 0
        self.relative = f"tables/{spec.name}/part-{number:04d}.parquet"
        self.path = folder / self.relative
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._writer = pq.ParquetWriter(self.path, spec.schema, compression="zstd", version="2.6")

    def write(self, chunk: pa.Table) -> None:
        self._writer.write_table(chunk.select(self.spec.schema.names).cast(self.spec.schema), row_group_size=GROUP)
        self.rows += chunk.num_rows

    def close(self) -> dict[str, Any]:
        self._writer.close()
        return {"path": self.relative, "bytes": self.path.stat().st_size, "sha256": files.sha256(self.path)}


def chunks(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    """The same rows in tables of GROUP rows, however they came."""
    waiting: list[pa.Table] = []
    count = 0
    for batch in batches:
        waiting.append(pa.Table.from_batches([batch]))
        count += batch.num_rows
        while count >= GROUP:
            table = pa.concat_tables(waiting)
            yield table.slice(0, GROUP)
            waiting, count = [table.slice(GROUP)], count - GROUP
    if count:
        yield pa.concat_tables(waiting)


def _numbered(chunk: pa.Table, spec: Table, before: int) -> pa.Table:
    key = spec.columns[0]
    if key.privacy != "row_id":
        return chunk
    ids = pa.array(np.arange(before + 1, before + 1 + chunk.num_rows, dtype=np.int64))
    return chunk.set_column(chunk.schema.get_field_index(key.name), key.name, ids)


def _beside(chunk: pa.Table, facts: Facts) -> pa.Table:
    """Extension columns of the same rows: where they come from (masked), the wave and the language of a survey."""
    encoded = chunk["_source"].combine_chunks().dictionary_encode()
    names = pa.array([facts.sites.get(site) for site in encoded.dictionary.to_pylist()], pa.string())
    columns = {
        chunk.column_names[0]: chunk.column(0),
        "src_id": names.take(encoded.indices),
        "survey_version_concept_id": chunk["_version"],
        "language": chunk["_language"],
    }
    return pa.table(columns)
