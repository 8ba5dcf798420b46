"""FHIR R4 questionnaires: the one door to their logic.

`Questionnaire(document)` is a form; `validate` says whether a response answers it; `faults` says what is wrong with the
form itself; `response_document` and `answers_of` go from answers to a QuestionnaireResponse and back. Answers are
`{linkId: [FHIR answer object, ...]}`, such as `{"age": [{"valueInteger": 41}]}`.
"""

from commonweal.r4.questionnaire_answers import answers_of, response_document
from commonweal.r4.questionnaire_conditions import Condition
from commonweal.r4.questionnaire_faults import Fault, faults
from commonweal.r4.questionnaire_items import Item, Option, Page
from commonweal.r4.questionnaire_model import Questionnaire
from commonweal.r4.questionnaire_skips import NON_ANSWERS, PPI, SKIP, says_nothing
from commonweal.r4.questionnaire_validation import Problem, validate

__all__ = [
    "NON_ANSWERS",
    "PPI",
    "SKIP",
    "Condition",
    "Fault",
    "Item",
    "Option",
    "Page",
    "Problem",
    "Questionnaire",
    "answers_of",
    "faults",
    "response_document",
    "says_nothing",
    "validate",
]
