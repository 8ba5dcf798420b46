"""Answers that cannot stand beside others of the same response: not led to, shut out, said twice; and those that say nothing."""

import ibis
import ibis.expr.types as ir

from commonweal.curation.rules.base import Rows, Rule, tables


def _unreached(rows: Rows) -> Rows:
    return rows.remove(rows.table.p_unreached)


def _left_out(rows: Rows) -> Rows:
    t = rows.table
    listed = sorted(rows.facts.privacy.answers.left_out)
    return rows.remove((t["_source"] == "PPI") & t.observation_source_concept_id.isin(listed)) if listed else rows


def _shut_out(rows: Rows) -> Rows:
    return rows.remove(rows.table.p_shut_out)


def _recoded(rows: Rows) -> Rows:
    t = rows.table
    question: ir.Value = t.observation_source_concept_id
    answer: ir.Value = t.value_as_concept_id
    for one in rows.facts.privacy.answers.recoded:
        here = (t["_source"] == "PPI") & (t.observation_source_concept_id == one.question)
        here = (here & (t.value_as_concept_id == one.answer)).fill_null(False)
        question = ibis.ifelse(here, ibis.literal(one.becomes_question, "int64"), question)
        answer = ibis.ifelse(here, ibis.literal(one.becomes_answer, "int64"), answer)
    return rows.change({"observation_source_concept_id": question, "value_as_concept_id": answer})


def _said_twice(rows: Rows) -> Rows:
    return rows.remove(rows.table.p_said_twice)


FIRST = (
    Rule(
        "surveys.branching",
        1,
        "Reference 2, PpiBranching",
        "An answer to a question goes that the other answers of the same response do not lead to. Where the form that was"
        " answered is known, its own conditions say what leads where; elsewhere the branching rules that were brought in do.",
        _unreached,
        tables("observation"),
        reason="Answers left behind when a person changed what came before contradict the rest of what they say.",
        parameters=("reference: branching",),
    ),
    Rule(
        "surveys.left_out",
        1,
        "Reference 2, ObservationSourceConceptIDRowSuppression",
        "Answers to questions that the program names go: they stand for nothing, or are told by another question.",
        _left_out,
        tables("observation"),
        reason="The same thing told under two codes counts twice.",
        parameters=("answers.left_out",),
    ),
)
RULES = (
    Rule(
        "surveys.shut_out",
        1,
        "Reference 2, RemoveMultipleRaceEthnicityAnswers",
        "Where a response holds an answer that shuts out all others, such as 'none of these', the others go.",
        _shut_out,
        tables("observation"),
        reason="Both cannot be meant, and the one that says 'none' was chosen knowing the others.",
        parameters=("answers.alone",),
    ),
    Rule(
        "surveys.recoded",
        1,
        "Reference 2, CleanSmokingPpi",
        "An answer that came under a wrong question gets the question and the answer that the program says were meant.",
        _recoded,
        tables("observation"),
        reason="A form once sent answers of some questions as questions of their own.",
        parameters=("answers.recoded",),
    ),
    Rule(
        "surveys.said_twice",
        1,
        "Reference 2, DropDuplicatePpiQuestionsAndAnswers",
        "Where a response holds the same answer to the same question under two spellings of a code, one of them stays: the"
        " one whose code is valid.",
        _said_twice,
        tables("observation"),
        reason="The vocabulary has codes that differ in capitals or blanks alone, and one answer came under both.",
    ),
)
