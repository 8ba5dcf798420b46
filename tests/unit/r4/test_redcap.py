"""REDCap data dictionaries as Questionnaires: what is carried over, and what is told."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commonweal.r4 import redcap
from commonweal.r4.questionnaire import Questionnaire, faults, response_document, validate
from commonweal.r4.questionnaire_paths import paths
from commonweal.r4.redcap_rows import COLUMNS

BASE = "https://example.org/fhir"
DATEDIFF = "its calculation calls datediff(), which is not carried over; it is left without one"
SQL = "its choices come out of REDCap's own database: the field is left out"
TOLD = {  # of the published projects, all others are carried over whole
    "dag": [(9, "age", DATEDIFF)],
    "dag-write": [(9, "age", DATEDIFF)],
    "empty-rows": [(9, "age", DATEDIFF)],
    "repeating-instruments-sparse": [(6, "age", DATEDIFF)],
    "validation-types-1": [(12, "f_sql", SQL)],
}


def dictionary(*rows, titles=0):
    """A data dictionary; each row is (field, type, more columns by our names)."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([names[titles] for names in COLUMNS.values()])
    for row in rows:
        cells = {"form": "f", "label": row.get("field", "")} | row
        writer.writerow([cells.get(name, "") for name in COLUMNS])
    return out.getvalue()


def field(name, kind="text", **more):
    return {"field": name, "type": kind} | more


RECORD = field("record_id")


def read(*rows):
    """(the Questionnaire of the one form, what was told)."""
    documents, problems = redcap.questionnaires(dictionary(RECORD, *rows), base_url=BASE, language="en")
    assert len(documents) == 1
    questionnaire = Questionnaire(documents[0])
    assert faults(questionnaire) == []
    return questionnaire, [(problem.row, problem.field, problem.message) for problem in problems]


def elements(document):
    for child in document.get("item", []):
        yield child
        yield from elements(child)


# --- the published projects --------------------------------------------------------------------------------------------


def test_the_dictionaries_of_published_projects(shared_data):
    found = sorted((shared_data / "surveys" / "redcapr_projects").glob("*/dictionar*.csv"))
    assert len(found) >= 20
    for path in found:
        text = path.read_text(encoding="utf-8")
        documents, problems = redcap.questionnaires(text, base_url=BASE, language="en")
        assert [tuple(problem) for problem in problems] == TOLD.get(path.parent.name, []), path.parent.name
        asked = [e["linkId"] for document in documents for e in elements(document) if e["type"] != "group"]
        rows = [row for row in csv.reader(io.StringIO(text.lstrip("\ufeff"))) if row and row[0]][1:]
        left_out = {problem.field for problem in problems if "left out" in problem.message}
        assert asked == [row[0] for row in rows if row[0] not in left_out]
        for document in documents:
            walked(Questionnaire(document))


def walked(questionnaire):
    """Each way through a form makes a response that is valid."""
    assert faults(questionnaire) == []
    for answers in paths(questionnaire):
        document = response_document(
            questionnaire, answers, language="en", authored="2026-01-01", identifier=None, skips=True
        )
        assert validate(document, questionnaire) == []


def test_the_branching_of_a_published_project(shared_data):
    path = shared_data / "surveys" / "redcapr_projects" / "longitudinal" / "dictionary.csv"
    documents, _ = redcap.questionnaires(path.read_text(encoding="utf-8"), base_url=BASE, language="en")
    given_birth = next(e for d in documents for e in elements(d) if e["linkId"] == "given_birth")
    assert given_birth["enableWhen"] == [
        {
            "question": "sex",
            "operator": "=",
            "answerCoding": {"system": "https://example.org/fhir/CodeSystem/sex", "code": "0"},
        }
    ]


# --- fields ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "kind", "right", "wrong"),
    [
        ({}, "string", {"valueString": "x"}, None),
        ({"type": "notes"}, "text", {"valueString": "x"}, None),
        ({"validation": "integer", "least": "1", "most": "9"}, "integer", {"valueInteger": 9}, {"valueInteger": 10}),
        ({"validation": "number"}, "decimal", {"valueDecimal": 1.55}, None),
        ({"validation": "number_1dp"}, "decimal", {"valueDecimal": 1.5}, {"valueDecimal": 1.55}),
        (
            {"validation": "number_2dp_comma_decimal", "least": "1,5"},
            "decimal",
            {"valueDecimal": 1.5},
            {"valueDecimal": 1},
        ),
        (
            {"validation": "date_mdy", "least": "2020-01-01"},
            "date",
            {"valueDate": "2020-01-01"},
            {"valueDate": "2019-12-31"},
        ),
        ({"validation": "datetime_seconds_dmy"}, "dateTime", {"valueDateTime": "2020-01-01T10:00:00Z"}, None),
        ({"validation": "time"}, "time", {"valueTime": "10:00:00"}, {"valueTime": "25:00:00"}),
        ({"validation": "email"}, "string", {"valueString": "a@b.org"}, {"valueString": "a@b"}),
        ({"validation": "zipcode"}, "string", {"valueString": "12345-6789"}, {"valueString": "1234"}),
        ({"validation": "phone"}, "string", {"valueString": "(555) 010-0100"}, {"valueString": "call me"}),
        ({"type": "yesno"}, "boolean", {"valueBoolean": True}, {"valueInteger": 1}),
        ({"type": "slider", "choices": "low | mid | high"}, "integer", {"valueInteger": 100}, {"valueInteger": 101}),
        ({"type": "file"}, "attachment", {"valueAttachment": {"url": "http://example.org/x"}}, None),
    ],
)
def test_types_and_limits(more, kind, right, wrong):
    questionnaire, told = read(field("x") | more)
    assert told == [] and questionnaire.items["x"].type == kind
    page = [{"linkId": "f.section1", "item": [{"linkId": "x", "answer": [right]}]}]
    document = {"resourceType": "QuestionnaireResponse", "item": page}
    assert validate(document, questionnaire) == []
    if wrong:
        page[0]["item"][0]["answer"] = [wrong]
        assert len(validate(document, questionnaire)) == 1


def test_choices_and_checkboxes():
    questionnaire, told = read(
        field("r", "radio", choices="1, Yes, <b>always</b> | 0, No", alignment="RH", required="y"),
        field("c", "checkbox", choices="a, A | b, B | n, None", annotation="@NONEOFTHEABOVE='n'"),
        field("d", "dropdown", choices="1, x\n2, y", annotation="@DEFAULT='2'"),
    )
    items = questionnaire.items
    assert told == []
    assert [(o.code, o.display()) for o in items["r"].options] == [("1", "Yes, always"), ("0", "No")]
    assert items["r"].required and items["r"].orientation == "horizontal" and not items["r"].several
    assert items["c"].several and items["c"].exclusive == {"n"} and items["d"].control == "drop-down"
    assert questionnaire.prefilled()["d"] == [items["d"].options[1].answer]


def test_sections_matrices_and_the_record():
    questionnaire, told = read(
        field("a", section="<h1>First</h1> part"),
        field("m1", "radio", choices="1, x", matrix="m"),
        field("m2", "radio", choices="1, x", matrix="m"),
        field("b", "descriptive", section="Second", label="Please <i>read</i>."),
    )
    assert told == []
    assert [(page.title(), len(page.items)) for page in questionnaire.pages()] == [
        ("", 1),
        ("First part", 4),
        ("Second", 1),
    ]
    assert questionnaire.items["m1"].parent == "f.m.m1" == questionnaire.items["m2"].parent
    assert questionnaire.items["record_id"].hidden and questionnaire.items["b"].text() == "Please read ."


def test_identifiers_notes_numbers_and_action_tags():
    questionnaire, told = read(
        field("x", identifier="y", note="as on your card", number="4a", annotation="@READONLY @CHARLIMIT=5"),
        field("born", validation="date_ymd", annotation="@TODAY"),
        field("odd", annotation="@BARCODE-APP and a@b.org"),
    )
    x = questionnaire.items["x"]
    assert (x.read_only, x.max_length, x.prefix, x.entry_format[""]) == (True, 5, "4a", "as on your card")
    element = next(e for e in elements(questionnaire.document) if e["linkId"] == "x")
    assert {"url": f"{BASE}/StructureDefinition/identifier", "valueBoolean": True} in element["extension"]
    assert questionnaire.prefilled({"today": "2026-01-02"})["born"] == [{"valueDate": "2026-01-02"}]
    assert told == [(5, "odd", "the action tag @BARCODE-APP is not carried over")]


# --- branching logic ---------------------------------------------------------------------------------------------------

ASKED = [
    field("sex", "radio", choices="0, F | 1, M | 2, X"),
    field("ill", "checkbox", choices="1, cold | 2, flu"),
    field("age", validation="integer"),
    field("well", "yesno"),
    field("day", validation="date_ymd"),
    field("name"),
]
SYSTEM = "https://example.org/fhir/CodeSystem/"


def coded(name, *codes):
    return {name: [{"valueCoding": {"system": SYSTEM + name, "code": code}} for code in codes]}


def asked(logic, **answers):
    questionnaire, told = read(*ASKED, field("x", branching=logic))
    assert told == []
    plain = {"age": "valueInteger", "well": "valueBoolean", "day": "valueDate", "name": "valueString"}
    found = {}
    for name, value in answers.items():
        found |= {name: [{plain[name]: value}]} if name in plain else coded(name, *value)
    return questionnaire.enabled("x", found)


@pytest.mark.parametrize(
    ("logic", "holds", "not_for"),
    [
        ("[sex] = '1'", {"sex": "1"}, {"sex": "0"}),
        ('[sex] <> "1"', {}, {"sex": "1"}),
        ("[sex] != 1", {"sex": "0"}, {"sex": "1"}),
        ("[sex] >= 1", {"sex": "2"}, {"sex": "0"}),
        ("[sex] <> ''", {"sex": "0"}, {}),
        ("[ill(2)] = '1'", {"ill": "12"}, {"ill": "1"}),
        ("[ill(2)] = '0'", {"ill": "1"}, {"ill": "2"}),
        ("[age] > 17 AND [age] <= 65", {"age": 18}, {"age": 66}),
        ("18 <= [age]", {"age": 18}, {"age": 17}),
        ("[age] > -1", {"age": 0}, {"age": -1}),
        ("[well] = '1' or [ill(1)] = '1'", {"ill": "1"}, {"well": False}),
        ("[day] > '2020-01-01'", {"day": "2020-01-02"}, {"day": "2019-05-05"}),
        ("[name] = 'Ana'", {"name": "Ana"}, {"name": "ana"}),
        ("[sex]='1' and ([ill(1)]='1' or [ill(2)]='1')", {"sex": "1", "ill": "2"}, {"sex": "1"}),
        ("([sex]='1' and [age]>9) or ([sex]='0' and [age]>5)", {"sex": "0", "age": 6}, {"sex": "1", "age": 6}),
    ],
)
def test_branching_logic(logic, holds, not_for):
    assert asked(logic, **holds) and not asked(logic, **not_for)


@pytest.mark.parametrize(
    ("logic", "why"),
    [
        ("[baseline_arm_1][sex] = '1'", "looks at another event or instance"),
        ("[other] = '1'", "looks at [other], which is no question of the same form"),
        ("[user-name] = 'x'", "a smart variable"),
        ("[sex] = '7'", "names a choice that [sex] does not have"),
        ("[ill] = '1'", "without naming one"),
        ("[sex] = [age]", "something else than a field with a value"),
        ("datediff([day], 'today', 'y') > 3", "something else than a field with a value"),
        ("[age] > 'old'", "something that is no number"),
        ("[sex] = '1' and", "where a field or a value should stand"),
        ("([sex] = '1'", "a bracket without an end"),
        ("[sex] = '1' ?", "not understood"),
        (" or ".join(f"([age]>{n} and [age]<{n + 1})" for n in range(12)), "more than 64 conditions"),
        ("(" * 500 + "[age] = 1" + ")" * 500, "too many brackets"),
    ],
)
def test_logic_that_cannot_be_carried_over_is_told(logic, why):
    questionnaire, told = read(*ASKED, field("x", branching=logic))
    assert [(row, name) for row, name, _ in told] == [(9, "x")]
    assert told[0][2].startswith("its branching logic") and why in told[0][2]
    assert questionnaire.enabled("x", {})


COMPARISONS = {
    "[sex] = '1'": lambda a: a["sex"] == "1",
    "[sex] <> '0'": lambda a: a["sex"] != "0",
    "[ill(1)] = '1'": lambda a: "1" in a["ill"],
    "[ill(2)] = '0'": lambda a: "2" not in a["ill"],
    "[age] > 5": lambda a: a["age"] is not None and a["age"] > 5,
    "[age] = ''": lambda a: a["age"] is None,
    "[well] = '1'": lambda a: a["well"] is True,
}
LOGIC = st.recursive(
    st.sampled_from(list(COMPARISONS)).map(lambda text: (text, COMPARISONS[text])),
    lambda inner: st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(
        lambda parts: (
            f"({parts[0][0]} {parts[1]} {parts[2][0]})",
            (lambda a: parts[0][1](a) and parts[2][1](a))
            if parts[1] == "and"
            else (lambda a: parts[0][1](a) or parts[2][1](a)),
        )
    ),
    max_leaves=5,
)
PEOPLE = st.fixed_dictionaries(
    {
        "sex": st.sampled_from([None, "0", "1"]),
        "ill": st.sets(st.sampled_from("12")),
        "age": st.sampled_from([None, 5, 6]),
        "well": st.sampled_from([None, True, False]),
    }
)


@settings(max_examples=100, deadline=None)
@given(LOGIC, st.lists(PEOPLE, min_size=1, max_size=6))
def test_any_logic_of_and_and_or_asks_the_same_people(logic, people):
    text, holds = logic
    rows = [RECORD, *ASKED, field("x", branching=text)]
    documents, told = redcap.questionnaires(dictionary(*rows), base_url=BASE, language="en")
    assert told == []
    questionnaire = Questionnaire(documents[0])
    for person in people:
        answers = coded("ill", *person["ill"]) if person["ill"] else {}
        answers |= coded("sex", person["sex"]) if person["sex"] else {}
        answers |= {"age": [{"valueInteger": person["age"]}]} if person["age"] is not None else {}
        answers |= {"well": [{"valueBoolean": person["well"]}]} if person["well"] is not None else {}
        assert questionnaire.enabled("x", answers) is bool(holds(person)), (text, person)


# --- calculations ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3+4", 7),
        ("round(([kg]*10000)/(([cm])^(2)), 1)", 24.2),
        ("[kg] + [none]", None),
        ("sum([kg], [none], 1)", 71),
        ("mean([kg], [cm], [none])", 120),
        ("max([kg], [cm])", 170),
        ("min([none])", None),
        ("if([kg] > 60 and [cm] <> '', 1, 0)", 1),
        ("if([none] = '', 2, 3)", 2),
        ("[r] * 2", 6),
        ("[c(1)] + [c(2)]", 1),
        ("-[kg] - -1", -69),
        ("2 - 3 - 4", -5),
        ("abs(2 - sqrt(16))", 2),
        ("rounddown([kg] / 3) + roundup([kg] / 3, 0)", 47),
    ],
)
def test_calculations(text, expected):
    questionnaire, told = read(
        field("kg", validation="number"),
        field("cm", validation="integer"),
        field("none", validation="number"),
        field("r", "radio", choices="3, three"),
        field("c", "checkbox", choices="1, one | 2, two"),
        field("x", "calc", choices=text),
    )
    answers = {"kg": [{"valueDecimal": 70}], "cm": [{"valueInteger": 170}], **coded("r", "3"), **coded("c", "2")}
    found = questionnaire.calculated(answers).get("x")
    assert told == []
    assert found == (None if expected is None else [{"valueDecimal": expected}])


# --- bad input ---------------------------------------------------------------------------------------------------------


def told(text):
    documents, problems = redcap.questionnaires(text, base_url=BASE, language="en")
    return len(documents), [(problem.row, problem.message) for problem in problems]


def test_what_is_no_dictionary():
    assert told("") == (0, [(1, "the file is empty")])
    assert told("a,b\n1,2\n")[1][0][1].startswith("no REDCap data dictionary: it has no column")
    semicolons = dictionary(RECORD).replace(",", ";")
    assert "separated by commas" in told(semicolons)[1][0][1]
    assert told("x" * 1_000_000)[1][0][0] == 1
    assert told(dictionary(RECORD) + '"' + "x" * 200_000)[1][-1][1].startswith("a cell that is too long")


def test_rows_that_cannot_be_used_are_told_and_the_rest_is_kept():
    text = dictionary(
        RECORD,
        field("Bad Name"),
        field("record_id"),
        field("empty", "radio"),
        field("odd", "hologram"),
        field("half", "radio", choices="1, yes | no"),
        field("kept", validation="zodiac"),
        field("form", form="Bad Form"),
        field("piped", label="Hello [kept]"),
    )
    assert told(text) == (
        1,
        [
            (3, "no field name: small letters, digits and _ after a letter"),
            (4, "the same field name as in row 2"),
            (5, "it has no choices: the field is left out"),
            (6, "a type of field that REDCap does not have: the field is left out"),
            (7, "a choice without a code and a label, as in '1, Yes', is left out"),
            (8, "the validation 'zodiac' is not carried over; the field is plain text"),
            (9, "no form name: small letters, digits and _ after a letter"),
            (10, "its label inserts an answer to another field, which is not carried over"),
        ],
    )


def test_columns_may_have_their_names_of_the_api():
    text = "\ufeff" + dictionary(RECORD, field("a"), titles=1)
    assert told(text) == (1, [])


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.dictionaries(st.sampled_from(list(COLUMNS)), st.text("[]()'\"=<>,|@aA1 \n", max_size=12)), max_size=4)
)
def test_nothing_that_stands_in_a_file_breaks_it(rows):
    documents, _ = redcap.questionnaires(
        dictionary(*({"field": f"f{number}", "type": "radio"} | row for number, row in enumerate(rows))),
        base_url=BASE,
        language="en",
    )
    for document in documents:
        Questionnaire(document)
