"""The declared mapping: read from TOML, checked, and joined with what a program adds for its sites."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from commonweal.r4.mapping.conversions import CONVERSIONS, NAMES
from commonweal.r4.mapping.fault import MappingFault

Fields = dict[str, dict[str, Any]]
_KEYS = {"resource", "source", "subject", "lookup", "only_if", "columns", "parts"}
_FIELD_KEYS = {"from", "as", "rule", "always", "when", "then", "or_coding", "beside", "otherwise"}
MEDICATION = "medication"  # a reference that is followed when all is read; no column of its own


@dataclass(frozen=True)
class Declared:
    """One type of resource: from which elements each column is read."""

    resource: str
    columns: Fields
    subject: str | None = None  # the element that names the patient; "own" where it is the patient
    lookup: bool = False  # no event: others refer to it
    only_if: tuple[str, ...] = ()
    parts_of: str | None = None  # a row of its own for each element of this list
    parts: Fields = field(default_factory=dict)


@cache
def shipped() -> dict[str, Declared]:
    """The mapping that the package has, by type of resource."""
    folder = files(__package__).joinpath("types")
    texts = {p.name: p.read_text(encoding="utf-8") for p in folder.iterdir() if p.name.endswith(".toml")}
    found = (read(text, name) for name, text in sorted(texts.items()))
    return {one.resource: one for one in found}


def read(text: str, name: str) -> Declared:
    """One file of the mapping. Raises MappingFault with the file's name for whatever cannot be meant."""
    try:
        told = tomllib.loads(text)
        return _declared(told)
    except (tomllib.TOMLDecodeError, MappingFault) as error:
        raise MappingFault(f"{name}: {error}") from None


def _declared(told: Mapping[str, Any]) -> Declared:
    _only(told, _KEYS, "the file")
    parts = told.get("parts", {})
    _only(parts, {"of", "columns"}, "parts")
    if not isinstance(told.get("resource"), str) or not told["resource"].isalpha():
        raise MappingFault('say which type of resource: resource = "Observation"')
    return Declared(
        resource=told["resource"], columns=_fields(told.get("columns", {})), subject=told.get("subject"),
        lookup=bool(told.get("lookup")), only_if=tuple(told.get("only_if", ())), parts_of=parts.get("of"),
        parts=_fields(parts.get("columns", {})),
    )  # fmt: skip


def _fields(told: Mapping[str, Any]) -> Fields:
    from commonweal.r4.events import EVENT_SCHEMA  # with Arrow, which a program that declares nothing need not load

    for name, one in told.items():
        _only(one, _FIELD_KEYS, f"the column {name}")
        if one.get("as") not in CONVERSIONS:
            raise MappingFault(f"the column {name}: as is one of {', '.join(CONVERSIONS)}")
        _checked(name, one)
        for column in filled_by(name, one["as"]):
            if column not in EVENT_SCHEMA.names and column != MEDICATION:
                raise MappingFault(f"the column {name}: there is no column {column}")
    return {name: dict(one) for name, one in told.items()}


def _checked(name: str, one: Mapping[str, Any]) -> None:
    """Paths are texts, as many as the conversion needs, and words have no quotes."""
    for key in ("from", "or_coding"):
        if not isinstance(paths := one.get(key, []), list) or not all(isinstance(path, str) for path in paths):
            raise MappingFault(f"the column {name}: {key} is a list of paths")
    least = {"verified": 2, "range": 1}.get(one["as"], 0 if "always" in one or "or_coding" in one else 1)
    if len(one.get("from", [])) < least:
        raise MappingFault(f"the column {name}: from names {least} or more paths")
    if one["as"] == "range" and "beside" not in one:
        raise MappingFault(f"the column {name}: beside names the value that the range belongs to")
    for key in ("always", "then", "beside", "when"):
        if "'" in str(one.get(key, "")):
            raise MappingFault(f"the column {name}: {key} has a quotation mark")


def filled_by(name: str, conversion: str) -> Sequence[str]:
    """The columns of EVENT_SCHEMA that a field of this name fills."""
    if conversion == "concept":
        return NAMES.get(name, (f"{name}_system", f"{name}_code"))
    return [f"{name}_{end}" for end in ("low", "high", "text")] if conversion == "range" else [name]


def _only(told: Any, keys: set[str], where: str) -> None:
    if not isinstance(told, Mapping):
        raise MappingFault(f"{where}: a table is expected")
    for key in told:
        if key not in keys:
            raise MappingFault(f"{where}: {key} is not known; there is {', '.join(sorted(keys))}")
