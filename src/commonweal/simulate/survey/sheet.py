"""Everyone's answers to one survey, filled in the order of its questions.

Answers come from what is known (told.py), else by chance (blank.py); branching (enableWhen) is followed for all people
together.
"""

from typing import Any

import numpy as np

from commonweal.simulate import society
from commonweal.simulate.draws import Draws
from commonweal.simulate.survey import blank
from commonweal.simulate.survey.blank import CHOICES, NUMBERS, Question
from commonweal.simulate.survey.said import Said, Ticked

_VALUES = ("answerInteger", "answerDecimal", "answerBoolean")
_COMPARE = {
    "=": np.equal,
    "!=": np.not_equal,
    ">": np.greater,
    "<": np.less,
    ">=": np.greater_equal,
    "<=": np.less_equal,
}
Answers = dict[str, np.ndarray]  # by linkId: bool (people, options), or numbers with NaN


class Sheet:
    """The answers of many people to one survey, filled in the order of its questions; `asked`: who saw each of them."""

    def __init__(self, draws: Draws, said: dict[str, Said], index: np.ndarray, questions: list[Question]) -> None:
        self.draws, self.said, self.index, self.questions = draws, said, index, questions
        self.answers: Answers = {}
        self.asked: dict[str, np.ndarray] = {}
        self.known = {question.link: question for top in questions for question in top.all()}
        self._fill(questions, np.ones(len(index), dtype=bool))

    def _fill(self, questions: list[Question], open_to: np.ndarray) -> None:
        for question in questions:
            asked = self.asked[question.link] = open_to & self._enabled(question)
            if question.kind in (*CHOICES, *NUMBERS, "boolean"):
                self.answers[question.link] = _one(self.draws, question, self.said, self.index, asked)
            elif question.kind == "group":
                self.answers[question.link] = asked
            else:
                self.answers[question.link] = np.zeros(len(asked), dtype=bool)  # free text, dates: left empty
            self._fill(question.items, asked & answered(self.answers[question.link]))

    def _enabled(self, question: Question) -> np.ndarray:
        if not question.when:
            return np.ones(len(self.index), dtype=bool)
        tests = [self._test(condition) for condition in question.when]
        together = np.logical_or if question.any_of else np.logical_and
        return np.asarray(together.reduce(tests))

    def _test(self, condition: dict[str, Any]) -> np.ndarray:
        count = len(self.index)
        answer = self.answers.get(condition["question"])
        operator = condition["operator"]
        if answer is None:
            return np.full(count, operator == "exists" and not condition["answerBoolean"])
        there = answered(answer)
        if operator == "exists":
            return there == condition["answerBoolean"]
        if "answerCoding" in condition:
            codes = [code for _, code in self.known[condition["question"]].options]
            wanted = condition["answerCoding"]["code"]
            chosen = answer[:, codes.index(wanted)] if wanted in codes else np.zeros(count, dtype=bool)
            return ~chosen if operator == "!=" else chosen
        value = float(next(condition[key] for key in _VALUES if key in condition))
        holds = there & _COMPARE[operator](np.nan_to_num(answer), value)
        return holds | ~there if operator == "!=" else holds


def answered(answer: np.ndarray) -> np.ndarray:
    """bool, by person."""
    if answer.ndim == 2:
        return np.asarray(answer.any(axis=1))
    return answer if answer.dtype == bool else np.asarray(~np.isnan(answer))


def _one(draws: Draws, question: Question, said: dict[str, Said], index: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """Everyone's answer to one question; worked out only for those who are asked."""
    rows = np.flatnonzero(asked)
    answer = _given(draws, question, said.get(question.link), index[rows], rows)
    everyone = np.full((len(index), *answer.shape[1:]), False if answer.ndim == 2 else np.nan)
    everyone[rows] = answer
    return everyone


def _given(draws: Draws, question: Question, known: Said | None, index: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """What follows from the person, else chance; a few rather do not say. `rows` are the places of `index` in `known`."""
    if isinstance(known, Ticked):
        answer = _offered(question, Ticked(known.codes, known.which[rows]))
        nothing = ~answer.any(axis=1)
        answer[nothing] = blank.by_chance(draws, question, index[nothing])
    else:
        answer = known[rows] if known is not None else blank.by_chance(draws, question, index)
    rather_not = society.facts("society")["unsaid"]["income" if "Income" in question.link else "question"]
    silent = draws.chance(question.link + "/unsaid", rather_not, index)
    if answer.ndim == 1:
        return np.where(~silent | question.required, answer, np.nan)
    refusal = next((k for k, (_, code) in enumerate(question.options) if code in blank.UNSAID), None)
    left_open = silent if refusal is None else draws.chance(question.link + "/left open", 0.008, index)
    if refusal is not None:
        answer[silent] = np.arange(len(question.options)) == refusal
    if not question.required:
        answer[left_open] = False
    return answer


def _offered(question: Question, known: Ticked) -> np.ndarray:
    places = {code.lower(): place for place, code in enumerate(known.codes)}
    columns = [places.get(code.lower(), -1) for _, code in question.options]
    padded = np.concatenate([known.which, np.zeros((len(known.which), 1), dtype=bool)], axis=1)
    answer = padded[:, columns]
    return answer if question.repeats else answer & (np.cumsum(answer, axis=1) == 1)
