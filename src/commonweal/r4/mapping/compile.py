"""From a declared mapping to one SQL statement a type of resource, over the table `head` of the resources of a batch.

`head` has position, kind, resource_id, updated, fault, late_fault and line (the JSON text of the resource). The statement gives rows of STAGED:
EVENT_SCHEMA as far as one resource tells it, references as they are written, and `fault` where it cannot be read.
"""

import json
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from commonweal.r4.events import EVENT_SCHEMA
from commonweal.r4.mapping.conversions import CONVERSIONS
from commonweal.r4.mapping.declared import MEDICATION, Declared, Fields
from commonweal.r4.mapping.paths import Reached, Structure, merge, reach

PLACED = ("participant", "site", "submission")  # not told by the resource
STAGED = pa.schema(
    [f for f in EVENT_SCHEMA if f.name not in PLACED] + [(MEDICATION, pa.string()), ("fault", pa.string())]
)
MOST_PARTS = 255  # rows of one resource beside its own
_TYPES = {pa.int64(): "BIGINT", pa.int32(): "INTEGER", pa.int16(): "SMALLINT", pa.float64(): "DOUBLE"}
_JSON = {"object": ("OBJECT",), "list": ("ARRAY",), "text": ("VARCHAR",), "flag": ("BOOLEAN",), "number": ("UBIGINT", "BIGINT", "DOUBLE", "HUGEINT", "UHUGEINT")}  # fmt: skip


def sql_type(kind: pa.DataType) -> str:
    return "TIMESTAMP" if pa.types.is_timestamp(kind) else _TYPES.get(kind, "VARCHAR")


@dataclass
class _Reads:
    """What a statement has to read, gathered while its columns are made."""

    structure: Structure = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)

    def take(self, found: Reached, *, checked: bool = True) -> str:
        self.structure = merge(self.structure, found.structure)
        if checked:
            self.kinds.update(found.kinds)
        return found.sql

    def malformed(self) -> str:
        """Whether something else than expected stands at one of the paths."""
        wrong = (f"t[{n}] NOT IN {(*_JSON[kind], 'NULL')}" for n, kind in enumerate(self.kinds.values(), start=1))
        return f"coalesce({' OR '.join(f'coalesce({one}, false)' for one in wrong)}, false)"


def statement(declared: Declared) -> str:
    """SELECT of STAGED over `head` for one type of resource."""
    reads = _Reads()
    whole = _made(declared.columns, reads, "r")
    only = [reads.take(reach(path, *_leaf(path))) for path in declared.only_if]
    kept = " OR ".join(
        f"{o}" if p.endswith("Boolean") else f"{o} IS NOT NULL" for o, p in zip(only, declared.only_if, strict=True)
    )
    parts = _parts(declared, reads, whole)
    paths = ", ".join(f"'{path}'" for path in reads.kinds)
    structure = json.dumps(reads.structure or {"id": "VARCHAR"})
    selects = [_select(whole, reads.malformed(), "0", f"FROM parsed{f' WHERE {kept}' if kept else ''}"), *parts]
    return f"""WITH parsed AS MATERIALIZED (SELECT position, kind AS resource_type, resource_id, updated,
        from_json(line, '{structure}') AS r, json_type(line, [{paths or "'$'"}]) AS t
        FROM head WHERE kind = '{declared.resource}' AND fault IS NULL AND late_fault IS NULL)
        {" UNION ALL ".join(selects)}"""


def _parts(declared: Declared, reads: _Reads, whole: dict[str, str]) -> list[str]:
    """A row for each element of the list of parts; columns that the parts do not say are those of the whole."""
    if not declared.parts_of:
        return []
    inner = _Reads()
    own = _made(declared.parts, inner, "p", checked=False)
    reads.take(reach(declared.parts_of, [inner.structure], "list"))
    listed = f'r."{declared.parts_of}"'
    wrong = f"p IS NULL OR len({listed}) > {MOST_PARTS}"
    each = f"""FROM (SELECT *, unnest({listed}[:{MOST_PARTS}]) AS p, generate_subscripts({listed}[:{MOST_PARTS}], 1) AS n
        FROM parsed WHERE len({listed}) > 0)"""
    return [_select(whole | own, wrong, "n", each)]


def _select(made: dict[str, str], malformed: str, part: str, rows: str) -> str:
    late = " OR ".join(sql for name, sql in made.items() if name.startswith("!")) or "false"
    fault = f"CASE WHEN {malformed} THEN 'malformed' WHEN {late} THEN 'bad_time' END"
    own = {"resource_type": "resource_type", "resource_id": "resource_id", "part": part}
    cells = made | own | {"position": "position", "updated": "updated", "fault": fault}
    for step in ("1:", "2:"):
        steps = [f'{sql} AS "{name}"' for name, sql in made.items() if name.startswith(step)]
        rows = f"FROM (SELECT *, {', '.join(steps)} {rows})" if steps else rows
    listed = (f'CAST({cells.get(f.name, "NULL")} AS {sql_type(f.type)}) AS "{f.name}"' for f in STAGED)
    return f"SELECT {', '.join(listed)} {rows}"


def _made(fields: Fields, reads: _Reads, base: str, *, checked: bool = True) -> dict[str, str]:
    made: dict[str, str] = {}
    for name, one in fields.items():
        made |= _column(name, dict(one), reads, base, checked)
    return made


def _column(name: str, one: dict[str, Any], reads: _Reads, base: str, checked: bool) -> dict[str, str]:
    conversion = CONVERSIONS[one["as"]]

    def read(path: str, leaf: Structure, kind: str) -> str:
        return reads.take(reach(path, leaf, kind, base), checked=checked)

    texts = [read(path, conversion.leaf, _kind(path, conversion.kind)) for path in one.get("from", ())]
    if "when" in one:
        one["_when"] = f"coalesce({read(one['when'], 'BOOLEAN', 'flag')}, false)"
    if "beside" in one:
        one["_beside"] = read(one["beside"], CONVERSIONS["days"].leaf, "object")
    one["_or_coding"] = [
        read(path, CONVERSIONS["concept"].leaf["coding"][0], "object") for path in one.get("or_coding", ())
    ]
    return conversion.make(name, texts, one)


def _kind(path: str, kind: str) -> str:
    """A FHIR choice element says its type at the end of its name."""
    return "flag" if kind == "text" and path.endswith("Boolean") else kind


def _leaf(path: str) -> tuple[Structure, str]:
    return ("BOOLEAN", "flag") if path.endswith("Boolean") else ("VARCHAR", "text")
