"""Authoring faults of a FHIR R4 Questionnaire: what would stop or mislead the people who answer it."""

from collections.abc import Iterable, Iterator

from commonweal.r4.questionnaire_fault import Fault
from commonweal.r4.questionnaire_faults_answers import answering
from commonweal.r4.questionnaire_faults_conditions import conditions, expressions
from commonweal.r4.questionnaire_faults_words import codes, languages_of, links, own_language, texts, untranslated
from commonweal.r4.questionnaire_model import Questionnaire
from commonweal.r4.questionnaire_reach import unreachable

__all__ = ["Fault", "faults"]


def faults(questionnaire: Questionnaire, languages: Iterable[str] | None = None) -> list[Fault]:
    """All faults, in document order. `languages` must all be there; None means: those that any text is translated into.

    Codes: no-items, missing-link-id, duplicate-link-id, unknown-type, too-deep, no-text, untranslated, empty-group,
    duplicate-code, no-options, duplicate-option, impossible-limits, bad-limit, bad-regex, bad-unit, bad-initial,
    cannot-be-answered, unknown-condition-target, condition-type, condition-option, unknown-operator,
    no-enable-behavior, bad-expression, loop, unreachable. Takes a time linear in the number of items.
    """
    checks = (links, texts, codes, conditions, expressions, answering, _loops, _reach)
    found = [fault for check in checks for fault in check(questionnaire)]
    wanted = languages_of(questionnaire) if languages is None else set(languages) - {own_language(questionnaire)}
    found += untranslated(questionnaire, wanted)
    place = {link_id: index for index, link_id in enumerate(questionnaire.items)}
    return sorted(dict.fromkeys(found), key=lambda fault: place.get(fault.linkId, -1))


def _loops(questionnaire: Questionnaire) -> Iterator[Fault]:
    for link_id in questionnaire.plan.looped:
        message = "its conditions or its calculation lead back to itself, so it is never asked"
        yield Fault(link_id, "loop", message)


def _reach(questionnaire: Questionnaire) -> Iterator[Fault]:
    for link_id in unreachable(questionnaire):
        yield Fault(link_id, "unreachable", "no answers to the questions it depends on make it appear")
