"""Which items of a form are asked for one set of answers, and what the calculated ones come to."""

from collections.abc import Iterable, Mapping
from typing import Any

from commonweal.r4.questionnaire_items import Item
from commonweal.r4.questionnaire_plan import Plan, Step, answers_from
from commonweal.r4.questionnaire_skips import counted

Answers = Mapping[str, list[dict[str, Any]]]


class State:
    """Which items are enabled for one set of answers.

    An item is enabled when its own conditions hold and all items above it are enabled; one that stands under a question
    is asked only once that question has an answer. Answers to items not enabled count as no answers, and so do skips.
    Items whose conditions go in a circle are never enabled. A calculated item has the answer that its expression gives.
    """

    __slots__ = ("_answers", "_counts", "_outer", "_plan")

    def __init__(
        self,
        plan: Plan,
        answers: Answers,
        order: Iterable[str] | None = None,
        outer: "State | None" = None,
    ) -> None:
        self._plan, self._answers, self._outer = plan, answers, outer
        self._counts: dict[str, list[dict[str, Any]] | None] = {}  # the answers that count; None: not enabled
        for step in plan.steps.values() if order is None else map(plan.steps.__getitem__, order):
            self._decide(step)

    def enabled(self, link_id: str) -> bool:
        return self._found(link_id) is not None

    def answers_to(self, link_id: str) -> list[dict[str, Any]]:
        """The answers that count: none where the item is not enabled."""
        return self._found(link_id) or []

    def inside(self, below: Iterable[str], local: Answers) -> "State":
        """The state inside one instance of a repeated group: `local` are its own answers, `below` the items in it."""
        order = sorted(below, key=self._plan.rank.__getitem__)
        return State(self._plan, local, order, self)

    def _found(self, link_id: str) -> list[dict[str, Any]] | None:
        if self._outer is not None and link_id not in self._counts:
            return self._outer._found(link_id)
        return self._counts.get(link_id)

    def _decide(self, step: Step) -> None:
        """Decide one item; what it depends on has been decided."""
        item = step.item
        self._counts[item.link_id] = None
        if step.parent is not None:
            above = self._found(step.parent)
            if above is None or (step.under_question and not above):
                return
        if step.looped or (item.enable_when and not self._conditions_hold(item)):
            return
        if step.calculation is not None:
            self._counts[item.link_id] = answers_from(step.calculation.values(self.answers_to), item)
            return
        given = self._answers.get(item.link_id)
        self._counts[item.link_id] = counted(given) if given else []

    def _conditions_hold(self, item: Item) -> bool:
        outcomes = (condition.holds(self.answers_to(condition.question)) for condition in item.enable_when)
        return all(outcomes) if item.enable_all else any(outcomes)
