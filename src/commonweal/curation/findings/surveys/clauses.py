"""What leads to a question, in one shape for forms and for branching tables: clauses, all of which have to hold.

A clause holds when one of its tests is met, or one of its `unmet` tests is not. A test looks at the answers that one
response gives to one question. What cannot be told from rows alone makes no clause: a condition on a question inside a
group that repeats, whose rows do not say in which instance they stand, or on a file that was attached.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from commonweal.r4.questionnaire import Condition, Item, Questionnaire

YES, NO = "45877994", "45878245"  # concepts of a boolean answer (extract/surveys.py)
_KINDS = {"Coding": "code", "Boolean": "concept", "Integer": "number", "Decimal": "number", "Quantity": "number"}
_FILES = ("attachment", "reference")


@dataclass(frozen=True, order=True)
class Test:
    """`question` operator `value`, for the answers of one response; `kind`: which column of an answer holds the value.

    Operators: = > < >= <=, `exists` (any answer), `coded` (any answer with a code). With `skips`, a question that was left
    open counts as answered so.
    """

    __test__ = False  # no test of pytest's

    question: str
    operator: str
    kind: str = ""
    value: str = ""
    skips: bool = False


@dataclass(frozen=True)
class Clause:
    """`form`: (questionnaire, version), None: all forms that are not known. `child`: code of a question, in small letters."""

    form: tuple[str, str] | None
    child: str
    met: tuple[Test, ...] = ()
    unmet: tuple[Test, ...] = ()


def of_form(code: str, version: str, form: Questionnaire) -> Iterator[Clause]:
    """The clauses of all questions of a form: their own conditions and those of what stands above them."""
    repeated = {below.link_id for item in form.items.values() if _repeats(item) for below in form.under(item.link_id)}
    for item in form.items.values():
        if not item.asks:
            continue
        for above in _upwards(form, item):
            for met, unmet in _conditions(form, above, repeated):
                yield Clause((code, version), item.link_id.lower(), met, unmet)


def _repeats(item: Item) -> bool:
    return item.type == "group" and item.repeats


def _upwards(form: Questionnaire, item: Item) -> Iterator[Item]:
    here: Item | None = item
    while here is not None:
        yield here
        here = form.items.get(here.parent) if here.parent is not None else None


_Tests = tuple[Test, ...]


def _conditions(form: Questionnaire, item: Item, repeated: set[str]) -> Iterator[tuple[_Tests, _Tests]]:
    """(met, unmet) of each clause that an item itself brings in."""
    parent = form.items.get(item.parent) if item.parent is not None else None
    if parent is not None and parent.asks and _told(form, parent.link_id, repeated):
        yield (Test(parent.link_id.lower(), "exists"),), ()
    if item.link_id in form.plan.looped:
        return
    if item.enable_all:
        for condition in item.enable_when:
            if _told(form, condition.question, repeated):
                yield _sides([condition])
    elif item.enable_when and all(_told(form, c.question, repeated) for c in item.enable_when):
        yield _sides(item.enable_when)


def _told(form: Questionnaire, link_id: str, repeated: set[str]) -> bool:
    """Whether rows tell what a question was answered."""
    return link_id not in repeated and (link_id not in form.items or form.items[link_id].type not in _FILES)


def _sides(conditions: Iterable[Condition]) -> tuple[_Tests, _Tests]:
    met, unmet = [], []
    for condition in conditions:
        turned = condition.operator == "!=" or (condition.operator == "exists" and not condition.value)
        (unmet if turned else met).append(_test(condition))
    return tuple(met), tuple(unmet)


def _test(condition: Condition) -> Test:
    question = condition.question.lower()
    if condition.operator == "exists":
        return Test(question, "exists")
    kind = _KINDS.get(condition.value_type, "text")
    operator = "=" if condition.operator == "!=" else condition.operator
    return Test(question, operator, kind, _value(condition))


def _value(condition: Condition) -> str:
    value = condition.value
    if condition.value_type == "Coding":
        return str(value.get("code", "")).lower()
    if condition.value_type == "Boolean":
        return YES if value else NO
    return str(value.get("value", "")) if condition.value_type == "Quantity" else str(value)


def of_table(rows: Iterable[Mapping[str, str]]) -> Iterator[Clause]:
    """The clauses of a branching table: `rule_type`, `child_question`, `parent_question`, `parent_value`.

    keep: one of the parent's answers is one of these; drop: none is; keep_gt: its number is above this one. Where the
    parent has no answer in the response, all of them hold. Rows without a value, or of another type, say nothing.
    """
    values: dict[tuple[str, str, str], list[str]] = {}
    for row in rows:
        kind, child, parent, value = (row[name].strip().lower() for name in _COLUMNS)
        if value:
            values.setdefault((kind, child, parent), []).append(value)
    for (kind, child, parent), given in values.items():
        coded = [Test(parent, "=", "code", value, skips=True) for value in given]
        if kind == "keep":
            yield Clause(None, child, tuple(coded), (Test(parent, "coded", skips=True),))
        elif kind == "drop":
            yield from (Clause(None, child, (), (test,)) for test in coded)
        elif kind == "keep_gt":
            above = tuple(Test(parent, ">", "number", value) for value in given)
            yield Clause(None, child, above, (Test(parent, ">=", "number", "-inf"),))


_COLUMNS = ("rule_type", "child_question", "parent_question", "parent_value")
