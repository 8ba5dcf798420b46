"""The kinds of conversion that a column of the mapping may name (`as = …`), and the SQL that each becomes.

The macros that the SQL uses stand in conversions.sql.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from commonweal.omop.fhir_systems import PREFERRED
from commonweal.r4.mapping.paths import Structure

if TYPE_CHECKING:
    import duckdb

NEGATING = ("entered-in-error", "refuted")
EARLIEST = "TIMESTAMP '1850-01-01'"  # nobody alive has lived in an earlier year
LONGEST = 300  # characters of a source's own words
CODING: Structure = {"system": "VARCHAR", "code": "VARCHAR", "display": "VARCHAR"}
CONCEPT: Structure = {"text": "VARCHAR", "coding": [CODING]}
QUANTITY: Structure = {"value": "DOUBLE", "code": "VARCHAR", "unit": "VARCHAR"}
RANGE: Structure = {"low": QUANTITY, "high": QUANTITY, "type": CONCEPT, "text": "VARCHAR"}
# column -> SQL. `1:…` and `2:…` are steps on the way, each computed once; `!…` says that what is written is no time.
Made = dict[str, str]
Texts = Sequence[str]  # SQL of the elements that are read, in their order


@dataclass(frozen=True)
class Conversion:
    """`leaf`: what is read at each path; `kind`: the JSON that has to stand there; `make`: columns from expressions."""

    leaf: Structure
    kind: str
    make: Callable[[str, Texts, dict[str, Any]], Made]


def _filled(texts: Texts) -> str:
    """The first that is there and not empty."""
    return _first([f"nullif({text}, '')" for text in texts])


def _first(texts: Texts) -> str:
    return f"coalesce({', '.join(texts)})" if texts else "NULL"


def _text(name: str, texts: Texts, field: dict[str, Any]) -> Made:
    found = f"'{field['always']}'" if "always" in field else _filled(texts)
    return {name: f"CASE WHEN {field['_when']} THEN '{field['then']}' ELSE {found} END" if "when" in field else found}


def _time(name: str, texts: Texts, field: dict[str, Any]) -> Made:
    said, meant = f'"1:{name}"', f'"2:{name}"'
    return {
        f"1:{name}": _filled(texts),
        f"2:{name}": f"local_time({said})",
        name: f"CASE WHEN {meant} >= {EARLIEST} THEN {meant} END",
        f"!{name}": f"({said} IS NOT NULL AND coalesce({meant} < {EARLIEST}, true))",
    }


def _concept(name: str, texts: Texts, field: dict[str, Any]) -> Made:
    """<name>_system and <name>_code (code_system and code for `code`), and the source's words where there is a column."""
    codings = [f"best_coding({t}.coding)" for t in texts]
    codings += [f"best_coding([{t}])" for t in field.get("_or_coding", ())]
    best, (system, code, said) = f'"1:{name}"', NAMES.get(name, (f"{name}_system", f"{name}_code", None))
    made = {f"1:{name}": _first(codings), system: f"{best}.system", code: f"{best}.code"}
    return made | ({said: _first([f"words_of({t})" for t in texts])} if said else {})


NAMES = {"code": ("code_system", "code", "code_text"), "value": ("value_system", "value_code", "value_label")}


def _verified(name: str, texts: Texts, field: dict[str, Any]) -> Made:
    """The second, unless the first denies it."""
    first, second = f'"1:{name}"', f'"1:{name} else"'
    told = f"CASE WHEN {first} IN {NEGATING} THEN {first} ELSE coalesce({second}, {first}) END"
    return {f"1:{name}": f"code_of({texts[0]})", f"1:{name} else": f"code_of({texts[1]})", name: told}


def _range(name: str, texts: Texts, field: dict[str, Any]) -> Made:
    one, same = f'"2:{name}"', f'in_same_unit("2:{name}", {field["_beside"]})'
    return {
        f"1:{name}": f"normal_ranges({texts[0]})",
        f"2:{name}": f'CASE WHEN len("1:{name}") = 1 THEN "1:{name}"[1] END',
        f"{name}_low": f"CASE WHEN {same} THEN finite({one}.low.value) END",
        f"{name}_high": f"CASE WHEN {same} THEN finite({one}.high.value) END",
        f"{name}_text": f"left(nullif(trim({one}.text), ''), {LONGEST})",
    }


def _reference(name: str, texts: Texts, field: dict[str, Any]) -> Made:
    """As it is written: which resource it names is found when all of the submission is read."""
    own = "resource_type || '/' || resource_id" if field.get("otherwise") == "own" else None
    return {name: _first([_filled([f"{t}.reference" for t in texts]), *([own] if own else [])])}


CONVERSIONS: dict[str, Conversion] = {
    "text": Conversion("VARCHAR", "text", _text),
    "time": Conversion("VARCHAR", "text", _time),
    "number": Conversion("DOUBLE", "number", lambda n, t, f: {n: f"finite({_first(t)})"}),
    "whole": Conversion("DOUBLE", "number", lambda n, t, f: {n: f"whole({_first(t)})"}),
    "days": Conversion(QUANTITY, "object", lambda n, t, f: {n: f"in_days({_first(t)})"}),
    "code": Conversion(CONCEPT, "object", lambda n, t, f: {n: _first([f"code_of({x})" for x in t])}),
    "concept": Conversion(CONCEPT, "object", _concept),
    "verified": Conversion(CONCEPT, "object", _verified),
    "range": Conversion([RANGE], "list", _range),
    "reference": Conversion({"reference": "VARCHAR"}, "object", _reference),
}


def prepare(con: "duckdb.DuckDBPyConnection", local_systems: Sequence[str] = ()) -> None:
    """Make the macros on `con`; `local_systems`: a program's own code systems, preferred after those of the mapping."""
    order = ", ".join("'" + uri.replace("'", "''") + "'" for uri in (*PREFERRED, *local_systems))
    text = files(__package__).joinpath("conversions.sql").read_text(encoding="utf-8")
    con.execute(text.format(preference=f"[{order}]", longest=LONGEST))
