"""Answers out of QuestionnaireResponse documents, by the thousand: one SQL expression, no document touched by Python.

Items nest in items and in answers (FHIR R4); five levels are read. The question of an answer is its item's linkId.
"""

import orjson

LEVELS = 5
_VALUES = {
    "valueCoding": {"code": "VARCHAR"},
    "valueInteger": "BIGINT",
    "valueDecimal": "DOUBLE",
    "valueBoolean": "BOOLEAN",
    "valueString": "VARCHAR",
    "valueDate": "VARCHAR",
    "valueDateTime": "VARCHAR",
    "valueTime": "VARCHAR",
    "valueUri": "VARCHAR",
}
_TEXTS = ("valueString", "valueDate", "valueDateTime", "valueTime", "valueUri")


def _shape(levels: int) -> dict[str, object]:
    answer: dict[str, object] = dict(_VALUES)
    item: dict[str, object] = {"linkId": "VARCHAR", "answer": [answer]}
    if levels:
        item["item"] = [_shape(levels - 1)]
        answer["item"] = [_shape(0)]
    return item


def _answers(item: str, levels: int, depth: int) -> str:
    a, inner = f"a{depth}", f"i{depth}"
    text = ", ".join(f"{a}.{name}" for name in _TEXTS)
    answer = (
        f"{{'link': {item}.linkId, 'code': {a}.valueCoding.code, 'number': coalesce({a}.valueInteger::DOUBLE, {a}.valueDecimal),"
        f" 'truth': {a}.valueBoolean, 'text': coalesce({text})}}"
    )
    own = f"list_transform(coalesce({item}.answer, []), lambda {a}: {answer})"
    if not levels:
        return own
    under_answers = _each(f"{a}.item", inner, _answers(inner, 0, depth + 1))
    return (
        f"list_concat({own}, {_each(f'{item}.answer', a, under_answers)},"
        f" {_each(f'{item}.item', inner, _answers(inner, levels - 1, depth + 1))})"
    )


def _each(items: str, name: str, expression: str) -> str:
    return f"flatten(list_transform(coalesce({items}, []), lambda {name}: {expression}))"


def answers_sql(source: str) -> str:
    """SELECT over `source(response_id, document)` giving response_id, link, code, number, truth, text, ordinal (from 1)."""
    shape = orjson.dumps({"item": [_shape(LEVELS - 1)]}).decode()
    every = _each("d.item", "i", _answers("i", LEVELS - 1, 1))
    return f"""
    SELECT response_id, unnest(found, max_depth := 2), generate_subscripts(found, 1) AS ordinal
    FROM (SELECT response_id, {every} AS found
          FROM (SELECT response_id, from_json(document, '{shape}') AS d FROM {source}))
    """
