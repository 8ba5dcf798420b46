"""A built tier in which a fault can be planted, and the checks asked what they say of it."""

import shutil
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from commonweal.curation.building import engine
from commonweal.curation.checks import reconcile, run
from commonweal.curation.layout import Layout
from tests.curated import JOINED, NOW

NAME = "2026Q4R1"


def with_all(world):
    """Three people with everything, one of them often seen, two with a watch, and Ana, who shares nothing; built."""
    world.crowd(3)
    for month in (6, 9):
        world.visit(world.people["crowd2"], datetime(2020, month, 4, 9))
    world.add("ana", ehr=False, surveys=False)
    for number in range(2):
        person = world.people[f"crowd{number}"]
        world.consent(person, "wearables", "yes", at=JOINED)
        day = (NOW - timedelta(days=450)).replace(tzinfo=None)
        world.wear("activity_summary", [{"participant": person, "date": day.date(), "steps": 4000}])
    world.build(NAME)


@dataclass
class Planted:
    """A copy of the tier's folder; `protocol` and `moment` as they were when it was built."""

    world: object
    folder: Path
    protocol: object = None
    moment: dict = field(default_factory=dict)
    undo: list = field(default_factory=list)  # what was changed in the vault

    @classmethod
    def of(cls, world, place):
        """A tier to do harm to: empty tables are left out, so that many can be checked quickly."""
        whole = world.folder(NAME)
        manifest = world.manifest(NAME)
        empty = {t["name"] for t in manifest["tables"] if not t["rows"]} - {"concept_synonym"}
        shutil.copytree(
            whole, place, ignore=lambda folder, names: empty & set(names) if folder.endswith("tables") else ()
        )
        return cls(world, place, world.protocol(), manifest)

    def rewrite(self, table, sql):
        """Make the table what `sql` answers; `{t}` in it is the table as it was."""
        place = self.folder / "tables" / table
        place.mkdir(exist_ok=True)
        with duckdb.connect() as con:
            rows = con.execute(sql.format(t=f"read_parquet('{place}/*.parquet')")).to_arrow_table()
        pq.write_table(rows, place / "part-0000.parquet")

    def put(self, table, **cells):
        """Put SQL into columns of every row."""
        told = ", ".join(f"{value} AS {name}" for name, value in cells.items())
        self.rewrite(table, f"SELECT * REPLACE ({told}) FROM {{t}}")

    def add(self, table, **cells):
        """One row more: like the first of the table, or of a table that has no rows, with these cells (SQL)."""
        from commonweal.omop import tables as cdm

        schema = cdm.tables()[table].schema
        place = self.folder / "tables" / table
        place.mkdir(exist_ok=True)
        if not (place / "part-0000.parquet").exists():
            pq.write_table(schema.empty_table(), place / "part-0000.parquet")
        first = self.first(table) or dict.fromkeys(schema.names)
        with duckdb.connect() as con:
            con.register("old", pq.read_table(place / "part-0000.parquet"))
            types = dict(con.execute("SELECT column_name, column_type FROM (DESCRIBE old)").fetchall())
            told = [
                f"({cells[n]})::{types[n]} AS {n}" if n in cells else f"${n}::{types[n]} AS {n}" for n in schema.names
            ]
            given = {n: first[n] for n in schema.names if n not in cells}
            rows = con.execute(f"FROM old UNION ALL SELECT {', '.join(told)}", given).to_arrow_table()
        pq.write_table(rows.cast(schema), place / "part-0000.parquet")

    def first(self, table):
        return next(iter(pq.read_table(self.folder / "tables" / table).slice(0, 1).to_pylist()), None)

    def person(self, name):
        return self.world.research_id(self.world.people[name])

    def outcomes(self):
        """Check id -> figure and outcome."""
        layout = Layout(self.world.home, NAME)
        with engine(layout) as con:
            told = run.run(con, layout, self.folder, "registered", self.protocol, self.moment)
        again = reconcile.again(reconcile.raw_rows(layout.raw), self.moment, reconcile.released_rows(self.folder))
        return {c.id: (c.figure, c.outcome) for c in [*told.checks, *again]}

    def limits(self, **limits):
        release = self.protocol.quality.release
        limits = release.limits | limits
        quality = self.protocol.quality.model_copy(update={"release": release.model_copy(update={"limits": limits})})
        self.protocol = replace(self.protocol, quality=quality)


def now():
    return datetime.now(UTC).isoformat()
