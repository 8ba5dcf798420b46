"""Concept sets as small tables beside those of the release: which concept is in which set.

A table for each column that sets are compared with: `dataset_sets_N` with concept_id and, for each set, a column s0, s1, …
"""

from dataclasses import dataclass, field

import ibis
import ibis.expr.types as ir
import pyarrow as pa


@dataclass
class SetTables:
    """`ids`: of each concept set, by name. `made`: what the engine is given, by name of the table."""

    ids: dict[str, list[int]]
    made: dict[str, pa.Table] = field(default_factory=dict)

    def add(self, names: list[str]) -> tuple[ir.Table, dict[str, str]]:
        """A table for these sets, and the column of each."""
        columns = {name: f"s{number}" for number, name in enumerate(names)}
        every = sorted({i for name in names for i in self.ids[name]})
        held = {columns[name]: set(self.ids[name]) for name in names}
        data = {"concept_id": pa.array(every, pa.int64())}
        data |= {c: pa.array([i in ids for i in every], pa.bool_()) for c, ids in held.items()}
        title = f"dataset_sets_{len(self.made)}"
        self.made[title] = pa.table(data)
        return ibis.table({"concept_id": "int64", **dict.fromkeys(held, "boolean")}, name=title), columns
