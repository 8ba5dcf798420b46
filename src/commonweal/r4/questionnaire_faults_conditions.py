"""Faults of a form's conditions and expressions."""

from collections.abc import Iterator

from commonweal.r4.questionnaire_conditions import OPERATORS, Condition
from commonweal.r4.questionnaire_fault import Fault
from commonweal.r4.questionnaire_items import Item
from commonweal.r4.questionnaire_model import Questionnaire
from commonweal.r4.questionnaire_values import VALUE_KEYS, same, well_formed

_COMPARED = {"integer": ("Integer", "Decimal"), "decimal": ("Decimal", "Integer"), "url": ("Uri", "String")}


def expressions(questionnaire: Questionnaire) -> Iterator[Fault]:
    for link_id, why in questionnaire.plan.refused:
        yield Fault(link_id, "bad-expression", f"its expression {why}")


def conditions(questionnaire: Questionnaire) -> Iterator[Fault]:
    for item in questionnaire.items.values():
        if len(item.enable_when) > 1 and item.behavior not in ("all", "any"):
            yield Fault(item.link_id, "no-enable-behavior", "several conditions, but no enableBehavior (all or any)")
        for condition in item.enable_when:
            yield from _condition(questionnaire, item, condition)


def _condition(questionnaire: Questionnaire, item: Item, condition: Condition) -> Iterator[Fault]:
    target = questionnaire.items.get(condition.question)
    if condition.operator not in OPERATORS:
        yield Fault(item.link_id, "unknown-operator", "a condition with an operator that FHIR R4 does not have")
    elif target is None or not target.asks:
        message = f"a condition on '{condition.question}', which is no question of the form"
        yield Fault(item.link_id, "unknown-condition-target", message)
    elif not _fits(target, condition):
        message = f"a condition on '{target.link_id}' compares with a value of another type"
        yield Fault(item.link_id, "condition-type", message)
    elif not _offered(target, condition):
        message = f"a condition names an answer that '{target.link_id}' does not offer"
        yield Fault(item.link_id, "condition-option", message)


def _offered(target: Item, condition: Condition) -> bool:
    if condition.value_type == "Quantity" and target.units:
        return any((condition.value.get("code") or condition.value.get("unit")) == unit.code for unit in target.units)
    if condition.operator not in ("=", "!=") or not target.options or target.type == "open-choice":
        return True
    return any(same(option.value, condition.value) for option in target.options)


def _fits(target: Item, condition: Condition) -> bool:
    if condition.operator == "exists":
        return isinstance(condition.value, bool)
    kinds = _COMPARED.get(target.type) or tuple(key[5:] for key in VALUE_KEYS.get(target.type, ()))
    if target.options:
        kinds = (*(option.key[5:] for option in target.options), *(("String",) if target.type == "open-choice" else ()))
    return condition.value_type in kinds and well_formed("value" + condition.value_type, condition.value)
