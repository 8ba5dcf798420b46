"""One criterion of Circe (a ConditionOccurrence, a DrugEra, …) as events of ours.

Where an attribute says "outside of", an event lies in one of two ranges: then there are several variants, of which an event
satisfies at most one.
"""

from itertools import product
from typing import Any

from commonweal.commons.cohort.circe import ranges
from commonweal.commons.cohort.circe.attributes import AGES, COMMON, KINDS, Kind
from commonweal.commons.cohort.circe.concepts import ConceptSet, ConceptSets, ids
from commonweal.commons.cohort.circe.reading import Node, shown
from commonweal.commons.cohort.domains import DOMAINS

Criterion = dict[str, Any]
Parts = list[Criterion]  # alternatives: what to add to a criterion


def variants(wrapper: Node, sets: ConceptSets) -> tuple[list[Criterion], Node | None]:
    """The events of a wrapped criterion, and its attributes, where `CorrelatedCriteria` is still unread."""
    named = list(wrapper.unread())
    kind = KINDS.get(named[0][0]) if len(named) == 1 else None
    if kind is None:
        what = ", ".join(shown(name) for name, _ in named[:3]) or "nothing"
        wrapper.account.note(wrapper.path, "a criterion", f"our definitions have no such kind of event: {what}")
        return [], None
    node = wrapper.node(named[0][0])
    assert node is not None
    alternatives = [[_plain(node, kind, sets)], *_ranged(node, kind), *_columns(node, kind, sets)]
    _refuse(node, kind)
    return [_together(parts) for parts in product(*alternatives)], node


def _plain(node: Node, kind: Kind, sets: ConceptSets) -> Criterion:
    made: Criterion = {"type": kind.type}
    number = node.whole("CodesetId")
    found = sets.use(number, node.at("CodesetId")) if number is not None else None
    made |= found.fields() if found else {"any_concept": True}
    first = node.flag("First")
    if first and kind.first:
        made["pick"] = "first"
    person = {key: ids(node, attribute) for attribute, key in (("Gender", "gender"),) if node.has(attribute)}
    person |= _person_set(node, "GenderCS", "gender", sets)
    if person:
        made["where"] = [{"type": "person", **person}]
    if kind.type != "visit" and node.has("VisitType"):
        made["visit"] = ids(node, "VisitType")
    return made


def _person_set(node: Node, attribute: str, key: str, sets: ConceptSets) -> dict[str, list[int]]:
    """A concept set about the person, where it is a plain list of concepts."""
    selected = node.node(attribute)
    if selected is None:
        return {}
    found, excluded = _selected(selected, sets)
    if found is None or found.concepts or found.excluded or found.excluded_alone or excluded:
        node.account.note(node.at(attribute), attribute, "of a person, our definitions know plain lists of concepts")
        return {}
    return {key: found.alone}


def _selected(node: Node, sets: ConceptSets) -> tuple[ConceptSet | None, bool]:
    number, excluded = node.whole("CodesetId"), node.flag("IsExclusion")
    node.close()
    return (sets.use(number, node.at("CodesetId")) if number is not None else None), excluded


def _ranged(node: Node, kind: Kind) -> list[Parts]:
    """Alternatives for each range of dates, ages and lengths."""
    found = []
    for attribute, key in ((kind.start, "start"), (kind.end, "end")):
        if attribute and (range_ := node.node(attribute)):
            found.append([{key: days} for days in ranges.days(range_)])
    for attribute in AGES:
        if range_ := node.node(attribute):
            found.append([{"age": age | {"years": "calendar"}} for age in ranges.whole(range_)])
    if kind.length and (range_ := node.node(kind.length)):
        found.append([{"length": length} for length in ranges.whole(range_)])
    return found


def _columns(node: Node, kind: Kind, sets: ConceptSets) -> list[Parts]:
    """Alternatives for each attribute that looks at another column."""
    found: list[Parts] = []
    for attribute, column in kind.concepts:
        if node.has(attribute):
            one: Criterion = {"column": column, "concepts": ids(node, attribute)}
            found.append([{"columns": [one | ({"except": True} if node.flag(f"{attribute}Exclude") else {})]}])
        node.ignore(attribute, f"{attribute}Exclude")
    for attribute, column in kind.sets:
        found += _of_set(node, attribute, column, sets)
    if kind.source:
        found += _of_set(node, kind.source, str(DOMAINS[kind.type].source_concept), sets)
    for pairs, read in ((kind.numbers, ranges.number), (kind.wholes, ranges.whole)):
        for attribute, column in pairs:
            if range_ := node.node(attribute):
                values = [{k: float(v) for k, v in one.items()} for one in read(range_)]
                found.append([{"columns": [{"column": column, **value}]} for value in values])
    return found


def _of_set(node: Node, attribute: str, column: str, sets: ConceptSets) -> list[Parts]:
    """A concept set, by its number or (newer) by a selection that may be turned round."""
    if not node.has(attribute) and node.get(attribute) != 0:
        return []
    excluded = False
    if isinstance(node.get(attribute), dict):
        selected = node.node(attribute)
        assert selected is not None
        chosen, excluded = _selected(selected, sets)
    else:
        number = node.whole(attribute)
        chosen = sets.use(number, node.at(attribute)) if number is not None else None
    if chosen is None:
        return []
    one = chosen.column()
    if one is None:
        why = (
            "of another column, our definitions ask for one list of concepts, all with their descendants or all without"
        )
        node.account.note(node.at(attribute), attribute, why)
        return []
    return [[{"columns": [{"column": column, **one, **({"except": True} if excluded else {})}]}]]


def _refuse(node: Node, kind: Kind) -> None:
    for attribute, why in (*COMMON.items(), *kind.refused):
        if node.has(attribute):
            node.account.note(node.at(attribute), attribute, why)
        node.ignore(attribute)


def _together(parts: tuple[Criterion, ...]) -> Criterion:
    made: Criterion = {}
    columns = [column for part in parts for column in part.get("columns", [])]
    for part in parts:
        made |= part
    return made | ({"columns": columns} if columns else {})
