"""A published release, or any folder of OMOP tables, opened to be read. Nothing here writes."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import ibis.expr.types as ir
import numpy as np
import orjson
import pyarrow as pa

from commonweal.commons import events, source
from commonweal.commons.engine import NAMES, Engine
from commonweal.commons.engine.duck import DuckEngine
from commonweal.commons.genotypes import CallSets, filesets
from commonweal.commons.naming import NAME, TIER
from commonweal.commons.vocabulary import Vocabulary
from commonweal.disclosure import Policy, outputs
from commonweal.disclosure.verdict import Verdict
from commonweal.errors import BadInput
from commonweal.files import sha256
from commonweal.genomics.variant import Variant
from commonweal.home import Home

DEFAULT_POLICY = Policy()

if TYPE_CHECKING:
    from commonweal.commons.analysis.crosstabs import Crosstab
    from commonweal.commons.analysis.matching import Matched
    from commonweal.commons.analysis.phewas import Result as Phewas
    from commonweal.commons.analysis.rates import Rates
    from commonweal.commons.analysis.survival import Survival
    from commonweal.commons.analysis.table_one import TableOne
    from commonweal.commons.cohort.cohort import Cohort
    from commonweal.commons.dataset.dataset import Dataset
    from commonweal.commons.index.counting import Counter


class Release:
    """One tier of a release, and the engine that reads it; may be asked from any thread."""

    def __init__(
        self,
        folder: Path,
        *,
        name: str,
        tier: str,
        gated: bool,
        home: Home | None = None,
        policy: Policy = DEFAULT_POLICY,
        limits: outputs.Limits | None = None,
        engine: str = "duckdb",
    ) -> None:
        self.folder, self.name, self.tier, self.gated = folder, name, tier, gated
        self.policy, self.limits = policy, limits or outputs.Limits(policy)
        self.policy, self.home = policy, home
        self.published_at: str | None = None
        self._files = source.find(folder)
        self.engine = _engine(engine, self._files)
        self.columns = self.engine.columns
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

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 (hex) of the names, sizes and times of the folder's files: changes when one is written again."""
        of_genotypes = [path for f in self.call_sets.files for path in (f.genotypes, f.variants, f.samples)]
        paths = sorted([*(path for files in self._files.values() for path in files), *of_genotypes])
        known = [(str(p.relative_to(self.folder)), p.stat().st_size, p.stat().st_mtime_ns) for p in paths]
        return hashlib.sha256(orjson.dumps(known)).hexdigest()

    @cached_property
    def persons(self) -> np.ndarray:
        """int64: the ids of everybody, ascending. A person's place among them is their dense ordinal in this release."""
        found = self.arrow(self.table("person")[["person_id"]].distinct())
        return np.sort(found["person_id"].to_numpy())

    def ordinals(self, persons: np.ndarray) -> np.ndarray:
        """uint32: the dense ordinals of people of this release, given by their ids."""
        return np.searchsorted(self.persons, persons).astype(np.uint32)

    @cached_property
    def call_sets(self) -> CallSets:
        """The genotypes beside the tables; none, in most tiers."""
        listed = {file["path"] for file in self.manifest.get("genotypes", [])} if self.manifest else None
        files = filesets.find(self.folder, listed)
        return CallSets(files, lambda: self.persons, lambda: self.counter.index.variants if self.counter else None)

    def genotyped(self, kind: str) -> ir.Table:
        """person_id of everybody in a call set, array or wgs. Raises BadInput where there is none."""
        ids = self.persons[self.call_sets.people(kind)]
        return self.engine.transient(f"genotyped_{kind}", pa.table({"person_id": ids}))

    def genotypes_at(self, variant: Variant) -> ir.Table:
        """person_id and copies (of the alternate allele: 0, 1, 2) of everybody whose genotype is known. Raises BadInput."""
        copies = self.call_sets.copies(variant)
        known = np.flatnonzero(copies >= 0)
        rows = pa.table({"person_id": self.persons[known], "copies": copies[known]})
        return self.engine.transient(f"genotypes_{variant.contig}_{variant.position}", rows)

    @cached_property
    def counter(self) -> "Counter | None":
        """Counts cohorts from the index beside the tables; None where there is none, or it is of other tables.

        An engine that was asked for by name is to answer itself.
        """
        if self.engine.name != "duckdb":
            return None
        from commonweal.commons.index import layout
        from commonweal.commons.index.build import stamp
        from commonweal.commons.index.counting import Counter
        from commonweal.commons.index.store import opened

        index = opened(layout.place(self.folder), stamp(self))
        return Counter(index, self.call_sets) if index is not None else None

    @property
    def tables(self) -> list[str]:
        return sorted(self.columns)

    def has(self, table: str, column: str | None = None) -> bool:
        return table in self.columns and (column is None or column in self.columns[table])

    def table(self, name: str) -> ir.Table:
        """An Ibis table. Raises BadInput where the release has none of that name."""
        if name not in self.columns:
            raise BadInput(f"table {name}: release {self.name} has none; it has {', '.join(self.tables)}")
        return self.engine.table(name)

    def attach(self, name: str, rows: pa.Table) -> None:
        """Adds a table in memory; for what every release needs but this folder does not hold."""
        self.engine.attach(name, rows)

    def sql(self, expression: ir.Expr, *, pretty: bool = False) -> str:
        """The SQL of an Ibis expression over this release's tables, in the words of its engine."""
        return self.engine.sql(expression, pretty=pretty)

    def rows(self, expression: ir.Expr) -> list[tuple[Any, ...]]:
        """What an expression gives, row by row."""
        return self.engine.rows(expression)

    def arrow(self, expression: ir.Expr) -> pa.Table:
        """What an expression gives, in columns."""
        return self.engine.arrow(expression)

    @contextmanager
    def cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A DuckDB cursor for one question; it sees the tables, and other threads do not see it.

        Raises BadInput where the release was opened with another engine.
        """
        if not isinstance(self.engine, DuckEngine):
            raise BadInput(
                f"release {self.name}: this needs DuckDB; open the release without engine={self.engine.name}"
            )
        with self.engine.cursor() as cursor:
            yield cursor

    def cohort(self, definition: Any) -> "Cohort":
        """A cohort of this release from a definition (dict, JSON text, or parsed). Raises BadInput."""
        from commonweal.commons.cohort.cohort import Cohort

        return Cohort(self, definition)

    def check_output(self, output: Any) -> Verdict:
        """Whether an output of an analysis may leave by rule: passed, refused or needs review (disclosure/outputs.py)."""
        return outputs.check(output, self.limits)

    def dataset(self, definition: Any, *, concept_sets: Any = None, values: Any = None) -> "Dataset":
        """A dataset of this release, from its definition or from a cohort with concept sets and values. Raises BadInput."""
        from commonweal.commons.dataset.making import make

        return make(self, definition, concept_sets, values)

    def table_one(self, cohorts: Any, rows: Any = None, **more: Any) -> "TableOne":
        """A summary table by cohort, with standardised differences (see analysis.table_one)."""
        from commonweal.commons.analysis.table_one import table_one

        return table_one(self, cohorts, rows, **more)

    def crosstabs(self, cohort: Any, tables: Any, **more: Any) -> "tuple[Crosstab, ...]":
        """Tables of a cohort by several traits, through the gate as one (see analysis.crosstabs)."""
        from commonweal.commons.analysis.crosstabs import crosstabs

        return crosstabs(self, cohort, tables, **more)

    def prevalence(self, of: Any, **more: Any) -> "Rates":
        """How many have had an event, by age, sex and calendar time (see analysis.occurrence)."""
        from commonweal.commons.analysis.occurrence import prevalence

        return prevalence(self, of, **more)

    def incidence(self, of: Any, **more: Any) -> "Rates":
        """First events by years at risk, by age, sex and calendar time (see analysis.occurrence)."""
        from commonweal.commons.analysis.occurrence import incidence

        return incidence(self, of, **more)

    def survival(self, cohorts: Any, event: Any, **more: Any) -> "Survival":
        """Time from the index date of cohorts to an event, or to "death" (see analysis.survival)."""
        from commonweal.commons.analysis.survival import survival

        return survival(self, cohorts, event, **more)

    def match(self, cohorts: Any, on: Any, **more: Any) -> "Matched":
        """People of one cohort with those of another who are alike (see analysis.matching)."""
        from commonweal.commons.analysis.matching import match

        return match(self, cohorts, on, **more)

    def phewas(self, exposure: Any, covariates: Sequence[str] = ("age", "sex"), **options: Any) -> "Phewas":
        """One exposure against every phecode; see commons.analysis.phewas.scan.phewas for options. Raises BadInput.

        Where the release was opened by its name, small numbers are flagged and left out of files; the gate that is enforced
        is at export.
        """
        from commonweal.commons.analysis.phewas import phewas

        return phewas(self, exposure, covariates, **options)

    def verify(self) -> list[str]:
        """Re-hashes every file of the manifest; what is wrong, in words; empty where all is as published."""
        parts = [(f"table {table['name']}", table["files"]) for table in self.manifest.get("tables", [])]
        wrong = []
        for part, files in [*parts, ("genotypes", self.manifest.get("genotypes", []))]:
            for file in files:
                path = self.folder / file["path"]
                if not path.is_file():
                    wrong.append(f"{part}: a file is missing")
                elif sha256(path) != file["sha256"]:
                    wrong.append(f"{part}: a file has changed since it was built")
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


def _engine(name: str, files: dict[str, list[Path]]) -> Engine:
    if name == "duckdb":
        return DuckEngine(files)
    if name == "spark":
        from commonweal.commons.engine.spark import SparkEngine

        return SparkEngine(files)
    raise BadInput(f"engine {name}: there is none; use {' or '.join(NAMES)}")


def is_published(releases: Path, name: str, tier: str) -> str | None:
    """When NAME/TIER was published (ISO 8601), if it is to be seen. Raises Refused where its events are not sound."""
    folder = releases / name / tier
    if not (NAME.fullmatch(name) and TIER.fullmatch(tier)) or not (folder / "manifest.json").is_file():
        return None
    found = events.read(folder, events.public_key(releases))
    event = events.published(found, (folder / "manifest.json").read_bytes(), name, tier)
    return str(event["time"]) if event else None
