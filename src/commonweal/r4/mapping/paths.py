"""Paths into a resource, such as `code`, `type[0]`, `contained(medicationReference).code`, `extension("http://…").valueCode`.

Each path says which part of the resource has to be read (a structure for DuckDB's from_json), how SQL gets at it, and
what JSON has to stand on the way.
"""

import re
from dataclasses import dataclass, field
from typing import Any

from commonweal.r4.mapping.fault import MappingFault

Structure = Any  # {"name": Structure} an object, [Structure] a list, a type of DuckDB a value
_STEP = re.compile(r'([A-Za-z]\w*)(?:(\[0\])|\(("[^"\']{1,200}"|[A-Za-z]\w*)\))?(?:\.|$)')


@dataclass
class Reached:
    """What a path comes to: the SQL expression, the structure to be read, and (JSON path, kind) on the way."""

    sql: str
    structure: Structure
    kinds: list[tuple[str, str]] = field(default_factory=list)


def reach(path: str, leaf: Structure, kind: str, base: str = "r") -> Reached:
    """The value at `path` below `base`; `leaf` is its structure, `kind` (text, number, flag, object, list) its JSON."""
    steps = _steps(path)
    sql, place, kinds, shapes = base, "$", [], []
    for number, (name, first, chosen) in enumerate(steps, start=1):
        last = number == len(steps)
        sql, place = f'{sql}."{name}"', f"{place}.{name}"
        kinds.append((place, "list" if first or chosen else kind if last else "object"))
        if first:
            sql, place = f"{sql}[1]", f"{place}[0]"
            kinds.append((place, kind if last else "object"))
        elif chosen:
            sql = _chosen(sql, chosen, base)
        shapes.append((name, bool(first or chosen), chosen))
    return Reached(sql, _nested(shapes, leaf), _sure(kinds, steps))


def _steps(path: str) -> list[tuple[str, str, str]]:
    found, at = [], 0
    while at < len(path):
        step = _STEP.match(path, at)
        if not step:
            break
        found.append((step[1], step[2] or "", step[3] or ""))
        at = step.end()
    if not found or at != len(path) or path.endswith("."):
        raise MappingFault(f'{path!r} is no path: names joined by dots, name[0], name("url")')
    return found


def _sure(kinds: list[tuple[str, str]], steps: list[tuple[str, str, str]]) -> list[tuple[str, str]]:
    """Only what can be looked up: which element of a list is chosen by its url or id is not known beforehand."""
    chosen = next((n for n, step in enumerate(steps) if step[2]), None)
    return kinds if chosen is None else [k for k in kinds if k[0].count(".") <= chosen + 1]


def _chosen(sql: str, chosen: str, base: str) -> str:
    """The element of a list: of contained resources by a reference (`#id`), of extensions by their url."""
    if chosen.startswith('"'):
        return f"list_filter({sql}, lambda x: x.url = '{chosen[1:-1]}')[1]"
    return f"list_filter({sql}, lambda x: '#' || x.id = {base}.\"{chosen}\".reference)[1]"


def _nested(shapes: list[tuple[str, bool, str]], leaf: Structure) -> Structure:
    for name, is_list, chosen in reversed(shapes):
        if chosen:
            leaf = merge(leaf, {"url" if chosen.startswith('"') else "id": "VARCHAR"})
        leaf = {name: [leaf] if is_list else leaf}
    reference = next((c for _, _, c in shapes if c and not c.startswith('"')), None)
    return merge(leaf, {reference: {"reference": "VARCHAR"}}) if reference else leaf


def merge(one: Structure, other: Structure) -> Structure:
    """The structure that reads what either reads."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one | {k: merge(one[k], v) if k in one else v for k, v in other.items()}
    if isinstance(one, list) and isinstance(other, list):
        return [merge(one[0], other[0])]
    if one != other:
        raise MappingFault("one element is read in two ways that exclude each other")
    return one
