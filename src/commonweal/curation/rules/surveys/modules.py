"""Whole surveys and whole people: modules that may not be released, responses without answers, people who told nothing."""

from commonweal.curation.rules.base import Rows, Rule, tables


def _unapproved(rows: Rows) -> Rows:
    return rows.remove(rows.table.p_unapproved)


def _no_basics(rows: Rows) -> Rows:
    return rows.remove(rows.table.p_no_basics)


def _without_answers(rows: Rows) -> Rows:
    return rows.remove(rows.table.p_without_answers)


RULES = (
    Rule(
        "surveys.unapproved",
        1,
        "Reference 2, DropUnverifiedSurveyData",
        "Answers to a survey that is neither the program's own nor named as approved go, and so do its responses.",
        _unapproved,
        tables("observation", "survey_conduct"),
        reason="People answered on the word that the ethics board had agreed to what becomes of it.",
        parameters=("answers.approved",),
    ),
    Rule(
        "surveys.no_basics",
        1,
        "Reference 2, DropParticipantsWithoutAnyBasics",
        "People who answered no question of the survey that the program requires are left out, with everything of theirs.",
        _no_basics,
        reason="Without it nothing is known of who they are, neither for research nor for guarding who stands out.",
        parameters=("answers.required",),
    ),
    Rule(
        "surveys.without_answers",
        1,
        "Reference 2, DropOrphanedSurveyConductIds",
        "A response of which no answer is left goes.",
        _without_answers,
        tables("survey_conduct"),
        reason="It would tell when somebody answered, and nothing that they answered.",
    ),
)
