"""`enableWhen`: when a question is asked (FHIR R4 Questionnaire.item.enableWhen and its operators).

`!=` holds when no answer equals the value, so also when there is no answer (questionnaire-enable-operator, R4 and R5).
The other comparisons hold when at least one answer satisfies them.
"""

from dataclasses import dataclass
from typing import Any

from commonweal.r4.questionnaire_values import order, same, typed, value_of

_ORDERED = {
    ">": lambda sign: sign > 0,
    "<": lambda sign: sign < 0,
    ">=": lambda sign: sign >= 0,
    "<=": lambda sign: sign <= 0,
}
OPERATORS = frozenset({"exists", "=", "!=", *_ORDERED})


@dataclass(frozen=True, slots=True, eq=False)
class Condition:
    """`question operator value`; `value_type` is the FHIR key without its prefix, such as `Coding`."""

    question: str
    operator: str
    value: Any
    value_type: str

    @classmethod
    def of(cls, element: dict[str, Any]) -> "Condition":
        found = typed(element, "answer") or ("answer", None)
        return cls(str(element.get("question", "")), str(element.get("operator", "")), found[1], found[0][6:])

    def holds(self, answers: list[dict[str, Any]]) -> bool:
        """Whether it holds for the answers given to its question (none: an empty list)."""
        if self.operator == "exists":
            return bool(answers) is bool(self.value)
        if not answers:
            return self.operator == "!="
        values = [value_of(answer) for answer in answers]
        if self.operator == "!=":
            return not any(same(value, self.value) for value in values)
        return any(self.accepts(value) for value in values)

    def accepts(self, value: Any) -> bool:
        """Whether one value satisfies `=` or an ordered comparison."""
        if self.operator == "=":
            return same(value, self.value)
        sign = order(value, self.value)
        return sign is not None and self.operator in _ORDERED and _ORDERED[self.operator](sign)

    @property
    def needs_answer(self) -> bool:
        """Whether it can hold only when its question has been answered."""
        return bool(self.value) if self.operator == "exists" else self.operator != "!="
