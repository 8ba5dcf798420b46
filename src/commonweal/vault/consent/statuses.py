"""Where the answer to a module or survey stands, by the names and numbers that record systems of the field share.

Source: QuestionnaireStatus of the All of Us raw data repository.
"""

from collections.abc import Collection
from enum import IntEnum

YES, NO, NOT_SURE = "yes", "no", "not_sure"


class QuestionnaireStatus(IntEnum):
    UNSET = 0
    SUBMITTED = 1
    SUBMITTED_NO_CONSENT = 2
    SUBMITTED_NOT_SURE = 3
    SUBMITTED_INVALID = 4
    SUBMITTED_NOT_VALIDATED = 5


def questionnaire_status(answer: str | None, checks: Collection[bool | None] = (True,)) -> QuestionnaireStatus:
    """The status of an answer; `checks`: for each file that shows it, whether it passed (None: not checked yet).

    An answer given on our own screens needs no file: one check that passed. A yes on paper waits for a file that passes;
    one such file is enough, whatever became of the others, so that an invalid answer rises when a valid file shows up.
    "Later" is no answer.
    """
    if answer == NO:
        return QuestionnaireStatus.SUBMITTED_NO_CONSENT
    if answer == NOT_SURE:
        return QuestionnaireStatus.SUBMITTED_NOT_SURE
    if answer != YES:
        return QuestionnaireStatus.UNSET
    if any(checks):
        return QuestionnaireStatus.SUBMITTED
    return QuestionnaireStatus.SUBMITTED_INVALID if False in checks else QuestionnaireStatus.SUBMITTED_NOT_VALIDATED
