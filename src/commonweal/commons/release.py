"""A published release, or any folder of OMOP tables, opened to be read. Nothing here writes."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import duckdb
import ibis
import ibis.expr.types as ir
import orjson
import pyarrow as pa

from commonweal.commons import events, source
from commonweal.commons.naming import NAME, TIER
from commonweal.commons.vocabulary import Vocabulary
from commonweal.disclosure import Policy
from commonweal.errors import BadInput
from commonweal.home import Home

DEFAULT_POLICY = Policy()

if TYPE_CHECKING:
    from commonweal.commons.analysis.phewas import Result as Phewas
    from commonweal.commons.cohort.cohort import Cohort


class Release:
    """One tier of a release. One DuckDB connection; each question runs on a cursor of its own, from any thread."""

    def __init__(
        self,
        folder: Path,
        *,
        name: str,
        tier: str,
        gated: bool,
        home: Home | None = None,
        policy: Policy = DEFAULT_POLICY,
    ) -> None:
        self.folder, self.name, self.tier, self.gated = folder, name, tier, gated
        self.policy, self.home = policy, home
        self.published_at: str | None = None
        self._con, self.columns = source.connect(source.find(folder))
        self._tables: dict[str, ir.Table] = {}
        self._lock = Lock()
        self._backend = ibis.duckdb.from_connection(self._con)
        self.vocabulary = Vocabulary(self, home)

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """manifest.json as a dict; empty for a folder that is no release."""
        path = self.folder / "manifest.json"
        return orjson.loads(path.read_bytes()) if path.is_file() else {}

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hex) of the manifest: names this release for ever. Of a plain folder: of its path."""
        path = self.folder / "manifest.json"
        return hashlib.sha256(path.read_bytes() if path.is_file() else str(self.folder).encode()).hexdigest()

    @property
    def tables(self) -> list[str]:
        return sorted(self.columns)

    def has(self, table: str, column: str | None = None) -> bool:
        return table in self.columns and (column is None or column in self.columns[table])

    def table(self, name: str) -> ir.Table:
        """An Ibis table. Raises BadInput where the release has none of that name."""
        if name not in self.columns:
            raise BadInput(f"table {name}: release {self.name} has none; it has {', '.join(self.tables)}")
        with self._lock:
            if name not in self._tables:
                self._tables[name] = self._backend.table(name)
            return self._tables[name]

    def attach(self, name: str, rows: pa.Table) -> None:
        """Adds a table in memory; for what every release needs but this folder does not hold."""
        with self._lock:
            if name not in self.columns:
                self._con.register("attached", rows)
                self._con.execute(f'CREATE TABLE "{name}" AS SELECT * FROM attached')
                self._con.unregister("attached")
                self.columns[name] = [column.lower() for column in rows.column_names]

    def sql(self, expression: ir.Expr, *, pretty: bool = False) -> str:
        """The DuckDB SQL of an Ibis expression over this release's tables."""
        return str(ibis.to_sql(expression, dialect="duckdb", pretty=pretty))

    @contextmanager
    def cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor for one question; it sees the views, and other threads do not see it."""
        cursor = self._con.cursor()
        try:
            yield cursor
        finally:
            cursor.close()

    def rows(self, expression: ir.Expr) -> list[tuple[Any, ...]]:
        with self.cursor() as cursor:
            return cursor.execute(self.sql(expression)).fetchall()

    def cohort(self, definition: Any) -> "Cohort":
        """A cohort of this release from a definition (dict, JSON text, or parsed). Raises BadInput."""
        from commonweal.commons.cohort.cohort import Cohort

        return Cohort(self, definition)

    def phewas(self, exposure: Any, covariates: Sequence[str] = ("age", "sex"), **options: Any) -> "Phewas":
        """One exposure against every phecode; see commons.analysis.phewas.scan.phewas for options. Raises BadInput.

        Where the release was opened by its name, small numbers are flagged and left out of files; the gate that is enforced
        is at export.
        """
        from commonweal.commons.analysis.phewas import phewas

        return phewas(self, exposure, covariates, **options)

    def verify(self) -> list[str]:
        """Re-hashes every file of the manifest; what is wrong, in words; empty where all is as published."""
        wrong = []
        for table in self.manifest.get("tables", []):
            for file in table["files"]:
                path = self.folder / file["path"]
                if not path.is_file():
                    wrong.append(f"table {table['name']}: a file is missing")
                elif _sha256(path) != file["sha256"]:
                    wrong.append(f"table {table['name']}: a file has changed since it was built")
        return wrong

    def describe(self) -> dict[str, Any]:
        """What somebody asks first: name, tier, cutoff, how many tables and rows."""
        tables = self.manifest.get("tables", [])
        return {
            "name": self.name,
            "tier": self.tier,
            "data_cutoff": self.manifest.get("data_cutoff"),
            "published_at": self.published_at,
            "tables": len(self.tables),
            "rows": sum(t["rows"] for t in tables) if tables else None,
            "digest": self.digest,
        }


def _sha256(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def is_published(releases: Path, name: str, tier: str) -> str | None:
    """When NAME/TIER was published (ISO 8601), if it is to be seen. Raises Refused where its events are not sound."""
    folder = releases / name / tier
    if not (NAME.fullmatch(name) and TIER.fullmatch(tier)) or not (folder / "manifest.json").is_file():
        return None
    found = events.read(folder, events.public_key(releases))
    event = events.published(found, (folder / "manifest.json").read_bytes(), name, tier)
    return str(event["time"]) if event else None
