"""FHIR R4 QuestionnaireResponse documents for many people at once, written by Arrow column by column.

A question that was asked and left open says so (PMI_Skip), as it does when people hand in a survey; free text and dates
are always left open.
"""

from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from commonweal.r4.questionnaire import SKIP
from commonweal.simulate.draws import Draws
from commonweal.simulate.survey import blank
from commonweal.simulate.survey.blank import NUMBERS, Question
from commonweal.simulate.survey.said import Said
from commonweal.simulate.survey.sheet import Sheet, answered


def write(
    draws: Draws,
    document: dict[str, Any],
    said: dict[str, Said],
    index: np.ndarray,
    *,
    authored: pa.Array,
    language: pa.Array,
) -> pa.Array:
    """One document a person, as text. `document`: the Questionnaire; `authored`: moments in ISO 8601."""
    sheet = Sheet(draws, said, index, blank.read(document["item"]))
    body = _items(sheet.questions, sheet)
    canonical = "|".join(filter(None, (document.get("url", document.get("name")), document.get("version"))))
    head = '{"resourceType":"QuestionnaireResponse","language":"'
    form = '","questionnaire":' + _json(canonical) + ',"status":"completed","authored":"'
    return pc.binary_join_element_wise(head, language, form, authored, '","item":[', pc.fill_null(body, ""), "]}", "")


def _items(questions: list[Question], sheet: Sheet) -> pa.Array:
    """The `item` array's inside for each person; null where nothing was asked. What nobody was asked is not looked at."""
    seen = [question for question in questions if question.kind != "display" and sheet.asked[question.link].any()]
    parts = [_item(question, sheet) for question in seen]
    return _listed(parts) if parts else pa.nulls(len(sheet.index), pa.string())


def _listed(columns: list[pa.Array]) -> pa.Array:
    """What is there of each row, with commas between; null where nothing is.

    (pyarrow 26 drops rows when it joins with null_handling="skip", hence the comma after each and its removal at the end.)
    """
    ended = [pc.binary_join_element_wise(column, ",", "") for column in columns]
    text = pc.binary_join_element_wise(*ended, "", null_handling="replace", null_replacement="")
    return pc.if_else(pc.equal(text, ""), None, pc.ascii_rtrim(text, ","))


def _item(question: Question, sheet: Sheet) -> pa.Array:
    inside = _items(question.items, sheet) if question.items else None
    start = '{"linkId":' + _json(question.link)
    if question.kind == "group":
        return pc.binary_join_element_wise(
            start + ',"item":[', inside if inside is not None else pa.nulls(len(sheet.index), pa.string()), "]}", ""
        )
    values = _values(question, sheet.answers[question.link], sheet.asked[question.link])
    if inside is not None:
        nested = pc.fill_null(pc.binary_join_element_wise(',"item":[', inside, "]}", ""), "}")
        values = pc.binary_join_element_wise(pc.utf8_slice_codeunits(values, 0, -1), nested, "")
    return pc.binary_join_element_wise(start + ',"answer":[', values, "]}", "")


def _values(question: Question, answer: np.ndarray, asked: np.ndarray) -> pa.Array:
    """The `answer` array's inside: what was answered, a skip where nothing was; null for those who were not asked."""
    left_open = pa.array(asked & ~answered(answer))
    return pc.if_else(left_open, _SKIPPED, _said(question, answer))


def _said(question: Question, answer: np.ndarray) -> pa.Array:
    """The `answer` array's inside; null where not answered."""
    if answer.ndim == 2:
        return _chosen(question, answer)
    if question.kind not in (*NUMBERS, "boolean"):
        return pa.nulls(len(answer), pa.string())
    missing = np.isnan(answer)
    name = {"integer": "valueInteger", "decimal": "valueDecimal", "boolean": "valueBoolean"}[question.kind]
    if question.kind == "boolean":
        number = pa.array(np.where(answer == 1, "true", "false"), pa.string(), mask=missing)
    else:
        number = pa.array(np.nan_to_num(answer).astype(np.int64), mask=missing).cast(pa.string())
    return pc.binary_join_element_wise('{"' + name + '":', number, "}", "")


def _chosen(question: Question, answer: np.ndarray) -> pa.Array:
    written = ['{"valueCoding":' + _json({"system": system, "code": code}) + "}" for system, code in question.options]
    if not question.repeats or answer.sum(axis=1).max(initial=0) <= 1:
        chosen = pa.array(np.argmax(answer, axis=1), mask=~answer.any(axis=1))
        return pa.array(written, pa.string()).take(chosen)
    ticked = [k for k in range(len(written)) if answer[:, k].any()]
    return _listed([pc.if_else(pa.array(answer[:, k]), written[k], None) for k in ticked])


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


_SKIPPED = _json(SKIP)
