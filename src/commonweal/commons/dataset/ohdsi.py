"""Concept sets that others made with the tools of OHDSI. What cannot be carried over is listed, never dropped in silence.

Source: the JSON of ATLAS and of the OHDSI Web API: `{"id", "name", "expression": {"items": [{"concept": {"CONCEPT_ID",
"DOMAIN_ID", "STANDARD_CONCEPT", …}, "isExcluded", "includeDescendants", "includeMapped"}]}}`, or the expression alone.
"""

from dataclasses import dataclass, field
from typing import Any

from commonweal.commons.dataset.concept_set import ConceptSet, parse
from commonweal.commons.dataset.reading import read, shown
from commonweal.errors import BadInput

WHAT = "OHDSI concept set"
DOMAINS = ("condition", "drug", "measurement", "procedure", "observation", "visit", "device")


@dataclass
class Imported:
    """One set for each domain that is in it; `left_out` says in words what has no place in ours."""

    sets: list[ConceptSet] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def from_ohdsi(value: Any, *, name: str | None = None, domain: str | None = None, source: bool = False) -> Imported:
    """`domain`: of concepts that name none. An excluded concept is excluded from the set of each domain.

    Raises BadInput where it is no concept set, or a concept has no domain and none is given.
    """
    raw = read(value, WHAT)
    expression = raw.get("expression", raw)
    items = expression.get("items") if isinstance(expression, dict) else None
    if not isinstance(items, list) or not items:
        raise BadInput(f"{WHAT}: $.items: must be a list that is not empty")
    title = name or (raw["name"] if isinstance(raw.get("name"), str) else "") or "imported"
    made, by_domain, excluded = Imported(), {}, []  # type: ignore[var-annotated]
    for number, item in enumerate(items):
        read_item = _item(number, item)
        if item.get("includeMapped"):
            made.left_out.append(f"items[{number}]: mapped concepts of {read_item['concept']} (includeMapped)")
        if read_item["excluded"]:
            excluded.append(read_item)
            continue
        of = _domain(item, domain)
        if of is None:
            told = item["concept"].get("DOMAIN_ID")
            if not told:
                raise BadInput(f"{WHAT}: $.items[{number}]: the concept names no domain; say which one is meant")
            made.left_out.append(f"items[{number}]: concept {read_item['concept']} of the domain {shown(str(told))}")
            continue
        by_domain.setdefault(of, []).append(read_item)
    for of, own in by_domain.items():
        own_name = title if len(by_domain) == 1 else f"{title} ({of})"
        made.sets.append(
            parse({"version": 1, "name": own_name, "domain": of, "source": source, "items": _once([*own, *excluded])})
        )
    if not made.sets:
        raise BadInput(f"{WHAT}: nothing of it can be carried over; its domains have to be among {', '.join(DOMAINS)}")
    return made


def _item(number: int, item: Any) -> dict[str, Any]:
    concept = item.get("concept") if isinstance(item, dict) else None
    identity = concept.get("CONCEPT_ID") if isinstance(concept, dict) else None
    if not isinstance(identity, int):
        raise BadInput(f"{WHAT}: $.items[{number}].concept.CONCEPT_ID: must be a whole number")
    return {
        "concept": identity,
        "descendants": bool(item.get("includeDescendants")),
        "excluded": bool(item.get("isExcluded")),
    }


def _domain(item: dict[str, Any], given: str | None) -> str | None:
    told = item["concept"].get("DOMAIN_ID")
    found = told.lower() if isinstance(told, str) and told else given
    return found if found in DOMAINS else None


def _once(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A concept that is in (or excluded) more than once: with descendants wins over without."""
    found: dict[tuple[int, bool], dict[str, Any]] = {}
    for item in items:
        before = found.setdefault((item["concept"], item["excluded"]), item)
        found[item["concept"], item["excluded"]] = item | {"descendants": before["descendants"] or item["descendants"]}
    return list(found.values())
