"""A person as the rows that are compared: each detail in all the forms in which it may stand on the other side."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import pyarrow as pa

from commonweal.r4.patients import PatientIdentity

_TEXTS = pa.list_(pa.string())
SCHEMA = pa.schema(
    [("unique_id", pa.int64()), ("born", pa.string()), ("sex", pa.string())]
    + [
        (name, _TEXTS)
        for name in (
            "given_full", "given_forms", "given_first", "given_later", "nicknames", "families", "surnames", "former",
            "phones", "emails", "addresses", "houses", "zips", "cities", "record_numbers",
        )
    ]
)  # fmt: skip


def rows(people: Iterable[tuple[int, PatientIdentity]], nicknames: tuple[tuple[str, ...], ...]) -> pa.Table:
    """One row a person (number, identity) of SCHEMA; `nicknames`: groups of given names that stand for one another."""
    groups = _groups(nicknames)
    return pa.Table.from_pylist([_row(number, one, groups) for number, one in people], SCHEMA)


@lru_cache(maxsize=8)
def _groups(nicknames: tuple[tuple[str, ...], ...]) -> dict[str, list[str]]:
    """Given name -> the groups that it is in."""
    found: dict[str, list[str]] = {}
    for number, group in enumerate(nicknames):
        for name in group:
            found.setdefault(name, []).append(str(number))
    return found


def _row(number: int, one: PatientIdentity, groups: dict[str, list[str]]) -> dict[str, Any]:
    given = [name.split() for name in sorted(one.full_givens or one.givens)]
    first = {parts[0] for parts in given if parts}
    return {
        "unique_id": number,
        "born": one.birth_date.isoformat() if one.birth_date else None,
        "sex": one.sex or None,
        "given_full": [" ".join(parts) for parts in given],
        "given_forms": sorted({form for parts in given for form in _forms(parts)}),
        "given_first": sorted(first),
        "given_later": sorted({part for parts in given for part in parts[1:] if len(part) > 1}),
        "nicknames": sorted({group for name in first for group in groups.get(name, ())}),
        "families": sorted(one.families),
        "surnames": sorted(one.surnames or one.families),
        "former": sorted(one.former),
        "phones": sorted(p[-10:] for p in one.phones),
        "emails": sorted(one.emails),
        "addresses": sorted(one.addresses),
        "houses": sorted({f"{line.split()[0]} {code}" for line in one.addresses for code in one.zips if line[0].isdigit()}),
        "zips": sorted(one.zips),
        "cities": sorted(one.cities),
        "record_numbers": sorted(one.record_numbers),
    }  # fmt: skip


def _forms(parts: list[str]) -> Iterable[str]:
    """Shorter ways to write given names: María, María L, of María Luisa."""
    for count in range(1, len(parts) + 1):
        yield " ".join(parts[:count])
    for count in range(1, len(parts)):
        yield " ".join([*parts[:count], parts[count][0]])
