"""The tables of a tier that raw rows stand behind, built by Spark: table by table, all parts of one at once.

A table that is finished is marked; a build that is interrupted loses the table that was being built.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from commonweal import files
from commonweal.curation import duck, kept, parts, tables
from commonweal.curation.assembling import ORDER, plans
from commonweal.curation.engine import EXTENSIONS
from commonweal.curation.extract import RawExtract
from commonweal.curation.rules.base import Facts
from commonweal.curation.rules.identifiers import LINKS
from commonweal.curation.spark.queries import PART, Queries
from commonweal.curation.tables import Built
from commonweal.curation.tiers import Tier
from commonweal.omop import tables as cdm
from commonweal.spark import session

if TYPE_CHECKING:
    from commonweal.cli.console import Console


MANY = 5_000_000  # rows of a table from which on it pays to have Java compile its rules, and to plan them anew underway


@dataclass(frozen=True)
class Work:
    """What all tables of a tier have in common."""

    spark: Any
    tier: str
    raw: RawExtract
    folder: Path  # the tier's, while it is built
    scratch: Path  # in the vault's store
    key: str  # digest of all that it is made from

    def mark(self, table: str) -> Path:
        return self.folder / ".done" / f"{table}.json"

    def finished(self, table: str) -> list[Built] | None:
        """What was built of a table before from the same, else None. What others refer to is built again."""
        done = files.load_json(self.mark(table)) if self.mark(table).exists() else {}
        if done.get("key") != self.key or table in LINKS.values():
            return None
        return [Built(**piece) for piece in done["built"]]


def assemble(
    con: duckdb.DuckDBPyConnection,
    tier: Tier,
    facts: Facts,
    raw: RawExtract,
    folder: Path,
    key: str,
    console: "Console",
    *,
    known: Path,
    scratch: Path,
) -> list[Built]:
    """Build every table of ORDER and their extension tables into `folder`, as assembling.assemble does.

    `known`: where kept.save wrote what the rules know; `scratch`: a folder for what Spark spills, removed afterwards.
    """
    made = dict(plans(con, tier, facts, raw))
    built: list[Built] = []
    try:
        with (
            session(scratch, raw.parts, duck.memory_mb()) as spark,
            console.progress(f"Building the {tier.name} tier", len(ORDER)) as step,
        ):
            work = Work(spark, tier.name, raw, folder, scratch, key)
            told = _open(work, known)
            for name in ORDER:
                built += work.finished(name) or _table(work, Queries(made[name], raw.parts, told))
                step.advance()
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return built


def _open(work: Work, known: Path) -> dict[str, tuple[str, ...]]:
    """Views of what was found out beforehand; which columns of each tell something."""
    told = {}
    for name in kept.names():
        frame = work.spark.read.parquet(str(known / f"{name}.parquet"))
        frame.createOrReplaceTempView(name)
        told[name] = tuple(column for column in frame.columns if column.startswith("p_"))
    return told


def _table(work: Work, queries: Queries) -> list[Built]:
    name = queries.plan.spec.name
    if parts.files(work.raw.folder / name) == [work.raw.folder / name / parts.NONE]:
        return _without_rows(work, queries)
    many = work.raw.rows[name] >= MANY
    work.spark.conf.set("spark.sql.codegen.factoryMode", "FALLBACK" if many else "NO_CODEGEN")
    work.spark.conf.set("spark.sql.adaptive.enabled", str(many).lower())  # few rows teach it nothing by the way
    _read_raw(work, name)
    _kept(work, queries.view, queries.ruled())
    if name in LINKS.values():
        _kept(work, f"ids_{name}", queries.links())
    built = _written(work, name, queries.released())
    counted = (tuple(row) for row in work.spark.sql(queries.counted()).collect())
    built.counters = [vars(counters) for counters in queries.plan.read(counted, queries.course.bits)]
    pieces = [built]
    if name in EXTENSIONS:
        pieces.append(_written(work, EXTENSIONS[name], queries.beside()))
    shutil.rmtree(work.scratch / queries.view)
    tables.done(work.folder, pieces, work.mark(name), work.key)
    return pieces


def _without_rows(work: Work, queries: Queries) -> list[Built]:
    """A table of which there are no raw rows: Spark need not be asked."""
    name = queries.plan.spec.name
    if name in LINKS.values():
        nothing = "SELECT CAST(NULL AS BIGINT) AS raw, CAST(NULL AS BIGINT) AS id WHERE false"
        work.spark.sql(nothing).createOrReplaceTempView(f"ids_{name}")
    pieces = [_empty(work, table) for table in (name, EXTENSIONS.get(name)) if table]
    pieces[0].counters = [vars(counters) for counters in queries.plan.read([])]
    return pieces


def _empty(work: Work, name: str) -> Built:
    (whole,) = tables.joined(_adopted(work, name, work.folder / ".spark", part) for part in range(work.raw.parts))
    return whole


def _kept(work: Work, view: str, query: str) -> None:
    """The rows of `query` in the scratch folder, as a view: what was written is not worked out again."""
    place = str(work.scratch / view)
    frame = work.spark.sql(query)
    frame.write.mode("overwrite").parquet(place)
    work.spark.read.schema(frame.schema).parquet(place).createOrReplaceTempView(view)


def _read_raw(work: Work, name: str) -> None:
    """A view of the raw rows of a table; which part of the tier they belong to is the name of their folder."""
    folder, other = work.raw.folder / name, next(t for t in parts.TIERS if t != work.tier)
    cells = work.spark.read.option("basePath", str(folder)).parquet(str(folder / "_registered=*" / "_controlled=*"))
    frame = cells.withColumnRenamed(f"_{work.tier}", PART).drop(f"_{other}")
    frame.createOrReplaceTempView(f"raw_{name}")


def _written(work: Work, name: str, query: str) -> Built:
    """The rows of `query` as one file a part; a part without rows has a file without rows."""
    target = work.folder / ".spark"
    work.spark.sql(query).write.mode("overwrite").partitionBy(PART).parquet(str(target))
    pieces = [_adopted(work, name, target, part) for part in range(work.raw.parts)]
    shutil.rmtree(target)
    (whole,) = tables.joined(pieces)
    return whole


def _adopted(work: Work, name: str, target: Path, part: int) -> Built:
    found = list(_files(target / f"{PART}={part}"))
    if not found:
        empty = tables.Writer(work.folder, cdm.tables()[name], part)
        return Built(name, 0, [], [empty.close()])
    (path,) = found
    return tables.adopt(path, work.folder, name, part)


def _files(folder: Path) -> Iterator[Path]:
    return folder.glob("*.parquet")
