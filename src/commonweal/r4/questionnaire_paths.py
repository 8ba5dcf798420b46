"""Ways through a form: sets of answers that together show all that there is to see of it.

Together they ask each item, meet and miss each condition of `enableWhen`, choose each option, and give the least and the
greatest number. For authors who want to see a survey from all sides, and for tests.
"""

from collections.abc import Collection, Iterator
from typing import Any

from commonweal.r4.questionnaire_checks import together
from commonweal.r4.questionnaire_conditions import Condition
from commonweal.r4.questionnaire_goals import Goal, demanded, goals, shown
from commonweal.r4.questionnaire_items import Item
from commonweal.r4.questionnaire_model import Questionnaire
from commonweal.r4.questionnaire_plan import Step
from commonweal.r4.questionnaire_reach import Way, Ways
from commonweal.r4.questionnaire_samples import sample
from commonweal.r4.questionnaire_state import State

TRIES = 20  # ways that are tried for one goal

__all__ = ["Goal", "goals", "missed", "paths", "shown"]

Given = dict[str, list[dict[str, Any]]]


def paths(questionnaire: Questionnaire) -> list[Given]:
    """Sets of answers that together reach every goal that any answers reach; see `missed`."""
    return [answers for answers, _ in _walks(questionnaire)]


def missed(questionnaire: Questionnaire) -> list[Goal]:
    """Goals that no path reaches: mostly because no answers do, such as leaving open what a condition rests on."""
    reached = {goal for _, found in _walks(questionnaire) for goal in found}
    return [goal for goal in goals(questionnaire) if goal not in reached]


def _walks(questionnaire: Questionnaire) -> Iterator[tuple[Given, set[Goal]]]:
    ways = Ways(questionnaire, every=True)
    left = dict.fromkeys(goals(questionnaire))
    for goal in list(left):
        if goal not in left:
            continue
        for way in _ways_to(questionnaire, ways, goal):
            walk = _Walk(questionnaire, way, left, sparing=goal.kind == "open")
            found = shown(questionnaire, walk)
            if goal in found:
                for other in found:
                    left.pop(other, None)
                yield walk.given, found
                break


def _ways_to(questionnaire: Questionnaire, ways: Ways, goal: Goal) -> Iterator[Way]:
    item = questionnaire.items[goal.link_id]
    ways.left = max(ways.left, 100_000)
    for demands in demanded(item, goal):
        parts = [ways.condition(condition) for condition in demands]
        if goal.kind not in ("met", "unmet"):
            parts.append(ways.of[item.link_id])
        yield from ways.all(parts)[:TRIES]


class _Walk(State):
    """A state that answers what it comes to: as demanded, else with what has not been chosen on any path yet.

    `sparing`: it leaves open, of the rest, what no path has left open yet.
    """

    def __init__(self, questionnaire: Questionnaire, way: Way, left: Collection[Goal], sparing: bool) -> None:
        self.way, self.left, self.sparing, self.given = way, left, sparing, {}
        super().__init__(questionnaire.plan, self.given)

    __slots__ = ("given", "left", "sparing", "way")
    given: Given

    def _decide(self, step: Step) -> None:
        super()._decide(step)
        item, link_id = step.item, step.item.link_id
        if self.enabled(link_id) and item.asks and not item.calculated:
            answers = self._answer(item, list(self.way.get(link_id, ())))
            if answers:
                self.given[link_id] = self._counts[link_id] = answers

    def _answer(self, item: Item, demands: list[Condition]) -> list[dict[str, Any]] | None:
        if any(condition.operator == "exists" and not condition.value for condition in demands):
            return None
        if self.sparing and not demands and Goal("open", item.link_id) in self.left:
            return None
        fresh = [number for number in range(len(item.options)) if Goal("option", item.link_id, number) in self.left]
        if not demands and not item.options:
            demands = [c for c in (self._end(item, "least"), self._end(item, "most")) if c][:1]
        answers = sample(item, demands, fresh)
        return self._more(item, answers, demands, fresh) if answers and item.several else answers

    def _more(
        self, item: Item, answers: list[dict[str, Any]], demands: list[Condition], fresh: list[int]
    ) -> list[dict[str, Any]]:
        """The answers with all other options that go together with them: few paths then show all that follows from any."""
        found = list(answers)
        for number in dict.fromkeys([*fresh, *range(len(item.options))]):
            more = [*found, item.options[number].answer]
            room = item.max_occurs is None or len(more) <= item.max_occurs
            new = item.options[number].answer not in found
            if room and new and not list(together(item, more)) and all(c.holds(more) for c in demands):
                found = more
        return found

    def _end(self, item: Item, kind: str) -> Condition | None:
        """A wish for the least or greatest value, where no path has it yet."""
        wanted = item.min_value if kind == "least" else item.max_value
        fresh = wanted is not None and Goal(kind, item.link_id) in self.left
        return Condition(item.link_id, "=", wanted, "") if fresh else None
