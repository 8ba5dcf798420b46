"""surveys.toml and safety.toml: what may be said in them, what is refused and where, and slots that stay closed."""

import json
from datetime import date

import pytest

from commonweal import protocol
from commonweal.protocol.safety import DANGER, danger_items
from tests import danger


@pytest.fixture
def folder(folder):
    danger.baseline_alone(folder)
    return folder


SPOILED = [
    # file, what stands there, what is put there, what is said about it
    ("surveys.toml", "every = 90\n", "every = 0\n", "surveys.CheckIn.every: Input should be greater"),
    ("surveys.toml", "window = 45", "window = 91", "it stays open (window) longer than until it comes again"),
    ("surveys.toml", "remind = [7, 21]\n", "remind = [21, 7]\n", "the days of remind go up"),
    ("surveys.toml", "remind = [7, 21]\n", "remind = [1, 2, 3, 4]\n", "at most 3 items"),
    ("surveys.toml", "minutes = 3\n", "minutes = 3\nremnd = [3]\n", "unknown key 'remnd'"),
    (
        "surveys.toml",
        "minutes = 6\n",
        'minutes = 6\nafter = ["Sleep"]\n',
        "comes after 'Sleep', which program.toml does not",
    ),
    ("surveys.toml", "minutes = 6\n", 'minutes = 6\nafter = ["Lifestyle"]\n', "leads back to itself"),
    ("surveys.toml", "minutes = 6\n", "minutes = 6\nopen = 2027-05-01\nuntil = 2027-05-01\n", "it ends (until)"),
    ("surveys.toml", "minutes = 6\n", "minutes = 6\nopen = 2027-05-01\nuntil = 2027-05-30\n", "fewer than 30 days"),
    ("surveys.toml", "minutes = 6\n", 'minutes = 6\nresponse_plan = "help"\n', "names the plan 'help'"),
    ("surveys.toml", "minutes = 6\n", 'minutes = 6\ninstruments = ["mbti"]\n', "names the instrument 'mbti'"),
    ("surveys.toml", 'reverse = ["bfi2xs_1"]', 'reverse = ["bfi2xs_2"]', "names the item 'bfi2xs_2'"),
    ("surveys.toml", "low = 5, high = 9", "low = 9, high = 5", "the band 'mild' ends before it begins"),
    ("surveys.toml", ', es = "leve"', "", "no text in 'es'"),
    ("safety.toml", 'contacts = ["lifeline", ', 'contacts = ["samaritans", ', "names the contact 'samaritans'"),
    ("safety.toml", 'band = "severe"', 'band = "worst"', "for 'worst', which there is not"),
    ("safety.toml", "within_hours = 24\n", "", "so 'within_hours' is needed"),
    ("safety.toml", 'who = ["org_manager", ', 'who = ["janitor", ', "Input should be 'site_staff'"),
    ("safety.toml", 'show_scores = ["phq9"]', 'show_scores = ["iq"]', "shows the score 'iq'"),
    ("safety.toml", "https://988lifeline.org/chat/", "http://988lifeline.org/chat/", "begins with https://"),
]


@pytest.mark.parametrize(("name", "old", "new", "said"), SPOILED, ids=[f"{s[0]}: {s[3]}" for s in SPOILED])
def test_what_is_wrong_is_named_by_file_and_line(folder, spoil, name, old, new, said):
    line = spoil(name, old, new)
    hits = [problem for problem in protocol.check(folder) if problem.file == name and said in problem.message]
    assert hits, protocol.check(folder)
    assert hits[0].line > 0 and abs(hits[0].line - line) < 30


def test_a_survey_of_the_baseline_cannot_wait_for_one_that_waits_for_the_baseline(folder, spoil):
    spoil("surveys.toml", "[surveys.Lifestyle]\nbaseline = true\n", "[surveys.Lifestyle]\nbaseline = false\n")
    spoil("surveys.toml", "minutes = 8\n", 'minutes = 8\nafter = ["Lifestyle"]\n')
    assert any("which waits for the baseline" in one.message for one in protocol.check(folder))


def test_a_program_without_the_files_has_the_defaults(folder):
    for name in ("surveys.toml", "safety.toml"):
        (folder / name).unlink()
    found = protocol.load(folder)
    assert found.baseline == ("TheBasics", "OverallHealth", "Lifestyle")
    assert found.survey_settings["Lifestyle"].minutes >= 2  # by the number of its questions
    assert (found.survey_settings["nosuch"].baseline, found.survey_settings["nosuch"].every) == (False, None)
    assert found.safety.plans == {}


def test_what_the_default_program_says():
    found = protocol.load(protocol.DEFAULT)
    assert found.baseline == ("TheBasics", "OverallHealth", "Lifestyle")
    assert found.survey_settings["CheckIn"].every == 90
    assert [code for code, one in found.survey_settings.items() if one.slot] == ["ehhwb", "bhp"]
    assert not set(found.program.surveys) & {"ehhwb", "bhp"}
    assert not any(plan.approved for plan in found.safety.plans.values())  # that is for the program's own board


def test_an_entry_that_says_nothing_of_the_baseline_takes_nothing_out_of_it(folder, spoil):
    spoil("surveys.toml", "[surveys.Lifestyle]\nbaseline = true\n", "[surveys.Lifestyle]\n")
    assert protocol.load(folder).baseline == ("TheBasics", "OverallHealth", "Lifestyle")


def test_dates(folder, spoil):
    spoil("surveys.toml", "minutes = 6\n", "minutes = 6\nopen = 2027-05-01\n")
    assert protocol.load(folder).survey_settings["Lifestyle"].open == date(2027, 5, 1)


def test_a_slot_opens_when_the_instrument_is_whole_and_the_plan_is_approved(tmp_path):
    folder = danger.program(tmp_path / "program", "phq9", "gad7", "suicidality", "ace", "pcl6")
    assert protocol.check(folder) == []
    assert "ehhwb" in protocol.load(folder).surveys


@pytest.mark.parametrize(
    ("made", "said"),
    [
        ({"approved": False}, "is approved by nobody"),
        ({"plan": False}, "has no response plan: it stays closed"),
    ],
)
def test_no_plan_no_survey(tmp_path, made, said):
    folder = danger.program(tmp_path / "program", "phq9", **made)
    problems = protocol.check(folder)
    assert len(problems) == 1 and said in problems[0].message and "phq9_9" in problems[0].message
    lines = (folder / "surveys.toml").read_text().splitlines()
    entry = lines.index("[surveys.ehhwb]") + 1
    assert problems[0].file == "surveys.toml" and entry <= problems[0].line <= entry + 5


def test_the_plan_must_answer_to_each_dangerous_item(tmp_path):
    folder = danger.program(tmp_path / "program", "phq9", "suicidality")
    danger.change(folder, "safety.toml", '  { code = "ss_2", operator = ">=", value = 1 },\n', "")
    assert ["does nothing about the answers to 'ss_2'" in one.message for one in protocol.check(folder)] == [True]


def spoil_item(folder, code, change):
    path = folder / "surveys" / "ehhwb.json"
    document = json.loads(path.read_text())
    for page in document["item"]:
        for item in page["item"]:
            if item["linkId"] == code:
                change(item, page)
    path.write_text(json.dumps(document))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda item, page: page["item"].remove(item), "the instrument 'phq9' lacks the items phq9_3"),
        (
            lambda item, page: item["answerOption"][1].pop("extension"),
            "the option 'phq9_3_1' of 'phq9_3' has no ordinal",
        ),
        (
            lambda item, page: item["answerOption"][1]["extension"][0].update(valueDecimal=7),
            "has the value 7, not 0 to 3",
        ),
    ],
)
def test_an_instrument_that_is_not_whole(tmp_path, change, said):
    folder = danger.program(tmp_path / "program", "phq9")
    spoil_item(folder, "phq9_3", change)
    problems = protocol.check(folder)
    assert len(problems) == 1 and said in problems[0].message


def test_danger_in_a_survey_of_ones_own_is_marked_and_then_needs_a_plan_too(folder):
    path = folder / "surveys" / "Lifestyle.json"
    document = json.loads(path.read_text())
    question = next(one for page in document["item"] for one in page.get("item", []) if one.get("answerOption"))
    question["answerOption"][0]["extension"] = [{"url": DANGER, "valueCode": "abuse"}]
    path.write_text(json.dumps(document))
    (problem,) = protocol.check(folder)
    assert "has no response plan" in problem.message and question["linkId"].lower() in problem.message
    danger.change(folder, "safety.toml", 'approved_by = ""', danger.APPROVED)
    danger.change(folder, "surveys.toml", "minutes = 6\n", 'minutes = 6\nresponse_plan = "emotional-health"\n')
    assert protocol.check(folder) == []
    assert danger_items(protocol.load(folder).surveys["Lifestyle"].questionnaire).popitem()[1] == "abuse"
