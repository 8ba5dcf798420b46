"""Answers that the other answers of their response do not lead to (reference 2, PpiBranching)."""

import csv
import random
from itertools import count

import pytest

from commonweal import protocol
from commonweal.curation.findings.surveys import FINDINGS, program
from commonweal.curation.findings.surveys.clauses import of_form, of_table
from commonweal.r4.questionnaire import Questionnaire

BRANCHING = next(f for f in FINDINGS if f.id == "surveys.branching")
SURVEYS = protocol.load(protocol.DEFAULT).surveys
TABLE = [
    {"rule_type": kind, "child_question": child, "parent_question": parent, "parent_value": value}
    for kind, child, parent, value in (
        ("keep", "Anemia_Age", "Conditions", "Conditions_Anemia"),
        ("keep", "Anemia_Age", "Conditions", "Conditions_Blood "),
        ("drop", "Smoke_Frequency", "Smoke_100", "Smoke_100_No"),
        ("drop", "Smoke_Frequency", "Smoke_100", "PMI_DontKnow"),
        ("keep_gt", "Under_18", "Household", "0"),
        ("keep", "Nothing", "Conditions", ""),
    )
]


def answer(number, question, value=None, response=1):
    """A row of observation; numbers are answers of their own kind."""
    row = {
        "observation_id": number,
        "observation_event_id": response,
        "observation_source_value": question,
        "person_id": 1,
    }
    return row | ({"value_as_number": value} if isinstance(value, (int, float)) else {"value_source_value": value})


def unreached(finding, rows, clauses, forms=(), conduct=None):
    """The ids of the rows that are not led to; all responses are of forms that are not known, unless said otherwise."""
    conduct = conduct or [{"survey_conduct_id": r} for r in {row["observation_event_id"] for row in rows}]
    known = finding(
        BRANCHING, prepare=lambda con: program.put(con, list(forms), clauses), observation=rows, survey_conduct=conduct
    )
    return set(known)


@pytest.mark.parametrize(
    ("parent", "child", "goes"),
    [
        ([("Conditions", "Conditions_Anemia")], "Anemia_Age", False),
        ([("Conditions", "CONDITIONS_BLOOD")], "anemia_age", False),
        ([("Conditions", "Conditions_Heart")], "Anemia_Age", True),
        ([("Conditions", "Conditions_Heart"), ("Conditions", "Conditions_Anemia")], "Anemia_Age", False),
        ([("Conditions", "PMI_Skip")], "Anemia_Age", True),
        ([], "Anemia_Age", False),  # nothing is known of its parent
        ([("Smoke_100", "Smoke_100_No")], "Smoke_Frequency", True),
        ([("Smoke_100", "PMI_DontKnow")], "Smoke_Frequency", True),
        ([("Smoke_100", "Smoke_100_Yes")], "Smoke_Frequency", False),
        ([("Household", 0)], "Under_18", True),
        ([("Household", 2)], "Under_18", False),
        ([], "Under_18", False),
        ([("Conditions", "Conditions_Heart")], "Nothing", False),
    ],
)
def test_what_a_branching_table_keeps(finding, parent, child, goes):
    rows = [answer(n, *given) for n, given in enumerate(parent, 10)] + [answer(1, child, "Some_Answer")]
    assert unreached(finding, rows, list(of_table(TABLE))) == ({1} if goes else set())


def test_a_parent_in_another_response_says_nothing(finding):
    rows = [answer(1, "Smoke_Frequency", "Often", 1), answer(2, "Smoke_100", "Smoke_100_No", 2)]
    assert unreached(finding, rows, list(of_table(TABLE))) == set()


def test_before_and_after(ruled):
    rows = [
        {"observation_id": 1, "observation_source_value": "Smoke_100", "p_unreached": None},
        {"observation_id": 2, "observation_source_value": "Smoke_Frequency", "p_unreached": True},
    ]
    out = ruled("surveys.branching", "observation", rows)
    assert (out.column("observation_id"), out.removed) == ([1], 1)


def _form(*items):
    return Questionnaire({"resourceType": "Questionnaire", "item": list(items)})


def _asked(link, *conditions, **more):
    when = [{"question": q, "operator": op, **value} for q, op, value in conditions]
    return {"linkId": link, "type": "choice"} | ({"enableWhen": when} if when else {}) | more


def code(value):
    return {"answerCoding": {"code": value}}


def test_a_form_leads_over_several_questions(finding):
    form = _form(
        _asked("a"),
        _asked("b", ("a", "=", code("yes"))),
        _asked("c", ("b", "=", code("yes"))),
        _asked("d", ("c", "!=", code("yes"))),
        _asked("e", ("a", "exists", {"answerBoolean": True})),
    )
    clauses, known = list(of_form("S", "1", form)), [("S", "1")]
    conduct = [{"survey_conduct_id": 1, "survey_source_value": "S", "survey_version_number": "1"}]
    yes = [answer(n, link, "yes") for n, link in enumerate("abcd", 1)]
    assert unreached(finding, yes, clauses, known, conduct) == {4}
    no = [answer(1, "a", "no"), *yes[1:]]
    assert unreached(finding, no, clauses, known, conduct) == {2, 3}  # c's parent counts as not answered: d is asked
    skipped = [answer(1, "a", "PMI_Skip"), answer(5, "e", "yes")]
    assert unreached(finding, skipped, clauses, known, conduct) == {5}
    other = [conduct[0] | {"survey_version_number": "2"}]
    assert unreached(finding, no, clauses, known, other) == set()  # of that version nothing is known


def test_where_the_form_is_known_a_table_says_nothing(finding):
    form = _form(_asked("Smoke_100"), _asked("Smoke_Frequency"))
    rows = [answer(1, "Smoke_100", "Smoke_100_No"), answer(2, "Smoke_Frequency", "Often")]
    clauses = [*of_form("S", "1", form), *of_table(TABLE)]
    conduct = [{"survey_conduct_id": 1, "survey_source_value": "S", "survey_version_number": "1"}]
    assert unreached(finding, rows, clauses, [("S", "1")], conduct) == set()
    assert unreached(finding, rows, clauses, [], [conduct[0]]) == {2}


def test_conditions_that_rows_cannot_tell_say_nothing(finding):
    inside = {
        "linkId": "g",
        "type": "group",
        "repeats": True,
        "item": [_asked("x"), _asked("y", ("x", "=", code("yes")))],
    }
    form = _form(inside, {"linkId": "f", "type": "attachment"}, _asked("z", ("f", "exists", {"answerBoolean": True})))
    assert list(of_form("S", "1", form)) == []


@pytest.mark.parametrize("survey", sorted(SURVEYS))
def test_a_shipped_form_and_the_finding_agree(finding, survey):
    """200 responses drawn at random over all questions, asked or not: what the form would not ask is what is found."""
    form, draw, ids = SURVEYS[survey].questionnaire, random.Random(survey), count(1)
    rows, expected = [], set()
    for response in range(1, 201):
        answers = {link: given for link, item in form.items.items() if item.asks and (given := _drawn(item, draw))}
        state = form.state(answers)
        for link, given in answers.items():
            for one in given:
                row = _row(next(ids), link, one, response)
                rows.append(row)
                expected |= set() if state.enabled(link) else {row["observation_id"]}
    version = SURVEYS[survey].version
    conduct = [
        {"survey_conduct_id": r, "survey_source_value": survey, "survey_version_number": version} for r in range(1, 201)
    ]
    clauses = list(of_form(survey, version, form))
    assert unreached(finding, rows, clauses, [(survey, version)], conduct) == expected
    assert bool(expected) == bool(clauses)


def _drawn(item, draw):
    if draw.random() < 0.15:
        return []
    if draw.random() < 0.1:
        return [{"valueCoding": {"system": "http://terminology.pmi-ops.org/CodeSystem/ppi", "code": "PMI_Skip"}}]
    if item.options:
        return [
            o.answer
            for o in draw.sample(item.options, min(len(item.options), draw.choice((1, 1, 2)) if item.repeats else 1))
        ]
    return {"integer": [{"valueInteger": draw.randint(0, 3)}], "decimal": [{"valueDecimal": 1.5}]}.get(
        item.type, [{"valueString": "x"}]
    )


def _row(number, link, given, response):
    if "valueCoding" in given:
        return answer(number, link, given["valueCoding"]["code"], response)
    return answer(number, link, given.get("valueInteger", given.get("valueDecimal")), response)


@pytest.mark.parametrize(
    "name",
    [
        "basics",
        "cope",
        "family_history",
        "healthcare_access",
        "lifestyle",
        "overall_health",
        "personal_medical_history",
    ],
)
def test_the_published_tables_are_read_as_they_stand(finding, shared_data, name):
    """Responses drawn over the questions of a table: what stays is what the rows of the file say, read one by one."""
    file = shared_data / f"aou/cur/data_steward/resource_files/cdr_cleaner/ppi_branching/{name}.csv"
    with open(file, newline="", encoding="utf-8") as lines:
        table = [row for row in csv.DictReader(lines) if row["parent_value"].strip()]
    rows, expected, leads = [], set(), _by_child(table)
    draw, ids = random.Random(name), count(1)
    for response in range(1, 41):
        given = _answered(table, draw)
        for question, values in given.items():
            for value in values:
                rows.append(answer(next(ids), question, value, response))
                expected |= {rows[-1]["observation_id"]} if _goes(leads.get(question, {}), given) else set()
    assert unreached(finding, rows, list(of_table(table))) == expected
    assert expected and len(expected) < len(rows)


def _answered(table, draw):
    values = {}
    for row in table:
        number = row["rule_type"] == "keep_gt"
        values.setdefault(row["parent_question"], [0, 1, 5] if number else ["Something_Else"])
        if not number:
            values[row["parent_question"]].append(row["parent_value"].strip())
        values.setdefault(row["child_question"], ["Something_Else"])
    return {
        question: draw.sample(options, min(len(options), draw.choice((1, 1, 2))))
        for question, options in values.items()
        if draw.random() < 0.7
    }


def _by_child(table):
    """{child: {(rule, parent): values}}"""
    found = {}
    for row in table:
        rules = found.setdefault(row["child_question"], {})
        rules.setdefault((row["rule_type"], row["parent_question"]), set()).add(row["parent_value"].strip())
    return found


def _goes(rules, given):
    """Whether a row of the table speaks against an answer to the question whose `rules` these are."""
    for (kind, parent), listed in rules.items():
        said = given.get(parent)
        if not said:
            continue
        if kind == "drop" and listed & set(said):
            return True
        if kind == "keep" and not listed & set(said):
            return True
        if kind == "keep_gt" and not any(number > int(value) for number in said for value in listed):
            return True
    return False
