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

    __slots__ = ("_answers", "_calculated", "_enabled", "_items", "_outer", "_plan")

    def __init__(
        self,
        items: Mapping[str, Item],
        plan: Plan,
        answers: Answers,
        order: Iterable[str] | None = None,
        outer: "State | None" = None,
    ) -> None:
        self._items, self._plan, self._answers, self._outer = items, plan, answers, outer
        self._enabled: dict[str, bool] = {}
        self._calculated: dict[str, list[dict[str, Any]]] = {}
        for link_id in plan.order if order is None else order:
            self._decide(link_id)

    def enabled(self, link_id: str) -> bool:
        known = self._enabled.get(link_id)
        if known is None:
            return self._outer is not None and self._outer.enabled(link_id)
        return known

    def answers_to(self, link_id: str) -> list[dict[str, Any]]:
        """The answers that count: none where the item is not enabled."""
        known = self._enabled.get(link_id)
        if known is None:
            return self._outer.answers_to(link_id) if self._outer is not None else []
        return self._given(link_id) if known else []

    def inside(self, below: Iterable[str], local: Answers) -> "State":
        """The state inside one instance of a repeated group: `local` are its own answers, `below` the items in it."""
        order = sorted(below, key=self._plan.rank.__getitem__)
        return State(self._items, self._plan, local, order, self)

    def _decide(self, link_id: str) -> None:
        item = self._items[link_id]
        allowed = link_id not in self._plan.looped and self._parent_allows(item) and self._conditions_hold(item)
        self._enabled[link_id] = allowed
        calculation = self._plan.calculations.get(link_id)
        if allowed and calculation is not None:
            self._calculated[link_id] = answers_from(calculation.values(self.answers_to), item)

    def _given(self, link_id: str) -> list[dict[str, Any]]:
        """The answers given or calculated, skips left out, whether or not they count."""
        if link_id in self._plan.calculations:
            return self._calculated.get(link_id, [])
        given = self._answers.get(link_id)
        return counted(given) if given else []

    def _parent_allows(self, item: Item) -> bool:
        parent = item.parent
        if parent is None:
            return True
        return self.enabled(parent) and (not self._items[parent].asks or bool(self.answers_to(parent)))

    def _conditions_hold(self, item: Item) -> bool:
        if not item.enable_when:
            return True
        outcomes = (condition.holds(self.answers_to(condition.question)) for condition in item.enable_when)
        return all(outcomes) if item.enable_all else any(outcomes)
