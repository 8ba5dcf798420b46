"""Concept sets of an expression, and lists of concepts in it, as the concept fields of our criteria."""

from dataclasses import dataclass
from typing import Any

from commonweal.commons.cohort.circe.reading import Account, Node

DESCRIPTIVE = (
    "CONCEPT_NAME", "CONCEPT_CODE", "CONCEPT_CLASS_ID", "DOMAIN_ID", "VOCABULARY_ID", "STANDARD_CONCEPT",
    "STANDARD_CONCEPT_CAPTION", "INVALID_REASON", "INVALID_REASON_CAPTION", "VALID_START_DATE", "VALID_END_DATE",
)  # fmt: skip


@dataclass(frozen=True)
class ConceptSet:
    """Ids in and out, with their descendants or alone."""

    concepts: list[int]
    alone: list[int]
    excluded: list[int]
    excluded_alone: list[int]

    def fields(self) -> dict[str, Any]:
        """As the fields of a criterion, in the shortest way."""
        made: dict[str, Any] = {}
        if self.concepts:
            made["concepts"] = self.concepts
            if self.alone:
                made["alone"] = self.alone
        else:
            made |= {"concepts": self.alone, "descendants": False}
        made |= {"excluded": self.excluded} if self.excluded else {}
        return made | ({"excluded_alone": self.excluded_alone} if self.excluded_alone else {})

    def column(self) -> dict[str, Any] | None:
        """As a condition on another column; None where a condition cannot say it."""
        if self.excluded or self.excluded_alone or (self.concepts and self.alone):
            return None
        return {"concepts": self.concepts, "descendants": True} if self.concepts else {"concepts": self.alone}


class ConceptSets:
    """The concept sets of an expression, by id; one is read, and what is lost of it reported, when it is first used."""

    def __init__(self, nodes: list[Node], account: Account) -> None:
        self.account = account
        self._nodes: dict[Any, Node] = {}
        self._read: dict[Any, ConceptSet | None] = {}
        for node in nodes:
            node.ignore("name", "description", "createdBy", "createdDate", "modifiedBy", "modifiedDate", "tags")
            self._nodes[node.whole("id")] = node

    def use(self, number: int, path: str) -> ConceptSet | None:
        """Concept set `number`; None, and a report, where there is none or it holds no concept."""
        if number not in self._nodes:
            self.account.note(path, "a concept set", "the expression has no concept set with this id")
            return None
        if number not in self._read:
            self._read[number] = self._of(self._nodes[number])
        return self._read[number]

    def close(self) -> None:
        """A set that no criterion uses has no effect, so nothing in it is reported."""
        for number in self._read:
            self._nodes[number].close()

    def _of(self, node: Node) -> ConceptSet | None:
        expression = node.node("expression")
        lists: dict[tuple[bool, bool], list[int]] = {(a, b): [] for a in (True, False) for b in (True, False)}
        for item in expression.nodes("items") if expression else []:
            concept = item.node("concept")
            number = concept_id(concept) if concept else None
            if item.flag("includeMapped"):
                item.account.note(
                    item.at("includeMapped"), "concepts mapped to these",
                    "our definitions name concepts and their descendants; add the mapped concepts by id",
                )  # fmt: skip
            excluded, descendants = item.flag("isExcluded"), item.flag("includeDescendants")
            item.close()
            if number is not None:
                lists[excluded, descendants].append(number)
        if expression:
            expression.close()
        kept = {key: list(dict.fromkeys(ids)) for key, ids in lists.items()}
        if not kept[False, True] and not kept[False, False]:
            self.account.note(node.path, "a concept set", "it holds no concept, so no record can be in it")
            return None
        return ConceptSet(kept[False, True], kept[False, False], kept[True, True], kept[True, False])


def concept_id(node: Node) -> int | None:
    node.ignore(*DESCRIPTIVE)
    found = node.whole("CONCEPT_ID")
    if found is None:
        node.account.note(node.path, "a concept", "it has no CONCEPT_ID")
    node.close()
    return found


def ids(node: Node, key: str) -> list[int]:
    """The ids of a list of concepts."""
    found = [concept_id(concept) for concept in node.nodes(key)]
    return list(dict.fromkeys(i for i in found if i is not None))
