"""The page of all rules of curation, made of the rules themselves: docs/rules/curation.md."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import ibis
import pyarrow as pa
from pydantic import BaseModel

from commonweal import protocol
from commonweal.curation.assembling import ORDER
from commonweal.curation.rules.base import Facts, Rows
from commonweal.curation.tiers import TIERS
from commonweal.omop.tables import tables
from tests.spec.curation import examples
from tests.spec.curation.conftest import CUTOFF, PERSON, everywhere

PAGE = Path(__file__).resolve().parents[3] / "docs" / "rules" / "curation.md"
HEAD = """# Rules of curation

Made of the rules in `curation/rules` and of their specification tests; do not edit. A release is made of raw rows by the rules of its
tier, one after the other. A rule removes rows or changes cells; it sees one row, and what is known of that row and of its person (columns
`p_…`). What each did to a release stands in the release's manifest.

Parameters are those of the default program (`privacy.toml`). Of each rule an example of its tests is shown: what stood there, and what
became of it.
"""
PROGRAM = protocol.load(protocol.DEFAULT)
PRIVACY = PROGRAM.privacy
MANY = 6  # tables; more are counted


def does(tier, number, rule):
    """Tables of which the rule removes rows; table -> columns that it changes."""
    removes, changes = [], {}
    for name in ORDER:
        if not rule.concerns(name):
            continue
        after = rule.apply(replace(_start(tier, tables()[name]), number=number))
        cells = {cell for step in after.steps for cell in step.cells}
        if any(step.gone is not None for step in after.steps):
            removes.append(name)
        changed = [c.name for c in tables()[name].columns if c.name in cells]
        if changed:
            changes[name] = changed
    return removes, changes


def _start(tier, spec):
    beside = {"_source": pa.string(), "submission": pa.int64()} | {n: kind for n, (_, kind) in PERSON.items()}
    schema = ibis.Schema.from_pyarrow(pa.schema([*spec.schema, *beside.items()]))
    facts = Facts(CUTOFF, PRIVACY.tier(tier.name), suppressed=everywhere(1), questions=("a",), sites={"PPI": "PPI/PM"})
    return Rows(spec, ibis.table(schema, name="step"), facts)


def page() -> str:
    parts, told = [HEAD], {}
    for tier in TIERS.values():
        parts.append(f"## The {tier.name} tier\n")
        for number, rule in enumerate(tier.rules, 1):
            told.setdefault((rule.id, rule.version), []).append((tier, number, rule))
            parts.append(f"{number}. [{rule.id}](#{_anchor(rule)})")
        parts.append("")
    parts.append("## Rule by rule\n")
    for where in told.values():
        parts += _section(where)
    return "\n".join(parts).rstrip() + "\n"


def _anchor(rule) -> str:
    return rule.id.replace(".", "")  # as the heading's own


def _section(where) -> list[str]:
    tier, number, rule = where[0]
    removes, changes = does(tier, number, rule)
    lines = [f"### {rule.id}\n", rule.explanation, ""]
    if rule.reason:
        lines += [f"**Why.** {rule.reason}", ""]
    lines.append(f"- Version {rule.version}, {' and '.join(f'{t.name} tier' for t, *_ in where)}; {rule.source}")
    if removes:
        lines.append(f"- Removes rows of {_some(removes)}")
    lines += [f"- Changes {columns}" for columns in _grouped(changes)]
    lines += [f"- `{name}`: {_values(name, [t for t, *_ in where])}" for name in rule.parameters]
    if rule.once:
        lines.append("- May be done once only")
    return [*lines, "", *_example(rule.id)]


def _some(names) -> str:
    return f"{len(names)} tables" if len(names) > MANY else ", ".join(f"`{name}`" for name in names)


def _grouped(changes) -> list[str]:
    """Columns and the tables in which they are changed; those of the same tables together."""
    by_column: dict[str, list[str]] = {}
    for table, columns in changes.items():
        for column in columns:
            by_column.setdefault(column, []).append(table)
    by_tables: dict[tuple[str, ...], list[str]] = {}
    for column, where in by_column.items():
        by_tables.setdefault(tuple(where), []).append(column)
    return [f"{', '.join(f'`{c}`' for c in columns)} of {_some(where)}" for where, columns in by_tables.items()]


def _values(name, tiers) -> str:
    told = {tier.name: value_of(PRIVACY.tier(tier.name), name) for tier in tiers}
    if len(set(told.values())) == 1:
        return next(iter(told.values()))
    return ", ".join(f"{value} ({tier})" for tier, value in told.items())


def value_of(privacy, name) -> str:
    """A parameter as the default program has it; `reference KIND` is a file of reference data of the program."""
    if name.startswith("reference"):
        known = PROGRAM.reference.get(name.removeprefix("reference").lstrip(": "))
        return f"{len(known.rows)} rows, {known.version}" if known else "not brought in"
    value = privacy
    for step in name.split("."):
        value = value[step] if isinstance(value, Mapping) else getattr(value, step)
    if value is None:
        return "none"
    if isinstance(value, BaseModel):
        return ", ".join(f"{k} {_size(v)}" for k, v in value)
    return _size(value)


def _size(value) -> str:
    if isinstance(value, str | int | float | date):
        return str(value)
    if all(isinstance(v, str | int | float) for v in value) and len(value) <= MANY and not isinstance(value, Mapping):
        return ", ".join(str(v) for v in value) or "none"
    return f"{len(value)} entries"


def _example(rule_id) -> list[str]:
    found = examples.known().get(rule_id)
    if found is None:
        return []
    lines = [f"| `{found['table']}` | becomes |", "| --- | --- |"]
    for before, after in found["rows"]:
        lines.append(f"| {_cells(before)} | {'*the row goes*' if after is None else _cells(after) or '*stays*'} |")
    return [*lines, ""]


def _cells(cells) -> str:
    return ", ".join(f"{name} = {_shown(value)}" for name, value in cells.items()).replace("|", "\\|")


def _shown(value) -> str:
    return "null" if value is None else f"`{value}`" if value != "" else "empty"
