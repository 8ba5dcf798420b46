"""Non-answers: what the field records where a person did not answer (PMI_Skip and its like, PPI code system).

A skip says that a question was asked and left open. It stands in the response, but counts as no answer: for the
conditions of other questions, for what stands under the question, and for `required`. "Prefer not to answer" and "don't
know" are answers that a person gave; they are accepted at any question, whether or not it offers them.
"""

from typing import Any

PPI = "http://terminology.pmi-ops.org/CodeSystem/ppi"
SKIP: dict[str, Any] = {"valueCoding": {"system": PPI, "code": "PMI_Skip", "display": "Skip"}}
NON_ANSWERS = frozenset({"PMI_Skip", "PMI_PreferNotToAnswer", "PMI_DontKnow"})
_SAYS_NOTHING = frozenset(code.rpartition("_")[2].casefold() for code in NON_ANSWERS)


def non_answer(answer: dict[str, Any]) -> str | None:
    """The code of a FHIR answer that is one of the field's non-answers; None for any other answer."""
    coding = answer.get("valueCoding")
    if not isinstance(coding, dict) or coding.get("system") != PPI:
        return None
    code = coding.get("code")
    return code if isinstance(code, str) and code in NON_ANSWERS else None


def says_nothing(code: str) -> bool:
    """Whether a code stands for no answer: the field's own, and those that a form gives it at its own questions, such as
    `Deaf_PreferNotToAnswer`."""
    return code.rpartition("_")[2].casefold() in _SAYS_NOTHING


def skipped(answer: dict[str, Any]) -> bool:
    """Whether an answer says that the question was left open."""
    coding = answer.get("valueCoding")
    return isinstance(coding, dict) and coding.get("code") == "PMI_Skip" and coding.get("system") == PPI


def counted(answers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The answers without the skips among them."""
    if len(answers) == 1:
        return [] if skipped(answers[0]) else answers
    return [answer for answer in answers if not skipped(answer)]
