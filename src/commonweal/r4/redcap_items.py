"""One field of a REDCap data dictionary as an item of a FHIR Questionnaire, without its branching logic."""

import re
from collections.abc import Iterator
from typing import Any

from commonweal.r4.redcap_rows import Problem, Row, words
from commonweal.r4.redcap_validations import Element, extension, number_of, validated

UNSEEN = "the field is left out"
_TAG = re.compile(r"@([A-Z][A-Z0-9-]*)(?:\s*=\s*(\"[^\"]*\"|'[^']*'|[\w.-]+))?")
_CHOICE = re.compile(r"\s*(-?[\w.]+)\s*,(.*)", re.DOTALL)
_PIPED = re.compile(r"\[[a-z][a-z0-9_]*(?:\(|\]|:)")
_OPENING = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-initialExpression"


class Fields:
    """Makes items. `base_url` is where the program's own codes live; `problems` collects what is not carried over."""

    def __init__(self, base_url: str, problems: list[Problem]) -> None:
        self.base_url, self.problems = base_url.rstrip("/"), problems

    def tell(self, row: Row, message: str) -> None:
        self.problems.append(Problem(row.at, row.field, message))

    def item(self, row: Row) -> Element | None:
        """The item of a field; None where there is none to make of it."""
        kind = self.kind(row)
        if kind is None:
            return None
        found: Element = {"linkId": row.field, "text": words(row.label) or row.field, **kind}
        if kind["type"] != "display":
            found["code"] = [{"system": f"{self.base_url}/CodeSystem/{row.form}", "code": row.field}]
        if row.number:
            found["prefix"] = row.number[:20]
        if row.required.casefold() in ("y", "yes", "1", "true") and kind["type"] != "display":
            found["required"] = True
        extensions = [*kind.get("extension", []), *self.extensions(row, kind)]
        found |= {"extension": extensions} if extensions else {}
        self.piping(row)
        return self.annotated(row, found)

    def piping(self, row: Row) -> None:
        if _PIPED.search(row.label):
            self.tell(row, "its label inserts an answer to another field, which is not carried over")

    def kind(self, row: Row) -> Element | None:
        """Type, options and limits."""
        kind = row.type.casefold()
        if kind == "text":
            found, wrong = validated(row)
            if wrong:
                self.tell(row, wrong)
            return found
        if kind in ("radio", "dropdown", "checkbox"):
            return self.choice(row, kind)
        if kind == "slider":
            return self.slider(row)
        simple = _SIMPLE.get(kind)
        if simple is None:
            self.tell(row, _REFUSED.get(kind, "a type of field that REDCap does not have: ") + UNSEEN)
            return None
        return dict(simple)

    def choice(self, row: Row, kind: str) -> Element | None:
        options = list(self.options(row))
        if not options:
            self.tell(row, f"it has no choices: {UNSEEN}")
            return None
        control = {"radio": "radio-button", "dropdown": "drop-down", "checkbox": "check-box"}[kind]
        found: Element = {"type": "choice", "answerOption": options, "extension": [itemcontrol(control)]}
        return found | ({"repeats": True} if kind == "checkbox" else {})

    def options(self, row: Row) -> Iterator[Element]:
        seen: set[str] = set()
        for part in re.split(r"[|\n]", row.choices):
            match = _CHOICE.fullmatch(part)
            if not part.strip():
                continue
            if match is None or not words(match[2]):
                self.tell(row, "a choice without a code and a label, as in '1, Yes', is left out")
            elif match[1] in seen:
                self.tell(row, "two choices have the same code; the second is left out")
            else:
                seen.add(match[1])
                yield self.option(row, match[1], words(match[2]))

    def option(self, row: Row, code: str, label: str) -> Element:
        system = f"{self.base_url}/CodeSystem/{row.field}"
        return {"valueCoding": {"system": system, "code": code, "display": label}}

    def slider(self, row: Row) -> Element:
        least, most = (number_of(text or usual, whole=True) for text, usual in ((row.least, "0"), (row.most, "100")))
        if least is None or most is None:
            self.tell(row, "its limits are not carried over")
        labels = " … ".join(filter(None, (words(part) for part in row.choices.split("|"))))
        found = [itemcontrol("slider")]
        found += [extension("minValue", **least)] if least else []
        found += [extension("maxValue", **most)] if most else []
        found += [extension("entryFormat", valueString=labels)] if labels else []
        return {"type": "integer", "extension": found}

    def extensions(self, row: Row, kind: Element) -> Iterator[Element]:
        formats = [one for one in kind.get("extension", []) if one["url"].endswith("/entryFormat")]
        if words(row.note) and not formats:
            yield extension("entryFormat", valueString=words(row.note))
        if row.alignment.endswith("H") and "answerOption" in kind:
            yield extension("questionnaire-choiceOrientation", valueCode="horizontal")
        if row.identifier.casefold() in ("y", "yes", "1", "true"):
            yield extension(f"{self.base_url}/StructureDefinition/identifier", valueBoolean=True)
        if row.ranking.casefold() in ("y", "yes", "1", "true"):
            self.tell(row, "that its choices are ranked is not carried over")

    def annotated(self, row: Row, item: Element) -> Element:
        """The item with what the action tags in its annotation say."""
        for name, value in _TAG.findall(row.annotation):
            self.tag(row, item, name, value.strip("'\""))
        return item

    def tag(self, row: Row, item: Element, name: str, value: str) -> None:
        extensions = item.setdefault("extension", [])
        if name in ("HIDDEN", "HIDDEN-SURVEY"):
            extensions.append(extension("questionnaire-hidden", valueBoolean=True))
        elif name in ("READONLY", "READONLY-SURVEY"):
            item["readOnly"] = True
        elif name in ("TODAY", "NOW") and item["type"] == "date":
            expression = {"language": "text/fhirpath", "expression": "today()"}
            extensions.append(extension(_OPENING, valueExpression=expression))
        elif name == "CHARLIMIT" and value.isdecimal() and item["type"] in ("string", "text"):
            item["maxLength"] = int(value)
        elif name == "NONEOFTHEABOVE" and item.get("repeats"):
            self.exclusive(row, item, value.split(","))
        elif name == "DEFAULT" and (first := _initial(item, value)):
            item["initial"] = [first]
        else:
            self.tell(row, f"the action tag @{name[:40]} is not carried over")
        if not extensions:
            del item["extension"]

    def exclusive(self, row: Row, item: Element, codes: list[str]) -> None:
        known = {option["valueCoding"]["code"]: option for option in item["answerOption"]}
        for code in (code.strip() for code in codes):
            if code in known:
                known[code]["extension"] = [extension("questionnaire-optionExclusive", valueBoolean=True)]
            else:
                self.tell(row, "@NONEOFTHEABOVE names a choice that the field does not have")


def _initial(item: Element, value: str) -> Element | None:
    if "answerOption" in item:
        return next((o for o in _plain(item) if o["valueCoding"]["code"] == value), None)
    if item["type"] in ("integer", "decimal"):
        return number_of(value, whole=item["type"] == "integer")
    if item["type"] == "boolean" and value in ("0", "1"):
        return {"valueBoolean": value == "1"}
    return {"valueString": value} if item["type"] in ("string", "text") and value and "[" not in value else None


def _plain(item: Element) -> list[Element]:
    return [{"valueCoding": option["valueCoding"]} for option in item["answerOption"]]


def itemcontrol(code: str) -> Element:
    coding: dict[str, Any] = {"system": "http://hl7.org/fhir/questionnaire-item-control", "code": code}
    return extension("questionnaire-itemControl", valueCodeableConcept={"coding": [coding]})


_SIMPLE: dict[str, Element] = {
    "notes": {"type": "text"},
    "yesno": {"type": "boolean"},
    "truefalse": {"type": "boolean"},
    "descriptive": {"type": "display"},
    "file": {"type": "attachment"},
    "calc": {"type": "decimal", "readOnly": True},
}
_REFUSED = {"sql": "its choices come out of REDCap's own database: "}
