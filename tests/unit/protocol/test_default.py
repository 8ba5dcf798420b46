"""The program that ships is complete, in order, and says what it must."""

import csv
import re

import pytest

from commonweal import protocol
from commonweal.protocol import DEFAULT, SCOPES

PROGRAM = protocol.load(DEFAULT)


def test_nothing_is_wrong_with_it():
    assert protocol.check(DEFAULT) == []


def test_what_it_is():
    assert PROGRAM.languages == ("en", "es")
    assert PROGRAM.program.name["es"] != PROGRAM.program.name["en"]
    assert (PROGRAM.program.goals.people, PROGRAM.program.goals.racial_ethnic_minority_share) == (1_000_000, 0.5)
    assert PROGRAM.program.goals.underrepresented_share == 0.75


def test_who_may_join():
    wanted = {question.id: question.eligible_when for question in PROGRAM.eligibility}
    assert wanted == {"adult": True, "lives_in_us": True, "decides_alone": True, "in_custody": False}


def test_consents_grant_the_scopes_of_the_house():
    assert list(PROGRAM.consents) == ["cabor", "primary", "ehr", "wearables", "results"]
    granted = [scope for module in PROGRAM.consents.values() for scope in module.scopes]
    assert sorted(granted) == sorted(SCOPES)
    assert PROGRAM.consents["primary"].scopes[0] == "participate"
    stands_on = {name: module.requires for name, module in PROGRAM.consents.items()}
    later = dict.fromkeys(("ehr", "wearables", "results"), ("primary",))
    assert stands_on == {"cabor": (), "primary": ("cabor",)} | later
    assert [name for name, module in PROGRAM.consents.items() if module.onboarding] == ["cabor", "primary", "ehr"]


@pytest.mark.parametrize(("module", "screens", "questions"), [("primary", 6, 3), ("ehr", 4, 2), ("results", 2, 1)])
def test_consents_say_the_same_in_both_languages(module, screens, questions):
    for language in ("en", "es"):
        text = PROGRAM.consents[module].current.texts[language]
        assert (len(text.screens), len(text.questions)) == (screens, questions)
        assert re.fullmatch("[0-9a-f]{64}", text.sha256)
        assert all((text.statement, text.agree, text.decline, text.not_sure))
        assert all(question.correct in {option.id for option in question.options} for question in text.questions)
    english, spanish = (PROGRAM.consents[module].current.texts[language] for language in ("en", "es"))
    assert [q.correct for q in english.questions] == [q.correct for q in spanish.questions]
    assert english.sha256 != spanish.sha256


def test_consents_can_be_read_at_eighth_grade():
    for module in PROGRAM.consents.values():
        for form in (module.current.default, *module.current.forms):
            text = form.texts["en"]
            words = "\n".join(f"{screen.title}.\n{screen.body}" for screen in text.screens)
            assert _grade(words) <= 8, (module.id, form.id)


def _grade(text: str) -> float:
    """Flesch-Kincaid grade (Kincaid et al. 1975), syllables counted by vowel groups."""
    words = re.findall(r"[A-Za-z']+", text)
    sentences = [part for part in re.split(r"[.!?]+\s|\n- |\n\n", text) if part.strip()]
    syllables = sum(max(1, len(re.findall(r"[aeiouy]+", re.sub(r"e$", "", word.lower())))) for word in words)
    return 0.39 * len(words) / len(sentences) + 11.8 * syllables / len(words) - 15.59


def test_a_page_is_a_group_with_a_title_in_both_languages():
    for survey in PROGRAM.surveys.values():
        for page in survey.questionnaire.pages():
            assert page.items and page.title("es") and page.title("es") != page.linkId


def test_all_option_words_are_translated_where_they_differ():
    race = PROGRAM.surveys["TheBasics"].questionnaire.items["Race_WhatRaceEthnicity"]
    assert race.options[1].display("es") != race.options[1].display("en")
    assert race.exclusive == {"PMI_PreferNotToAnswer"}


def test_privacy_is_as_the_house_has_it():
    registered = PROGRAM.privacy.registered
    assert (registered.date_shift_days_max, registered.age_cap, registered.small_state) == (364, 89, 200)
    assert (PROGRAM.privacy.disclosure.min_cell, PROGRAM.privacy.disclosure.round_to) == (20, 20)
    assert PROGRAM.privacy.risk.registered.expected_max == 0.09


def test_icd10_cystic_fibrosis_is_no_accident():
    """E84 is a transport accident in ICD-9-CM and cystic fibrosis in ICD-10-CM; a pattern holds for its own vocabulary."""
    rules = PROGRAM.privacy.registered.suppressed_codes
    hit = {r.vocabularies for r in rules if re.match(r.pattern, "E84.0")}
    assert hit == {("ICD9CM",)}


def test_partners_hang_together():
    assert len(PROGRAM.partners.awardees) == 3 and len(PROGRAM.partners.organisations) == 5
    assert len({site.state for site in PROGRAM.sites.values()}) == len(PROGRAM.sites) == 8
    assert all(site.awardee in PROGRAM.partners.awardees for site in PROGRAM.sites.values())


def test_two_hundred_percent_of_the_poverty_guideline():
    """HHS 2024: 200% is $51,640 for three people in the 48 states, $51,080 for two in Alaska."""
    rows = {(row["year"], row["region"]): row for row in PROGRAM.reference["poverty_guidelines"].rows}

    def double(region: str, people: int) -> int:
        row = rows["2024", region]
        return 2 * (int(row["first_person"]) + (people - 1) * int(row["each_additional_person"]))

    assert (double("48", 3), double("AK", 2)) == (51_640, 51_080)


def test_poverty_guidelines_agree_with_the_brackets_of_the_reference(shared_data):
    """The real program's table of the highest bracket that counts: 262 of 264 cells; its two others are its own errors."""
    rows = {(row["year"], row["region"]): row for row in PROGRAM.reference["poverty_guidelines"].rows}
    bounds = next(c.lower_bounds for c in PROGRAM.representation.categories if c.id == "income")
    differ = []
    with (shared_data / "aou" / "derived" / "ubr_income_max_bracket.csv").open(newline="") as file:
        for cell in csv.DictReader(file):
            row = rows[cell["year"], cell["state_group"].replace("Other", "48")]
            people = int(cell["household_size"])
            income = 2 * (int(row["first_person"]) + (people - 1) * int(row["each_additional_person"]))
            highest = max((low, code) for code, low in bounds.items() if low <= income)[1]
            if highest != f"AnnualIncome_{cell['highest_ubr_bracket']}":
                differ.append((cell["state_group"], cell["year"], people))
    assert differ == [("AK", "2024", 2), ("Other", "2024", 3)]


def test_text_falls_back_to_english():
    assert protocol.text({"en": "yes", "es": "sí"}, "es") == "sí"
    assert protocol.text({"en": "yes"}, "es") == "yes"
    assert protocol.text({}, "es") == ""
