"""What a form says of an item beyond its type: how the page asks for it. Read from the item's element, once for each item."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from commonweal.r4.questionnaire import Questionnaire
from commonweal.r4.questionnaire_items import extension_value, words_of
from commonweal.vault.surveys.fields.quantities import Unit, units_of

NO_FIELD = ("attachment", "reference")  # a page takes neither files nor links to other records
KEPT_FORMS = 64


@dataclass(frozen=True, slots=True)
class Feature:
    """`entry_format`: an example, or a date's form such as MM/YYYY; `pattern`: a regular expression; `control`: the
    code of questionnaire-itemControl; `unit`: words beside a number; `units`: those an amount may be given in."""

    hidden: bool = False
    entry_format: str = ""
    pattern: str = ""
    control: str = ""
    unit: dict[str, str] | None = None
    units: tuple[Unit, ...] = ()


class Features:
    """The features of a form's items, by linkId."""

    def __init__(self, form: Questionnaire) -> None:
        self._elements = _elements(form.document)
        self._known: dict[str, Feature] = {}

    def __getitem__(self, link_id: str) -> Feature:
        if link_id not in self._known:
            self._known[link_id] = _feature(self._elements.get(link_id, {}))
        return self._known[link_id]


@lru_cache(maxsize=KEPT_FORMS)
def features_of(form: Questionnaire) -> Features:
    return Features(form)


def _elements(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    waiting = [document]
    while waiting:
        for element in waiting.pop().get("item") or []:
            found.setdefault(str(element.get("linkId", "")), element)
            waiting.append(element)
    return found


def _feature(element: dict[str, Any]) -> Feature:
    if not element.get("extension"):
        return Feature()
    unit = extension_value(element, "questionnaire-unit")
    control = extension_value(element, "questionnaire-itemControl")
    codings = (control or {}).get("coding") if isinstance(control, dict) else None
    return Feature(
        hidden=extension_value(element, "questionnaire-hidden") is True,
        entry_format=_text(extension_value(element, "entryFormat")),
        pattern=_text(extension_value(element, "regex")),
        control=_text((codings or [{}])[0].get("code")),
        unit=words_of(unit, "display") or {"": _text(unit.get("code"))} if isinstance(unit, dict) else None,
        units=units_of(element) if element.get("type") == "quantity" else (),
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
