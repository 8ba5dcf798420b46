"""The tables that a submission is examined by, and the columns that it has of them.

Source of tables and columns: OHDSI Common Data Model 5.4. What is not in a given table is not asked of it.
"""

import tomllib
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import duckdb

MOST = 62  # columns whose gaps fit in one BIGINT


@dataclass(frozen=True)
class Spec:
    """What tables.toml says of a table: `roles` are key, concept, start, end, value, unit, … -> column."""

    name: str
    roles: dict[str, str]
    domain: str | None


@dataclass(frozen=True)
class Given:
    """A table as it is given: the view, its columns (lower case) with their types, in their order."""

    spec: Spec
    view: str
    columns: dict[str, str]

    @cached_property
    def roles(self) -> dict[str, str]:
        """Those roles whose column is there."""
        return {role: column for role, column in self.spec.roles.items() if column in self.columns}

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """The columns whose gaps are counted: all but the row's own id and the person."""
        keys = {self.spec.roles["key"], "person_id"}
        return tuple(name for name in self.columns if name not in keys)[:MOST]

    @cached_property
    def concepts(self) -> dict[str, str | None]:
        """Columns of standard concepts -> the column of the source's own word for it, where there is one."""
        found = [n for n in self.columns if n.endswith("_concept_id") and "source_concept" not in n]
        return {name: self._source(name) for name in found}

    def _source(self, concept: str) -> str | None:
        stem = concept.removesuffix("_concept_id")
        names = [f"{stem}_source_value", f"{stem.removesuffix('_as')}_source_value"]
        return next((name for name in names if name in self.columns), None)


@cache
def specs() -> dict[str, Spec]:
    """Every table that can be examined, by name."""
    data = tomllib.loads(Path(__file__).with_name("tables.toml").read_text(encoding="utf-8"))
    return {
        name: Spec(name, {k: v for k, v in entry.items() if k != "domain"}, entry.get("domain"))
        for name, entry in data.items()
    }


def given(con: duckdb.DuckDBPyConnection, table: str, view: str) -> Given:
    """The table `table` as the view `view` of `con` has it; columns that begin with _ are ours, not the model's."""
    described = con.execute(f"DESCRIBE SELECT * FROM {view}").fetchall()
    return Given(specs()[table], view, {name.lower(): kind for name, kind, *_ in described if name[0] != "_"})
