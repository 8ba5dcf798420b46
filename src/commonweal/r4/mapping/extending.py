"""What a program adds to the mapping for its sites: elements that only their systems write, or another type of resource."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from commonweal.r4.mapping.declared import Declared, Fields, read, shipped
from commonweal.r4.mapping.fault import MappingFault

EVERYWHERE = ""


@dataclass(frozen=True)
class Extensions:
    """Scope ('' or a site) -> the files of a program, each declared as the mapping's own are."""

    by_scope: Mapping[str, tuple[Declared, ...]] = field(default_factory=dict)

    def mapping(self, site: str) -> dict[str, Declared]:
        """The mapping with what the program adds for every site and for this one."""
        found = dict(shipped())
        for one in (*self.by_scope.get(EVERYWHERE, ()), *self.by_scope.get(site, ())):
            found[one.resource] = extended(found.get(one.resource), one)
        return found


def read_extension(text: str, name: str) -> Declared:
    """One file. Raises MappingFault for what cannot be meant, alone or together with the mapping that it adds to."""
    from commonweal.r4.mapping.compile import statement

    one = read(text, name)
    try:
        whole = extended(shipped().get(one.resource), one)
        if not (whole.subject or whole.lookup):
            raise MappingFault(
                f'a type that the mapping has not, needs subject = "…": which element of {one.resource} names the patient'
            )
        statement(whole)
    except MappingFault as error:
        raise MappingFault(f"{name}: {error}") from None
    return one


def extended(known: Declared | None, more: Declared) -> Declared:
    """`known` and what `more` says; elements of `more` are looked at first."""
    if known is None:
        return more
    return replace(
        known,
        columns=_together(known.columns, more.columns),
        parts=_together(known.parts, more.parts),
        subject=more.subject or known.subject,
    )


def _together(known: Fields, more: Fields) -> Fields:
    found = dict(known)
    for name, one in more.items():
        before = known.get(name)
        if before and before["as"] == one["as"] and one["as"] not in ("verified", "range"):
            one = before | one | {"from": _unique([*one.get("from", ()), *before.get("from", ())])}
        found[name] = one
    return found


def _unique(paths: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(paths))
