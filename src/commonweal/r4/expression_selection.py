"""Which questions of a form a path such as `%resource.item.where(linkId = 'page').item` leads to.

The path is followed over the form itself, where a response to it would have its items: those of a group stand in the
group, those under a question in its answer.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, Protocol

from commonweal.r4.expression_syntax import Call, Chain, ExpressionError, Literal, Member, Node, Path, Variable


class Tree(Protocol):
    """What a path needs to know of a form."""

    @property
    def items(self) -> Mapping[str, Any]: ...

    @property
    def top(self) -> tuple[str, ...]: ...


class Selection(NamedTuple):
    """Where a path leads to: items, their answers, the values of these or the scores of those (`ordinal`).

    Of kind `all`, the items are those of the whole form, and are not listed: thousands of expressions may start so.
    """

    kind: str
    link_ids: tuple[str, ...]


Steps = list[Member | Call]


def selected(form: Tree, steps: Steps) -> tuple[Selection, Steps]:
    """(what a path from %resource leads to, the steps that are left: they work on values). Raises ExpressionError."""
    here, place = Selection("resource", ()), 0
    while place < len(steps) and (found := _step(form, here, steps, place)) is not None:
        here, place = found
    if here.kind in ("resource", "item", "below", "all"):
        raise ExpressionError("stops before it comes to answers; go on with .answer.value")
    return here, steps[place:]


def _step(form: Tree, here: Selection, steps: Steps, place: int) -> tuple[Selection, int] | None:
    step = steps[place]
    if isinstance(step, Member):
        found = _member(form, here, step.name)
    elif step.name == "where" and here.kind in ("item", "below", "all"):
        wanted = _wanted(step)
        known = _only(form, here, wanted)
        if not known:
            raise ExpressionError(f"looks for an item {' or '.join(map(repr, wanted))} where the form has none")
        found = Selection("item", known)
    elif step.name in ("descendants", "repeat") and here.kind in ("resource", "item"):
        found = _below(form, here, step)
    elif step.name in ("ordinal", "weight") and here.kind in ("value", "answer") and not step.arguments:
        found = Selection("ordinal", here.link_ids)
    else:
        found = None
    return None if found is None else (found, place + 1)


def _member(form: Tree, here: Selection, name: str) -> Selection | None:
    if name == "item" and here.kind in ("resource", "item", "answer"):
        return Selection("item", _inside(form, here))
    if name == "answer" and here.kind in ("item", "below", "all"):
        links = form.items if here.kind == "all" else here.link_ids
        return Selection("answer", tuple(link for link in links if form.items[link].asks))
    if name == "value" and here.kind == "answer":
        return Selection("value", here.link_ids)
    if here.kind in ("value", "answer", "ordinal"):
        return None
    raise ExpressionError(f"reads '.{name}' of the response, which is not supported; go on with .item or .answer")


def _inside(form: Tree, here: Selection) -> tuple[str, ...]:
    """The items directly inside: of a group where items are looked at, of a question where answers are."""
    if here.kind == "resource":
        return tuple(dict.fromkeys(form.top))
    parents = [form.items[link] for link in here.link_ids]
    return tuple(c for p in parents if p.asks is (here.kind == "answer") for c in p.children)


def _below(form: Tree, here: Selection, step: Call) -> Selection:
    """All items below, at any depth: `descendants()`, or `repeat(item)` for those in groups within groups."""
    through = step.name == "descendants"
    if step.name == "repeat" and step.arguments != (Path(Variable("this"), (Member("item"),)),):
        raise ExpressionError("calls repeat() with another path than item")
    if here.kind == "resource" and through:
        return Selection("all", ())
    found: dict[str, None] = {}
    waiting = list(reversed(_inside(form, here)))
    while waiting:
        link_id = waiting.pop()
        if link_id not in found:
            found[link_id] = None
            item = form.items[link_id]
            waiting += reversed(item.children) if through or not item.asks else ()
    return Selection("below" if through else "item", tuple(found))


def _only(form: Tree, here: Selection, wanted: Iterable[str]) -> tuple[str, ...]:
    if here.kind == "all":
        return tuple(link for link in dict.fromkeys(wanted) if link in form.items)
    return tuple(link for link in here.link_ids if link in set(wanted))


def _wanted(step: Call) -> list[str]:
    """The linkIds that a `where` names: `linkId = 'a'`, `linkId in ('a' | 'b')`, or several of these with `or`."""
    if len(step.arguments) == 1:
        found = _names(step.arguments[0])
        if found:
            return found
    raise ExpressionError("chooses items by something else than linkId = '…'")


def _names(node: Node) -> list[str]:
    if not isinstance(node, Chain):
        return []
    if all(operator == "or" for operator, _ in node.rest):
        parts = [_names(node.first), *(_names(operand) for _, operand in node.rest)]
        return [name for part in parts for name in part] if all(parts) else []
    if node.first != Path(Variable("this"), (Member("linkId"),)) or len(node.rest) != 1:
        return []
    operator, operand = node.rest[0]
    return _literals(operand) if operator in ("=", "in") else []


def _literals(node: Node) -> list[str]:
    if isinstance(node, Literal):
        return [value for value in node.values if isinstance(value, str)]
    if isinstance(node, Chain) and all(operator == "|" for operator, _ in node.rest):
        return [name for part in (node.first, *(operand for _, operand in node.rest)) for name in _literals(part)]
    return []
