"""A whole expression: who enters, by which limits, under which rules; and what of cohort exit stays behind."""

from dataclasses import dataclass
from typing import Any

import orjson

from commonweal.commons.cohort.circe import ranges
from commonweal.commons.cohort.circe.concepts import ConceptSets
from commonweal.commons.cohort.circe.exits import note_exits
from commonweal.commons.cohort.circe.groups import Criterion, as_one, criterion, entry, members
from commonweal.commons.cohort.circe.reading import Account, Node, NotCarried
from commonweal.commons.cohort.definition import Definition, parse
from commonweal.errors import BadInput

MAX_BYTES = 5_000_000
MAX_DEPTH = 200
LIMITS = {"ALL": "all", "FIRST": "first", "LAST": "last"}


@dataclass(frozen=True)
class Import:
    """`definition` is None where something that changes who is in could not be carried."""

    definition: Definition | None
    not_carried: list[NotCarried]

    def as_dict(self) -> dict[str, Any]:
        made = self.definition.as_json() if self.definition else None
        return {"definition": made, "not_carried": [lost.as_dict() for lost in self.not_carried]}


def import_circe(content: bytes | str) -> Import:
    """Reads an OHDSI cohort expression (JSON). Raises BadInput where it is not one, or is larger than we can carry."""
    account = Account()
    made = _definition(_root(content, account), account)
    lost = list(account.lost.values())
    definition = None if any(one.who for one in lost) else parse(made)
    return Import(definition, lost)


def _root(content: bytes | str, account: Account) -> Node:
    if len(content) > MAX_BYTES:
        raise BadInput(f"cohort expression: larger than {MAX_BYTES:,} bytes; use fewer concepts, or their ancestors")
    try:
        raw = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise BadInput(f"cohort expression: not JSON ({where}): {error.msg}") from None
    _check_depth(raw)
    if isinstance(raw, dict) and "PrimaryCriteria" not in raw and isinstance(raw.get("expression"), dict):
        return Node(raw["expression"], "$.expression", account)  # as ATLAS keeps it, beside a name and an author
    root = Node(raw if isinstance(raw, dict) else {}, "$", account)
    if not root.has("PrimaryCriteria"):
        raise BadInput("cohort expression: it has no PrimaryCriteria; give a cohort expression as ATLAS exports it")
    return root


def _check_depth(raw: Any) -> None:
    level = [raw]
    for _ in range(MAX_DEPTH):
        level = (
            [
                inner
                for value in level
                for inner in (value.values() if isinstance(value, dict) else value)
                if isinstance(inner, dict | list)
            ]
            if isinstance(level, list)
            else []
        )
        level = [value for value in level if isinstance(value, dict | list)]
        if not level:
            return
    raise BadInput(f"cohort expression: nested more than {MAX_DEPTH} deep; make it flatter")


def _definition(root: Node, account: Account) -> Criterion:
    root.ignore("Title", "cdmVersionRange", "id", "name", "description")
    sets = ConceptSets(root.nodes("ConceptSets"), account)
    entered, limit = _entry(root, sets)
    additional = root.node("AdditionalCriteria")
    qualified, kept = _limit(root, "QualifiedLimit"), _limit(root, "ExpressionLimit")
    index: Criterion = {"of": entered, "which": limit}
    include: list[Criterion] = []
    if additional is not None and limit == "all" and qualified != "all":
        held = criterion(additional, sets)  # judged before the first or last event is taken
        index["which"] = qualified
        if held is not None:
            entered["where"] = [*entered.get("where", []), held]
    elif additional is not None:
        include += _steps(additional, sets)
    if index["which"] == "all" and kept != "all":
        index["keep"] = kept
    for rule in root.nodes("InclusionRules"):
        rule.ignore("name", "description")
        group = rule.node("expression")
        rule.close()
        if group is not None:
            include += _rule(group, sets)
    include += _until(root, index)
    note_exits(root, index)
    sets.close()
    root.close()
    made = {"version": 1, "index": index, "include": include}
    return _with_ends(made) if _speaks_of_ends(made) else made


def _entry(root: Node, sets: ConceptSets) -> tuple[Criterion, str]:
    """The entry events in their observation period, and the limit that comes before everything else."""
    primary = root.node("PrimaryCriteria")
    assert primary is not None
    found = [event for wrapper in primary.nodes("CriteriaList") for event in entry(wrapper, sets)]
    window = primary.node("ObservationWindow")
    days = {"before": window.whole("PriorDays", 0), "after": window.whole("PostDays", 0)} if window else {}
    if window:
        window.close()
    limit = _limit(primary, "PrimaryCriteriaLimit")
    primary.close()
    if not primary.has("CriteriaList"):
        root.account.note(primary.at("CriteriaList"), "entry events", "there are none, so nobody can enter")
    if not found:
        return {}, limit
    return as_one(found, observed={key: n for key, n in days.items() if n}), limit


def _limit(node: Node, key: str) -> str:
    limit = node.node(key)
    kind = limit.get("Type", str, "All").upper() if limit else "ALL"
    if limit:
        limit.close()
    if kind not in LIMITS:
        node.account.note(node.at(key), key, "its Type is none of All, First and Last")
    return LIMITS.get(kind, "all")


def _steps(group: Node, sets: ConceptSets) -> list[Criterion]:
    """Additional criteria: of those that must all hold, each is a step of its own."""
    if group.get("Type", str, "ALL").upper() == "ALL":
        return [{"any": [one]} for one in members(group, sets)[0]]
    return _rule(group, sets)


def _rule(group: Node, sets: ConceptSets) -> list[Criterion]:
    """An inclusion rule is one step."""
    held = criterion(group, sets)
    if held is None:
        return []
    alternatives = held["type"] == "group" and held.get("at_least") == 1 and "at_most" not in held
    return [{"any": held["of"] if alternatives else [held]}]


def _until(root: Node, index: Criterion) -> list[Criterion]:
    """The censor window: entries after its end are not in; its start depends on cohort exit."""
    window = root.node("CensorWindow")
    if window is None:
        return []
    if window.has("StartDate"):
        why = "whoever leaves the cohort before this day is not in, and our definitions have no cohort exit"
        window.account.note(window.at("StartDate"), "the start of the censor window", why)
    end = window.get("EndDate", str)
    window.ignore("StartDate")
    window.close()
    if not end:
        return []
    if index.get("keep") == "last":
        why = "with the last event as entry, whoever has it after this day is not in; our definitions take the last before it"
        window.account.note(window.at("EndDate"), "the end of the censor window", why)
    until = ranges.days(Node({"Op": "lte", "Value": end}, window.at("EndDate"), root.account))
    return [{"any": [{"type": "index", "start": days}]} for days in until]


def _speaks_of_ends(made: Any) -> bool:
    if isinstance(made, dict):
        said = made.get("this") == "end" or made.get("that") == "end" or "end" in made or "length" in made
        return said or any(map(_speaks_of_ends, made.values()))
    return isinstance(made, list) and any(map(_speaks_of_ends, made))


def _with_ends(made: Any) -> Any:
    """In Circe an event without a recorded end ends on the next day (a drug: after its days of supply)."""
    if isinstance(made, list):
        return [_with_ends(one) for one in made]
    if not isinstance(made, dict):
        return made
    concepts = "concepts" in made and "type" in made or made.get("any_concept")
    return {k: _with_ends(v) for k, v in made.items()} | ({"no_end": "next_day"} if concepts else {})
