"""REDCap data dictionaries as FHIR R4 Questionnaires: one for each form (instrument), in the order of the file.

What a Questionnaire cannot say, and what is wrong in the file, is told with the row and the field; all else is carried
over. Section headers become groups (pages), matrices become groups within them, branching logic becomes `enableWhen`,
calculations become expressions. The first field of a dictionary names the record: it is there, and hidden.
"""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from commonweal.r4.redcap_calculations import fhirpath
from commonweal.r4.redcap_conditions import levels
from commonweal.r4.redcap_items import Fields, itemcontrol
from commonweal.r4.redcap_logic import LogicError, read_logic
from commonweal.r4.redcap_rows import Problem, Row, read_rows, words
from commonweal.r4.redcap_validations import Element, extension

__all__ = ["Problem", "questionnaires"]

_CALCULATED = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression"


def questionnaires(text: str, *, base_url: str, language: str) -> tuple[list[dict[str, Any]], list[Problem]]:
    """(a Questionnaire document for each form, what was not carried over or is wrong).

    `text` is the CSV file; `base_url` the program's own address, under which forms, questions and choices get theirs;
    `language` the language that the dictionary is written in.
    """
    rows, problems = read_rows(text)
    forms = dict.fromkeys(row.form for row in rows)
    made = []
    for name in forms:
        fields = Fields(base_url, problems)
        form = _Form(name, [row for row in rows if row.form == name], fields, rows[0].field)
        if form.items:
            made.append(_head(name, fields.base_url, language) | {"item": form.pages()})
    return made, sorted(dict.fromkeys(problems), key=lambda problem: problem.row)


def _head(name: str, base_url: str, language: str) -> Element:
    return {
        "resourceType": "Questionnaire",
        "language": language,
        "url": f"{base_url}/Questionnaire/{name}",
        "version": "1",
        "name": name,
        "title": name.replace("_", " ").capitalize(),
        "status": "draft",
        "subjectType": ["Patient"],
    }


class _Form:
    """One form: its rows and the items made of them, by field."""

    def __init__(self, name: str, rows: list[Row], fields: Fields, record: str) -> None:
        self.name, self.rows, self.fields = name, rows, fields
        self.items = {row.field: item for row in rows if (item := fields.item(row)) is not None}
        if record in self.items:
            self.items[record] |= {"extension": [extension("questionnaire-hidden", valueBoolean=True)]}
            self.items[record].pop("required", None)
        for row in rows:
            if row.type.casefold() == "calc" and row.field in self.items:
                self.calculate(row)

    def calculate(self, row: Row) -> None:
        item = self.items[row.field]
        try:
            text = fhirpath(read_logic(row.choices), self.items)
        except LogicError as error:
            self.fields.tell(row, f"its calculation {error}; it is left without one")
            item.setdefault("extension", []).append(extension("questionnaire-hidden", valueBoolean=True))
            item.pop("required", None)
            return
        expression = {"language": "text/fhirpath", "expression": text}
        item.setdefault("extension", []).append(extension(_CALCULATED, valueExpression=expression))

    def pages(self) -> list[Element]:
        """One group for each section; what stands before the first header is a section as well."""
        sections: list[list[Row]] = [[]]
        for row in self.rows:
            if row.section and sections[-1]:
                sections.append([])
            sections[-1].append(row)
        found = []
        for number, rows in enumerate(sections, 1):
            inside = list(self.section(rows))
            if inside:
                title = next((words(row.section) for row in rows if row.section), "")
                group = {"linkId": f"{self.name}.section{number}", "type": "group", "item": inside}
                found.append(group | ({"text": title} if title else {}))
        return found

    def section(self, rows: list[Row]) -> Iterator[Element]:
        for (matrix, _), together in groupby(rows, key=lambda row: (row.matrix, row.matrix or row.field)):
            inside = [element for row in together for element in self.placed(row)]
            if matrix and inside:
                link_id = f"{self.name}.{matrix}.{inside[0]['linkId']}"
                yield {"linkId": link_id, "type": "group", "extension": [itemcontrol("gtable")], "item": inside}
            else:
                yield from inside

    def placed(self, row: Row) -> Iterator[Element]:
        """The item of a row, with its conditions and in the groups that these need."""
        item = self.items.get(row.field)
        if item is None:
            return
        try:
            found = levels(read_logic(row.branching), self.items) if row.branching else []
        except LogicError as error:
            self.fields.tell(row, f"its branching logic {error}; the field is always asked")
            found = []
        item = {**item, **found.pop()} if found else item
        for number, level in enumerate(reversed(found), 1):
            item = {"linkId": f"{row.field}.when{number}", "type": "group", **level, "item": [item]}
        yield item
