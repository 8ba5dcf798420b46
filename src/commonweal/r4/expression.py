"""FHIRPath expressions of forms: what they read of a response, and what comes out.

A part such as `%resource.descendants().where(linkId = 'q').answer.value` is settled once, against the form: it stands
for the answers to certain questions. So an expression gives the same on a page, at hand-in and in a stored response, and
what it depends on is known before anyone answers. `%name` other than `%resource` is looked up in the context that a form
is opened with, such as `%patient`.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from commonweal.r4.expression_functions import FUNCTIONS
from commonweal.r4.expression_selection import Selection, Tree, selected
from commonweal.r4.expression_syntax import (
    Call,
    Chain,
    ExpressionError,
    Literal,
    Member,
    Negative,
    Node,
    Path,
    Variable,
    read_expression,
)
from commonweal.r4.expression_values import Values, operated, truth

AnswersTo = Callable[[str], list[dict[str, Any]]]

__all__ = ["AnswersTo", "Expression", "ExpressionError"]


class Scope:
    """What an expression looks at while it is worked out."""

    __slots__ = ("answers_to", "context", "this")

    def __init__(self, answers_to: AnswersTo, context: Mapping[str, Any], this: Values) -> None:
        self.answers_to, self.context, self.this = answers_to, context, this


Work = Callable[[Scope], Values]


class Expression:
    """An expression of a form. `reads` are the linkIds of the questions that it looks at. Raises ExpressionError."""

    def __init__(self, text: str, form: Tree, *, opening: bool = False) -> None:
        """`opening`: it fills in a form that is being opened, so it may read the context, but there are no answers."""
        maker = _Maker(form, opening)
        self._work = maker.make(read_expression(text), inside=False)
        self.reads = tuple(dict.fromkeys(maker.reads))

    def values(self, answers_to: AnswersTo, context: Mapping[str, Any] | None = None) -> Values:
        """The values that come out; none where they cannot be worked out."""
        return self._work(Scope(answers_to, context or {}, []))


class _Maker:
    """Turns the tree of an expression into functions."""

    def __init__(self, form: Tree, opening: bool) -> None:
        self.form, self.opening = form, opening
        self.reads: list[str] = []

    def make(self, node: Node, inside: bool) -> Work:
        """`inside`: within a criterion, where a bare name is a member of what the criterion looks at."""
        if isinstance(node, Literal):
            return lambda scope: node.values
        if isinstance(node, Negative):
            operand = self.make(node.operand, inside)
            return lambda scope: operated("-", [0], operand(scope))
        if isinstance(node, Chain):
            return self.chain(node, inside)
        if isinstance(node, Variable):
            return self.variable(node, inside)
        return self.path(node, inside)

    def chain(self, node: Chain, inside: bool) -> Work:
        first = self.make(node.first, inside)
        rest = [(operator, self.make(operand, inside)) for operator, operand in node.rest]

        def work(scope: Scope) -> Values:
            values = first(scope)
            for operator, operand in rest:
                values = operated(operator, values, operand(scope))
            return values

        return work

    def variable(self, node: Variable, inside: bool) -> Work:
        name = node.name
        if name == "this":
            if not inside:
                raise ExpressionError("has a name without a start; begin with %resource")
            return lambda scope: scope.this
        if name in ("resource", "context", "qitem"):
            raise ExpressionError(f"ends at %{name} itself; go on to the answers of a question")
        if not self.opening:
            raise ExpressionError(f"reads %{name}, which is there only while a form is opened")
        return lambda scope: as_list(scope.context.get(name))

    def path(self, node: Path, inside: bool) -> Work:
        start, steps = node.start, list(node.steps)
        if start == Variable("resource"):
            if self.opening:
                raise ExpressionError("reads answers, but there are none while a form is opened")
            selection, steps = selected(self.form, steps)
            self.reads += selection.link_ids
            work = _answers(selection, self.form)
        elif start == Variable("this") and not inside and steps and isinstance(steps[0], Call):
            work = self.standing(steps.pop(0))
        else:
            work = self.make(start, inside)
        for step in steps:
            work = self.member(work, step) if isinstance(step, Member) else self.call(work, step, inside)
        return work

    def standing(self, step: Member | Call) -> Work:
        """A function that stands by itself: `iif(…)`, `today()`."""
        if isinstance(step, Call) and step.name == "iif":
            return self.iif(step, inside=False)
        if isinstance(step, Call) and step.name == "today" and not step.arguments:
            if not self.opening:
                raise ExpressionError("asks for today's date: it would change with the day")
            return lambda scope: [scope.context.get("today", date.today().isoformat())]
        raise ExpressionError(f"has '{step.name}' without a start; begin with %resource")

    def member(self, work: Work, step: Member) -> Work:
        return lambda scope: [value for parent in work(scope) for value in _members(parent, step.name)]

    def call(self, work: Work, step: Call, inside: bool) -> Work:
        if step.name == "iif":
            return self.iif(step, inside)
        if step.name in ("where", "select", "all") or (step.name == "exists" and step.arguments):
            return self.criterion(work, step)
        if step.name == "exists":
            return lambda scope: [bool(work(scope))]
        if step.name not in FUNCTIONS:
            raise ExpressionError(f"calls {step.name}(), which is not supported")
        counts, function = FUNCTIONS[step.name]
        if len(step.arguments) not in counts:
            raise ExpressionError(f"calls {step.name}() with another number of arguments than it takes")
        arguments = [self.make(argument, inside) for argument in step.arguments]
        return lambda scope: function(work(scope), *(argument(scope) for argument in arguments))

    def criterion(self, work: Work, step: Call) -> Work:
        if len(step.arguments) != 1:
            raise ExpressionError(f"calls {step.name}() with another number of arguments than it takes")
        test = self.make(step.arguments[0], inside=True)

        def results(scope: Scope) -> list[tuple[Any, Values]]:
            return [(v, test(Scope(scope.answers_to, scope.context, [v]))) for v in work(scope)]

        if step.name == "where":
            return lambda scope: [value for value, found in results(scope) if truth(found) is True]
        if step.name == "select":
            return lambda scope: [one for _, found in results(scope) for one in found]
        if step.name == "all":
            return lambda scope: [all(truth(found) is True for _, found in results(scope))]
        return lambda scope: [any(truth(found) is True for _, found in results(scope))]

    def iif(self, step: Call, inside: bool) -> Work:
        if len(step.arguments) not in (2, 3):
            raise ExpressionError("calls iif() with another number of arguments than it takes")
        test, yes, *no = [self.make(argument, inside) for argument in step.arguments]

        def work(scope: Scope) -> Values:
            if truth(test(scope)) is True:
                return yes(scope)
            return no[0](scope) if no else []

        return work


def _answers(selection: Selection, form: Tree) -> Work:
    """The answers, values or scores that a path leads to, in the order of the form."""
    pick = {"answer": lambda item, answer: [answer], "value": _value, "ordinal": _ordinal}[selection.kind]
    items = [form.items[link_id] for link_id in selection.link_ids]
    return lambda scope: [v for item in items for a in scope.answers_to(item.link_id) for v in pick(item, a)]


def _value(item: Any, answer: dict[str, Any]) -> Values:
    return [value for key, value in answer.items() if key.startswith("value")]


def _ordinal(item: Any, answer: dict[str, Any]) -> Values:
    found = item.option_of(answer)
    return [] if found is None or found.ordinal is None else [found.ordinal]


def _members(parent: Any, name: str) -> Values:
    if not isinstance(parent, dict):
        return []
    found = parent.get(name)
    if found is None:
        found = next((v for k, v in parent.items() if k.startswith(name) and k[len(name) :][:1].isupper()), None)
    return as_list(found)


def as_list(value: Any) -> Values:
    """A JSON value as FHIRPath sees it: an array is its elements, nothing is an empty list."""
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]
