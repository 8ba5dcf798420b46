"""Changes that the cohort page makes to a definition: pure functions from one JSON document to the next.

The first include group that holds one criterion of type person and nothing else is the page's own "who they are".
"""

import copy
from typing import Any

from commonweal.commons.cohort.domains import DOMAINS
from commonweal.errors import BadInput

EMPTY: dict[str, Any] = {"version": 1, "include": [], "exclude": []}
KINDS = ("include", "exclude")
WITH_NUMBERS = ("measurement", "observation", "survey", "wearable")  # whose value is, or may be, a number
WITH_FIELDS = (*DOMAINS, "wearable")  # others are shown in words, and changed in the JSON
_TYPES = {d: kind for kind, spec in DOMAINS.items() for d in spec.vocabulary_domains if kind != "survey"}


def type_of(domain_id: str, vocabulary_id: str) -> str | None:
    """The type of criterion for a concept; None where it can be in no criterion."""
    if domain_id == "Observation" and vocabulary_id == "PPI":
        return "survey"
    return _TYPES.get(domain_id)


def groups(definition: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    """The groups of one kind that the page shows as groups, with their places."""
    shown = definition.get(kind) or []
    own = _person_place(definition) if kind == "include" else None
    return [{"place": n, "any": g["any"]} for n, g in enumerate(shown) if n != own]


def person(definition: dict[str, Any]) -> dict[str, Any]:
    """The page's own person criterion; empty where there is none."""
    place = _person_place(definition)
    return dict(definition["include"][place]["any"][0]) if place is not None else {}


def with_person(definition: dict[str, Any], criterion: dict[str, Any]) -> dict[str, Any]:
    """`criterion` ({} for nobody in particular) in place of the page's own person criterion."""
    made = _copy(definition)
    place = _person_place(made)
    if place is not None:
        del made["include"][place]
    if criterion:
        made["include"].insert(0, {"any": [{"type": "person", **criterion}]})
    return made


def add(definition: dict[str, Any], kind: str, place: int | None, concept: int, type_: str) -> dict[str, Any]:
    """One more criterion, in the group at `place` or (None) in a new group of `kind`."""
    return add_criterion(definition, kind, place, {"type": type_, "concepts": [concept]})


def add_criterion(
    definition: dict[str, Any], kind: str, place: int | None, criterion: dict[str, Any]
) -> dict[str, Any]:
    """As `add`, any criterion."""
    made = _copy(definition)
    listed = made[_kind(kind)]
    if place is None:
        listed.append({"any": [criterion]})
    elif 0 <= place < len(listed):
        listed[place]["any"].append(criterion)
    else:
        raise BadInput("group: there is none at that place; choose one of the list")
    return made


def remove(definition: dict[str, Any], kind: str, place: int, number: int) -> dict[str, Any]:
    """Without one criterion; a group that is then empty goes too."""
    made = _copy(definition)
    listed = made[_kind(kind)]
    if not (0 <= place < len(listed) and 0 <= number < len(listed[place]["any"])):
        raise BadInput("criterion: there is none at that place; load the page again")
    del listed[place]["any"][number]
    if not listed[place]["any"]:
        del listed[place]
    return made


def change(definition: dict[str, Any], kind: str, place: int, number: int, limits: dict[str, Any]) -> dict[str, Any]:
    """A criterion with other limits; None takes one away. Keys that `limits` does not name stay."""
    made = _copy(definition)
    criterion = made[_kind(kind)][place]["any"][number]
    for key, value in limits.items():
        if value is None:
            criterion.pop(key, None)
        else:
            criterion[key] = value
    return made


def _kind(kind: str) -> str:
    if kind not in KINDS:
        raise BadInput("group: it is neither of those to include nor of those to leave out")
    return kind


def _person_place(definition: dict[str, Any]) -> int | None:
    for place, group in enumerate(definition.get("include") or []):
        if len(group["any"]) == 1 and group["any"][0]["type"] == "person":
            return place
    return None


def _copy(definition: dict[str, Any]) -> dict[str, Any]:
    made = copy.deepcopy(definition)
    for kind in KINDS:
        made.setdefault(kind, [])
    return made
