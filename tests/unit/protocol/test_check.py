"""The checker names what is wrong by file and line; each fault is put into a copy of the default program."""

import json

import pytest

from commonweal import protocol
from commonweal.errors import BadInput

SPOILED = [
    # file, what stands there, what is put there, what is said about it
    ("program.toml", 'version = "1.0"', 'version = "1.0', "no TOML"),
    ("program.toml", 'version = "1.0"', 'version = "1.0"\ncolour = "blue"', "unknown key 'colour'"),
    ("program.toml", "people = 1_000_000", "people = -3", "goals.people: Input should be greater than 0"),
    ("program.toml", "eligible_when = false", "", "the key 'eligible_when' is missing in eligibility[4]"),
    ("program.toml", 'es = "De lunes a sábado', 'xs = "De lunes a sábado', "contacts.hours: no text in 'es'"),
    ("program.toml", '"TheBasics", ', '"TheBasics", "TheBasics", ', "'TheBasics' stands there twice"),
    ("consents/ehr/module.toml", 'scopes = ["ehr"]', 'scopes = ["ehr", "email"]', "unknown scope 'email'"),
    ("consents/ehr/module.toml", 'requires = ["primary"]', 'requires = ["primaries"]', "which there is not"),
    ("consents/primary/module.toml", 'requires = ["cabor"]', 'requires = ["results"]', "leads back to itself"),
    ("consents/primary/v1.en.md", "- [x] Yes. She can", "- [ ] Yes. She can", "exactly one right option"),
    ("consents/primary/v1.es.md", "- [ ] Nada.", "- [x] Nada.", "exactly one right option"),
    (
        "consents/primary/v1.en.md",
        "> You can leave at any time",
        "You can leave at any time",
        "in a question stand options",
    ),
    ("consents/primary/v1.en.md", "## question leave:", "## leave:", "a heading with ##"),
    ("consents/primary/v1.en.md", "agree: Yes", "yes: Yes", "`agree: words` is missing"),
    ("consents/primary/v1.en.md", "# What this program is", "What this program is", "words before the first screen"),
    ("partners.toml", 'organisation = "gulf-coast-care"', 'organisation = "gulf"', "names the organisation 'gulf'"),
    ("partners.toml", 'awardee = "sun-belt"', 'awardee = "sunny"', "names the awardee 'sunny'"),
    ("partners.toml", "America/Phoenix", "America/Phenix", "no time zone"),
    ("partners.toml", 'id = "lakeshore-milwaukee"', 'id = "lakeshore-chicago"', "stands there twice"),
    ("privacy.toml", "min_cell = 20", "min_cell = 0", "disclosure.min_cell"),
    ("privacy.toml", "variance = 25 ", "variance = 80 ", "disclosure.perturbation: variance must be below 80"),
    ("privacy.toml", "maximum = 15 ", "maximum = -1 ", "disclosure.perturbation.maximum"),
    ("privacy.toml", "# [disclosure.dp]", "[disclosure.dp]\nepsilon = 1\nbudget = 0.5", "budget is below epsilon"),
    ("privacy.toml", "p_share = 0.1 ", "p_share = 1 ", "disclosure.outputs.p_share"),
    ("privacy.toml", "pattern = 'Z3[78]|P95'", "pattern = 'Z3[78'", "no regular expression"),
    ("privacy.toml", "pattern = 'Z3[78]|P95'", "pattern = 'Z3(?!9)'", "no regular expression that every engine knows"),
    ("privacy.toml", "age_cap = 89 ", "# age_cap = 89 ", "registered.age_cap is missing"),
    ("privacy.toml", "date_shift_days_min = 1\n", "date_shift_days_min = 0\n", "somebody's dates would stay"),
    ("privacy.toml", "small_state_becomes = 2000000011", "", "small_state and small_state_becomes go together"),
    ("privacy.toml", 'becomes = "034"', 'becomes = "34"', "should match pattern"),
    ("privacy.toml", "date_shift_days_max = 364", "date_shift_days_max = 0", "date_shift_days_min is above"),
    ("measurements.toml", 'skip_when = ["pregnant", "wheelchair"]', 'skip_when = ["expecting"]', "names 'expecting'"),
    ("biospecimens.toml", 'tests = ["1SAL2"]', 'tests = ["1SAL9"]', "names the test '1SAL9'"),
    (
        "representation.toml",
        'minority = "race_ethnicity"',
        'minority = "race"',
        "minority 'race' is none of the categories",
    ),
    ("representation.toml", 'id = "disability"', 'id = "overall"', "a category may not be named 'overall'"),
    (
        "program.toml",
        "racial_ethnic_minority_share = 0.50",
        "racial_ethnic_minority_share = 1.5",
        "less than or equal to 1",
    ),
    ("representation.toml", 'of = ["sexual_orientation", ', 'of = ["orientation", ', "looks at 'orientation'"),
    ("results.toml", 'scope = "return:pgx"', 'scope = "return:pills"', "unknown scope 'return:pills'"),
    ("reference/poverty_guidelines.csv", "2019,48,12490,4420", "2019,48,12490", "3 cells"),
    (
        "surveys/Lifestyle.json",
        '"linkId": "Lifestyle_Cigars"',
        '"linkId": "Lifestyle_Hookah"',
        "two items have this linkId",
    ),
    ("surveys/Lifestyle.json", '"type": "display"', '"type": "label"', "none of FHIR R4's item types"),
    ("surveys/Lifestyle.json", '"status": "active",', '"status": "active"', "no JSON"),
    ("surveys/Lifestyle.json", '"name": "Lifestyle"', '"name": "Life"', "its name is not Lifestyle"),
    ("program.toml", '"TheBasics", ', '"../TheBasics", ', "surveys[1]: String should match pattern"),
    ("program.toml", '"cabor", ', '"CA bill", ', "consents[1]: String should match pattern"),
    ("program.toml", 'languages = ["en", ', 'languages = ["eng", ', "languages[1]: String should match pattern"),
]


@pytest.mark.parametrize(("name", "old", "new", "said"), SPOILED, ids=[f"{s[0]}: {s[3]}" for s in SPOILED])
def test_what_is_wrong_is_named_by_file_and_line(folder, spoil, name, old, new, said):
    line = spoil(name, old, new)
    problems = protocol.check(folder)
    hits = [problem for problem in problems if problem.file == name and said in problem.message]
    assert hits, problems
    near = {line, line + 1} if "\n" in new or "JSON" in said else {line}
    elsewhere = (
        "eligibility[4]",
        "contacts.hours",
        "min is above",
        "age_cap is missing",
        "dates would stay",
        "small_state and",
        "item types",
        "`agree",
        "exactly one right",
        "stands there twice",
        "two items",
        "variance must",
    )
    if not any(part in said for part in elsewhere):
        assert hits[0].line in near, (hits[0], line)
    with pytest.raises(BadInput, match="the protocol is not usable"):
        protocol.load(folder)


def test_a_missing_key_is_reported_at_its_table(folder, spoil):
    spoil("program.toml", "eligible_when = false\n", "")
    lines = (folder / "program.toml").read_text().splitlines()
    table = max(number for number, line in enumerate(lines, 1) if line == "[[eligibility]]")
    assert protocol.check(folder)[0].line == table


def test_a_question_without_a_right_answer_is_reported_at_its_heading(folder, spoil):
    spoil("consents/ehr/v1.es.md", "- [x] Los dejamos", "- [ ] Los dejamos")
    line = next(
        n for n, text in enumerate((folder / "consents/ehr/v1.es.md").read_text().splitlines(), 1) if "before:" in text
    )
    assert (problem := protocol.check(folder)[0]).file == "consents/ehr/v1.es.md" and problem.line in (1, line)
    assert any(p.line == line and "it has 0" in p.message for p in protocol.check(folder))


def test_a_consent_without_one_language(folder):
    (folder / "consents/wearables/v1.es.md").unlink()
    assert [str(problem) for problem in protocol.check(folder)] == [
        "consents/wearables/module.toml:14: version 1 has no words in 'es': there is no file consents/wearables/v1.es.md"
    ]


def test_right_answers_must_agree_between_languages(folder, spoil):
    spoil("consents/results/v1.es.md", "- [ ] Dejar", "- [x] Dejar")
    spoil("consents/results/v1.es.md", "- [x] Hablar", "- [ ] Hablar")
    assert "its questions differ from those in 'en'" in protocol.check(folder)[0].message


def test_a_file_that_is_missing(folder):
    (folder / "privacy.toml").unlink()
    assert [str(problem) for problem in protocol.check(folder)] == ["privacy.toml: this file is missing"]


def test_every_problem_is_found_not_only_the_first(folder, spoil):
    for name, old, new, _ in SPOILED[6:8] + SPOILED[15:16] + SPOILED[19:20]:
        spoil(name, old, new)
    assert len({problem.file for problem in protocol.check(folder)}) >= 3


@pytest.mark.parametrize(
    "name",
    [
        "program.toml",
        "consents/ehr/module.toml",
        "consents/ehr/v1.es.md",
        "pages/about.es.md",
        "glossary.es.md",
        "surveys/Lifestyle.json",
        "reference/poverty_guidelines.csv",
    ],
)
def test_a_file_in_another_encoding_is_named_with_the_line(folder, name):
    path = folder / name
    first, rest = path.read_bytes().split(b"\n", 1)
    path.write_bytes(first + b"\n\xf1" + rest)
    said = "this file is not in UTF-8: save it in that encoding"
    assert [problem for problem in protocol.check(folder) if problem.file == name] == [(name, 2, said)]


def test_a_survey_nested_without_end_and_a_table_that_is_none(folder):
    (folder / "surveys/Lifestyle.json").write_text('{"item": [' * 20_000)
    (folder / "reference/poverty_guidelines.csv").write_text("year\n" + "9" * 200_000)
    found = [(problem.file, problem.line) for problem in protocol.check(folder)]
    assert found == [("reference/poverty_guidelines.csv", 2), ("surveys/Lifestyle.json", 1)]


def test_a_survey_without_its_file_is_named_where_program_toml_lists_it(folder):
    (folder / "surveys/Lifestyle.json").unlink()
    lines = (folder / "program.toml").read_text().splitlines()
    line = next(number for number, text in enumerate(lines, 1) if text.startswith("surveys ="))
    said = "names the survey Lifestyle, but there is no file surveys/Lifestyle.json"
    assert protocol.check(folder) == [("program.toml", line, said)]


def test_what_is_no_protocol(tmp_path):
    with pytest.raises(BadInput, match=r"no program\.toml"):
        protocol.check(tmp_path)


# --- surveys -----------------------------------------------------------------------------------------------------------


def edited(folder, change):
    """Lifestyle.json after `change(document)`, written one value to a line; all items by linkId."""
    path = folder / "surveys/Lifestyle.json"
    document = json.loads(path.read_text())
    items = {item["linkId"]: item for page in document["item"] for item in (page, *page["item"])}
    change(items)
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False))
    return path.read_text().splitlines()


def line(lines, link_id):
    return next(number for number, text in enumerate(lines, 1) if f'"linkId": "{link_id}"' in text)


def condition(question, code):
    return {"question": question, "operator": "=", "answerCoding": {"system": PPI, "code": code}}


PPI = "http://terminology.pmi-ops.org/CodeSystem/ppi"
ASKED, NOW, TRIED = "Smoking_100CigsLifetime", "Smoking_SmokeFrequency", "Smoking_SeriousQuitAttempt"


def test_an_item_that_nobody_can_reach(folder):
    lines = edited(
        folder,
        lambda items: items[NOW].update(
            enableWhen=[condition(ASKED, "100CigsLifetime_Yes"), condition(ASKED, "100CigsLifetime_No")],
            enableBehavior="all",
        ),
    )
    found = protocol.check(folder)
    assert (found[0].line, "no answers to the questions it depends on" in found[0].message) == (line(lines, NOW), True)
    assert {problem.line for problem in found} == {
        line(lines, NOW),
        line(lines, "Smoking_CurrentDailyCigaretteNumber"),
        line(lines, "Smoking_AverageDailyCigaretteNumber"),
        line(lines, "AttemptQuitSmoking_CompletelyQuitAge"),
    }


def test_conditions_in_a_circle(folder):
    def circle(items):
        items[NOW]["enableWhen"] = [condition(TRIED, "SeriousQuitAttempt_AttemptQuitSmoking")]
        items[TRIED]["enableWhen"] = [condition(NOW, "SmokeFrequency_EveryDay")]

    lines = edited(folder, circle)
    found = {problem.line for problem in protocol.check(folder) if "lead back to itself" in problem.message}
    assert found == {line(lines, NOW), line(lines, TRIED)}


def test_a_question_that_can_never_be_answered(folder):
    lines = edited(folder, lambda items: items[ASKED].update(answerOption=[], required=True))
    assert any(
        problem.line == line(lines, ASKED) and "the end cannot be reached" in problem.message
        for problem in protocol.check(folder)
    )


def test_text_that_is_not_translated(folder):
    lines = edited(folder, lambda items: items[NOW].pop("_text"))
    assert [(p.line, p.message) for p in protocol.check(folder)] == [
        (line(lines, NOW), f"item '{NOW}': its text has no translation into 'es'")
    ]


def test_a_survey_that_is_something_else(folder):
    (folder / "surveys/Lifestyle.json").write_text('{"resourceType": "Patient"}')
    assert "not a FHIR Questionnaire" in protocol.check(folder)[0].message


@pytest.mark.parametrize(
    "content",
    [
        "[]",
        '{"resourceType": "Questionnaire", "item": 3}',
        '{"resourceType": "Questionnaire", "item": [{"linkId": "a", "code": 7}]}',
    ],
)
def test_a_survey_of_the_wrong_make(folder, content):
    (folder / "surveys/Lifestyle.json").write_text(content)
    assert protocol.check(folder)[0].file == "surveys/Lifestyle.json"
