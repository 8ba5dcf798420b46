"""Which items of a form are asked for one set of answers, and what the calculated ones come to."""

from collections.abc import Iterable, Mapping
from typing import Any

from commonweal.r4.questionnaire_items import Item
from commonweal.r4.questionnaire_plan import Plan, answers_from
from commonweal.r4.questionnaire_skips import counted

Answers = Mapping[str, list[dict[str, Any]]]


class State:
    """Which items are enabled for one set of answers.

    An item is enabled when its own conditions hold and all items above it are enabled; one that stands under a question
    is asked only once that question has an answer. Answers to items not enabled count as no answers, and so do skips.
    Items whose conditions go in a circle are never enabled. A calculated item has the answer that its expression gives.
    """

    __slots__ = ("_answers", "_counts", "_items", "_outer", "_plan")

    def __init__(
        self,
        items: Mapping[str, Item],
        plan: Plan,
        answers: Answers,
        order: Iterable[str] | None = None,
        outer: "State | None" = None,
    ) -> None:
        self._items, self._plan, self._answers, self._outer = items, plan, answers, outer
        self._counts: dict[str, list[dict[str, Any]] | None] = {}  # the answers that count; None: not enabled
        for link_id in plan.order if order is None else order:
            self._decide(link_id)

    def enabled(self, link_id: str) -> bool:
        return self._found(link_id) is not None

    def answers_to(self, link_id: str) -> list[dict[str, Any]]:
        """The answers that count: none where the item is not enabled."""
        return self._found(link_id) or []

    def inside(self, below: Iterable[str], local: Answers) -> "State":
        """The state inside one instance of a repeated group: `local` are its own answers, `below` the items in it."""
        order = sorted(below, key=self._plan.rank.__getitem__)
        return State(self._items, self._plan, local, order, self)

    def _found(self, link_id: str) -> list[dict[str, Any]] | None:
        if self._outer is not None and link_id not in self._counts:
            return self._outer._found(link_id)
        return self._counts.get(link_id)

    def _decide(self, link_id: str) -> None:
        item = self._items[link_id]
        allowed = self._parent_allows(item) and self._conditions_hold(item) and link_id not in self._plan.looped
        self._counts[link_id] = self._given(item) if allowed else None

    def _given(self, item: Item) -> list[dict[str, Any]]:
        """The answers given or calculated, skips left out."""
        calculation = self._plan.calculations.get(item.link_id) if item.calculation is not None else None
        if calculation is not None:
            return answers_from(calculation.values(self.answers_to), item)
        given = self._answers.get(item.link_id)
        return counted(given) if given else []

    def _parent_allows(self, item: Item) -> bool:
        parent = item.parent
        if parent is None:
            return True
        found = self._found(parent)
        return bool(found) or (found is not None and not self._items[parent].asks)

    def _conditions_hold(self, item: Item) -> bool:
        if not item.enable_when:
            return True
        outcomes = (condition.holds(self.answers_to(condition.question)) for condition in item.enable_when)
        return all(outcomes) if item.enable_all else any(outcomes)
