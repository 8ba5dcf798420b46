"""Faults of a form's items as such: linkIds, words, translations, codes."""

from collections.abc import Iterator

from commonweal.r4.questionnaire_fault import Fault
from commonweal.r4.questionnaire_items import Item
from commonweal.r4.questionnaire_model import Questionnaire
from commonweal.r4.questionnaire_values import ITEM_TYPES

DEEPEST = 60  # items within items: readers of JSON give up at some depth, orjson at 254 brackets


def own_language(questionnaire: Questionnaire) -> str:
    return str(questionnaire.document.get("language") or "en").split("-")[0]


def languages_of(questionnaire: Questionnaire) -> set[str]:
    """The languages that any text of the form is translated into."""
    words = [item.words for item in questionnaire.items.values()] + [questionnaire.title]
    words += [option.words for item in questionnaire.items.values() for option in item.options]
    return {language for mapping in words for language in mapping} - {""}


def links(questionnaire: Questionnaire) -> Iterator[Fault]:
    if not questionnaire.items:
        yield Fault("", "no-items", "the form asks nothing")
    if "" in questionnaire.items:
        yield Fault("", "missing-link-id", "an item has no linkId")
    for link_id in questionnaire.duplicates:
        yield Fault(link_id, "duplicate-link-id", "two items have this linkId")
    for link_id, depth in questionnaire.depth.items():
        if depth == DEEPEST + 1:
            yield Fault(link_id, "too-deep", f"more than {DEEPEST} items within items: responses could not be read")


def texts(questionnaire: Questionnaire) -> Iterator[Fault]:
    for item in questionnaire.items.values():
        if item.asks and not item.words and not item.coded_words and not item.hidden:
            yield Fault(item.link_id, "no-text", "a question without words")
        if item.type == "display" and not item.words:
            yield Fault(item.link_id, "no-text", "a text to show without words")
        if item.type not in ITEM_TYPES:
            yield Fault(item.link_id, "unknown-type", "its type is none of FHIR R4's item types")
        if item.type == "group" and not item.children:
            yield Fault(item.link_id, "empty-group", "a group with nothing in it")


def codes(questionnaire: Questionnaire) -> Iterator[Fault]:
    """Two questions with one code: the answers to one would be taken for those to the other."""
    first: dict[tuple[str | None, str], Item] = {}
    for item in questionnaire.items.values():
        if not item.asks or item.code is None or not item.code[1]:
            continue
        other = first.setdefault(item.code, item)
        if other is not item:
            yield Fault(item.link_id, "duplicate-code", f"it has the same code as '{other.link_id}'")


def untranslated(questionnaire: Questionnaire, wanted: set[str]) -> Iterator[Fault]:
    for language in sorted(wanted):
        if questionnaire.title and language not in questionnaire.title:
            yield Fault("", "untranslated", f"the title has no translation into '{language}'")
        for item in questionnaire.items.values():
            yield from _item(item, language)


def _item(item: Item, language: str) -> Iterator[Fault]:
    if item.words and language not in item.words:
        yield Fault(item.link_id, "untranslated", f"its text has no translation into '{language}'")
    if item.entry_format and language not in item.entry_format:
        yield Fault(item.link_id, "untranslated", f"its entry format has no translation into '{language}'")
    if any(option.key == "valueCoding" and language not in option.words for option in item.options):
        yield Fault(item.link_id, "untranslated", f"an option has no translation into '{language}'")
