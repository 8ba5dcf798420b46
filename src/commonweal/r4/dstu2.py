"""Questionnaires and responses of the older shape, FHIR DSTU2, as FHIR R4: `group` and `question` become `item`.

The record system of the field keeps and sends this shape. Nothing is guessed: what has no place in R4 is left out here
(whoever stores a response keeps the original beside it). linkIds, codes, words and translations stay.
"""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from commonweal.r4.questionnaire_answers import objects
from commonweal.r4.questionnaire_model import Questionnaire
from commonweal.r4.questionnaire_skips import PPI
from commonweal.r4.questionnaire_values import VALUE_KEYS, typed

NAMED = "urn:x-commonweal:questionnaire:"  # canonical addresses of forms that came without one
_STATUS = {"draft": "draft", "published": "active", "retired": "retired"}
_TYPES = {"uri": "url", "instant": "dateTime"}
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_NUMBERS = {"decimal": ("valueInteger", "valueDecimal"), "integer": ("valueDecimal", "valueInteger")}
Json = dict[str, Any]


def is_dstu2(document: Any) -> bool:
    """Whether a Questionnaire or response has the older shape."""
    kinds = ("Questionnaire", "QuestionnaireResponse")
    return isinstance(document, dict) and document.get("resourceType") in kinds and "group" in document


def questionnaire(document: Json) -> Json:
    """The R4 Questionnaire. Its name is the module's code, its address `NAMED` + name. Raises ValueError where it has no
    name to be called by, or is not shaped like one."""
    if document.get("resourceType") != "Questionnaire" or not isinstance(document.get("group"), dict):
        raise ValueError("no Questionnaire of FHIR DSTU2: it has no group")
    root = document["group"]
    codes = [_coding(code) for code in objects(root.get("concept"))]
    name = _name(document, root, codes)
    found: Json = {"resourceType": "Questionnaire", **_own_id(document), "url": NAMED + quote(name, safe="")}
    found |= {"version": version_of(document), "name": name, **_words(root, "title", "title")}
    found["status"] = _STATUS.get(str(document.get("status")), "unknown")
    found |= {key: document[key] for key in ("date", "publisher") if isinstance(document.get(key), str)}
    found |= {"code": codes} if codes else {}
    return found | {"item": list(_items(root, "group"))}


def response(document: Json, form: Questionnaire) -> Json:
    """The R4 QuestionnaireResponse to `form`, its answers laid out as the form has them. Raises ValueError for another
    shape. Answers to questions that the form has not stand at the end, for validation to tell."""
    if document.get("resourceType") != "QuestionnaireResponse" or not isinstance(document.get("group"), dict):
        raise ValueError("no QuestionnaireResponse of FHIR DSTU2: it has no group")
    found: Json = {"resourceType": "QuestionnaireResponse", **_own_id(document)}
    extensions = [one for one in objects(document.get("extension")) if isinstance(one.get("url"), str) and typed(one)]
    found |= {"extension": extensions} if extensions else {}
    found |= {key: document[key] for key in ("identifier",) if isinstance(document.get(key), dict)}
    found |= {"questionnaire": "|".join(filter(None, (form.url, form.version)))} if form.url else {}
    found |= {key: document[key] for key in ("status", "subject", "authored") if key in document}
    answers: dict[str, list[Json]] = {}
    _collect(document["group"], answers)
    items = list(filter(None, (_placed(form, link, answers) for link in dict.fromkeys(form.top))))
    items += [{"linkId": link, "answer": given} for link, given in answers.items() if given]
    return found | ({"item": items} if items else {})


def version_of(document: Json) -> str:
    meta = document.get("meta")
    return str(document.get("version") or (meta.get("versionId") if isinstance(meta, dict) else None) or "1")


def form_reference(document: Json) -> tuple[str, str] | None:
    """(id, version or "") of the form that a response names: `Questionnaire/21/_history/3`; None where it names none."""
    reference = document.get("questionnaire")
    text = reference.get("reference") if isinstance(reference, dict) else reference
    if not isinstance(text, str) or not text:
        return None
    whole, _, version = text.partition("/_history/")
    return whole.rstrip("/").rpartition("/")[2], version


def _own_id(document: Json) -> Json:
    own = document.get("id")
    return {"id": own} if isinstance(own, str) and _ID.fullmatch(own) else {}


def _name(document: Json, root: Json, codes: list[Json]) -> str:
    """The module's code: of the field's own system first; else an identifier, the title, the id."""
    of_field = [code for code in codes if code.get("system") == PPI or str(code.get("system")).endswith("ppi-module")]
    named = [code.get("code") for code in (*of_field, *codes)]
    named += [one.get("value") for one in objects(document.get("identifier"))]
    named += ["".join(part[:1].upper() + part[1:] for part in re.findall(r"\w+", str(root.get("title") or "")))]
    found = next((str(one) for one in (*named, document.get("id")) if one), "")
    if not found:
        raise ValueError("its group has neither concept nor title, and it has no identifier to be called by")
    return found


def _coding(concept: Json) -> Json:
    kept = {key: concept.get(key) for key in ("system", "version", "code", "display")}
    kept = {key: value for key, value in kept.items() if isinstance(value, str) and value.strip()}
    return kept | _translations(concept, "display")


def _words(element: Json, key: str, under: str) -> Json:
    """A text with its translations; nothing where there is none."""
    text = element.get(key)
    return {under: text, **_translations(element, key, under)} if isinstance(text, str) and text.strip() else {}


def _translations(element: Json, key: str, under: str | None = None) -> Json:
    beside = element.get("_" + key)
    listed = objects(beside.get("extension")) if isinstance(beside, dict) else []
    kept = [one for one in listed if isinstance(one.get("url"), str)]
    return {"_" + (under or key): {"extension": kept}} if kept else {}


def _items(group: Json, path: str) -> Iterator[Json]:
    """The items under a group, which holds questions or groups. A group without a linkId is given one by its place."""
    for number, question in enumerate(objects(group.get("question")), 1):
        yield _question(question, f"{path}.q{number}")
    for number, below in enumerate(_groups(group), 1):
        link = str(below.get("linkId") or f"{path}.{number}")
        items = list(_items(below, link))
        words = _words(below, "title", "text") or _words(below, "text", "text")
        found = {"linkId": link, **_coded(below), **words, "type": "group", **_flags(below)}
        if items:
            yield found | {"item": items}


def _groups(element: Json) -> list[Json]:
    below = element.get("group")
    return [below] if isinstance(below, dict) else objects(below)


def _question(question: Json, path: str) -> Json:
    link = str(question.get("linkId") or path)
    options = [{"valueCoding": _coding(one)} for one in objects(question.get("option"))]
    kind = str(question.get("type") or ("choice" if options else "open-choice"))
    kind = _TYPES.get(kind, kind)
    if kind not in VALUE_KEYS:
        raise ValueError(f"item '{link[:80]}': a type that FHIR does not have")
    found = {"linkId": link, **_coded(question), **_words(question, "text", "text"), "type": kind, **_flags(question)}
    if options and kind in ("choice", "open-choice"):
        found["answerOption"] = options
    items = list(_items({"group": question.get("group")}, link))
    return found | ({"item": items} if items else {})


def _coded(element: Json) -> Json:
    codes = [_coding(one) for one in objects(element.get("concept"))]
    return {"code": codes} if codes else {}


def _flags(element: Json) -> Json:
    return {key: True for key in ("required", "repeats") if element.get(key) is True}


def _collect(group: Json, into: dict[str, list[Json]]) -> None:
    for question in objects(group.get("question")):
        given = into.setdefault(str(question.get("linkId") or ""), [])
        for answer in objects(question.get("answer")):
            value = {key: part for key, part in answer.items() if key.startswith("value")}
            told = [one for one in objects(answer.get("extension")) if isinstance(one.get("url"), str)]
            value |= {"extension": told} if told else {}
            if value:
                given.append(value)
            for below in _groups(answer):
                _collect(below, into)
        for below in _groups(question):
            _collect(below, into)
    for below in _groups(group):
        _collect(below, into)


def _placed(form: Questionnaire, link: str, answers: dict[str, list[Json]]) -> Json | None:
    """The response item of a form's item; what it uses is taken out of `answers`."""
    item = form.items[link]
    given = [_same(item.type, answer) for answer in answers.pop(link, [])]
    if not item.asks or given:
        below = [one for one in (_placed(form, child, answers) for child in item.children) if one]
        if item.asks and below:
            given[0] = given[0] | {"item": below}
        elif not item.asks:
            return {"linkId": link, "item": below} if below else None
    return {"linkId": link, "answer": given} if given else None


def _same(kind: str, answer: Json) -> Json:
    """The same answer as R4 writes it: a whole number given as the other kind of number, a file by its address."""
    if kind == "attachment" and isinstance(answer.get("valueString"), str):
        return {"valueAttachment": {"url": answer["valueString"]}}
    other, wanted = _NUMBERS.get(kind, ("", ""))
    value = answer.get(other)
    if isinstance(value, bool) or not isinstance(value, int | float) or (kind == "integer" and value != int(value)):
        return answer
    return {wanted: int(value) if kind == "integer" else value}
