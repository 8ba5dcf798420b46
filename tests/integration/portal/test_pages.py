"""The portal's pages with a real database: what they take, what they refuse, and how they say it."""

import json
import re

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from pyroaring import BitMap

from commonweal.vault.consent import actions as consent
from commonweal.vault.consent.grants import withdrawn_at
from commonweal.vault.consent.models import ConsentAnswer
from commonweal.vault.people.models import Participant
from commonweal.vault.surveys.models import SurveyDraft, SurveyResponse
from commonweal.vault.times import moment
from commonweal.vault.voice.models import ReleaseRoll

pytestmark = pytest.mark.django_db(transaction=True)


def read_through(client, protocol, module, language="en"):
    """Open every screen of a module and answer its questions rightly."""
    text = protocol.consents[module].current.texts[language]
    for number in range(1, len(text.screens) + 1):
        assert client.get(reverse("consent_screen", args=[module, number])).status_code == 200
    if text.questions:
        client.post(reverse("consent_check", args=[module]), {q.id: q.correct for q in text.questions})
    return text


def test_health_of_the_process():
    assert Client().get("/healthz").json() == {"ok": True}
    assert Client().get("/readyz").json()["database"] == "reachable"


def test_signing_up_makes_a_participant_in_the_language_of_the_page(client):
    client.cookies["portal_language"] = "es"
    answer = client.post(reverse("account_signup"), {"email": "eva@example.org", "password1": "siete garzas quietas"})
    assert answer["Location"] == reverse("account_email_verification_sent")
    assert not Participant.objects.exists()
    code = re.search(r"\d{4}-\d{4}", mail.outbox[0].body)[0]
    answer = client.post(answer["Location"], {"code": code})
    assert answer["Location"] == reverse("next")
    person = Participant.objects.get()
    assert (person.account.email, person.account.language, person.origin) == ("eva@example.org", "es", "portal")
    assert client.get(reverse("next"))["Location"] == reverse("eligibility")


def test_the_language_comes_back_at_log_in(person, as_person):
    one = person("account")
    as_person(one).post(reverse("set_language"), {"language": "es", "next": "/"})
    fresh = Client()
    fresh.post(reverse("account_login"), {"login": "ines@example.org", "password": "seven quiet herons"})
    assert "Inicio" in fresh.get(reverse("home")).content.decode()


def test_not_eligible_says_why_and_lets_one_answer_again(person, as_person, protocol):
    client = as_person(person("account"))
    answers = {q.id: "yes" if q.eligible_when else "no" for q in protocol.eligibility}
    first = protocol.eligibility[0]
    wrong = answers | {first.id: "no" if first.eligible_when else "yes"}
    answer = client.post(reverse("eligibility"), wrong, follow=True)
    assert answer.redirect_chain[-1][0] == reverse("not_eligible")
    assert first.reason["en"] in answer.content.decode().replace("&#x27;", "'")
    assert client.post(reverse("eligibility"), answers)["Location"] == reverse("next")
    assert client.get(reverse("next"))["Location"] == reverse("about_you")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"birth_day": "31", "birth_month": "2"}, "no such day"),
        ({"birth_year": "2099"}, "still to come"),
        ({"birth_year": "2015"}, "younger than 18"),
        ({"zip": "6060"}, "five digits"),
        ({"phone": "call me"}, "area code"),
        ({"given_name": " "}, "required"),
    ],
)
def test_about_you_says_what_is_wrong_and_saves_nothing(person, as_person, sites, changed, said):
    one = person("eligible")
    answer = as_person(one).post(reverse("about_you"), ABOUT | {"site": sites[0]} | changed)
    assert answer.status_code == 200
    page = answer.content.decode()
    assert said in page
    assert 'class="summary"' in page
    assert not one.profiles.exists()


ABOUT = {
    "given_name": "Inés",
    "family_name": "Rivera",
    "birth_day": "27",
    "birth_month": "8",
    "birth_year": "1961",
    "sex_at_birth": "female",
    "phone": "",
    "address_line": "1450 W Harrison St",
    "city": "Chicago",
    "state": "IL",
    "zip": "60607",
}


def test_about_you_is_kept_and_a_change_is_a_new_fact(person, as_person, sites):
    one = person("eligible")
    client = as_person(one)
    client.post(reverse("about_you"), ABOUT | {"site": sites[0]})
    client.post(reverse("about_you"), ABOUT | {"site": sites[1], "city": "Evanston"})
    assert [p.city for p in one.profiles.order_by("id")] == ["Chicago", "Evanston"]
    assert [p.site for p in one.pairings.order_by("id")] == [sites[0], sites[1]]


def test_nobody_signs_what_they_have_not_read(person, as_person, protocol):
    client = as_person(person("profile"))
    sign = reverse("consent_sign", args=["primary"])
    assert client.get(sign)["Location"] == reverse("consent_screen", args=["primary", 1])
    text = protocol.consents["primary"].current.texts["en"]
    client.post(sign, {"answer": "yes", "signed_name": "Inés Rivera", "content_sha256": text.sha256})
    assert not ConsentAnswer.objects.exists()
    for number in range(1, len(text.screens) + 1):
        client.get(reverse("consent_screen", args=["primary", number]))
    assert client.get(sign)["Location"] == reverse("consent_check", args=["primary"])


def test_a_wrong_answer_teaches_and_may_be_tried_again(person, as_person, protocol):
    client = as_person(person("profile"))
    text = protocol.consents["primary"].current.texts["en"]
    for number in range(1, len(text.screens) + 1):
        client.get(reverse("consent_screen", args=["primary", number]))
    right = {q.id: q.correct for q in text.questions}
    first = text.questions[0]
    wrong = right | {first.id: next(o.id for o in first.options if o.id != first.correct)}
    check = reverse("consent_check", args=["primary"])
    page = client.post(check, wrong).content.decode().replace("&#x27;", "'")
    assert first.teach in page
    assert client.post(check, right)["Location"] == reverse("consent_sign", args=["primary"])


def test_reading_in_one_language_does_not_count_for_another(person, as_person, protocol):
    client = as_person(person("profile"))
    read_through(client, protocol, "primary", "en")
    assert client.get(reverse("consent_sign", args=["primary"])).status_code == 200
    client.cookies["portal_language"] = "es"
    assert client.get(reverse("consent_sign", args=["primary"]))["Location"] == reverse(
        "consent_screen", args=["primary", 1]
    )


@pytest.mark.parametrize("name", ["Inés Rivera", "ines  rivera", "INÉS RIVERA "])
def test_a_signature_is_bound_to_the_text_that_was_shown(person, as_person, protocol, name):
    one = person("profile")
    client = as_person(one)
    text = read_through(client, protocol, "primary")
    sign = {"answer": "yes", "signed_name": name, "content_sha256": text.sha256}
    assert client.post(reverse("consent_sign", args=["primary"]), sign)["Location"] == reverse("next")
    answer = one.consent_answers.get()
    assert (answer.answer, answer.content_sha256, answer.language) == ("yes", text.sha256, "en")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"signed_name": ""}, "please type your full name"),
        ({"signed_name": "Somebody Else"}, "is Inés Rivera"),
        ({"content_sha256": "0" * 64}, "The text has changed"),
    ],
)
def test_a_signature_that_does_not_hold_is_refused(person, as_person, protocol, changed, said):
    one = person("profile")
    client = as_person(one)
    text = read_through(client, protocol, "primary")
    sign = {"answer": "yes", "signed_name": "Inés Rivera", "content_sha256": text.sha256} | changed
    page = client.post(reverse("consent_sign", args=["primary"]), sign, follow=True).content.decode()
    assert said in page
    assert not one.consent_answers.exists()


@pytest.mark.parametrize("answer", ["no", "not_sure"])
def test_no_and_not_sure_need_no_signature_and_close_nothing(person, as_person, protocol, answer):
    one = person("primary")
    client = as_person(one)
    text = read_through(client, protocol, "ehr")
    client.post(reverse("consent_sign", args=["ehr"]), {"answer": answer, "content_sha256": text.sha256})
    assert one.consent_answers.get(module="ehr").answer == answer
    page = client.get(reverse("home")).content.decode()
    assert reverse("survey", args=["TheBasics"]) in page


def test_health_records_wait_for_the_first_consent(person, as_person):
    client = as_person(person("profile"))
    assert client.get(reverse("consent", args=["ehr"]))["Location"] == reverse("next")
    assert client.get(reverse("next"))["Location"] == reverse("consent", args=["primary"])


def test_no_survey_without_consent(person, as_person):
    client = as_person(person("profile"))
    assert client.get(reverse("survey", args=["TheBasics"]))["Location"] == reverse("next")
    assert client.post(reverse("survey_page", args=["TheBasics", 1]), {"go": "next"})["Location"] == reverse("next")
    assert not SurveyDraft.objects.exists()


def test_a_question_that_follows_from_an_answer_is_shown_before_one_goes_on(person, as_person, protocol):
    client = as_person(person())
    form = protocol.surveys["TheBasics"].questionnaire
    question = form.items["Race_WhatRaceEthnicity"]
    number = next(n for n, page in enumerate(form.pages(), 1) if question in page.items)
    address = reverse("survey_page", args=["TheBasics", number])
    hispanic = {"Race_WhatRaceEthnicity": "WhatRaceEthnicity_Hispanic", "shown": "Race_WhatRaceEthnicity", "go": "next"}
    answer = client.post(address, hispanic)
    assert answer["Location"] == f"{address}#q-Hispanic_HispanicSpecific"
    assert 'name="Hispanic_HispanicSpecific"' in client.get(address).content.decode()
    seen = hispanic | {"shown": ["Race_WhatRaceEthnicity", "Hispanic_HispanicSpecific"]}
    assert client.post(address, seen)["Location"] == reverse("survey_page", args=["TheBasics", number + 1])


def test_answers_that_no_longer_apply_are_dropped(person, as_person, protocol):
    client = as_person(person())
    form = protocol.surveys["TheBasics"].questionnaire
    number = next(n for n, p in enumerate(form.pages(), 1) if form.items["Race_WhatRaceEthnicity"] in p.items)
    address = reverse("survey_page", args=["TheBasics", number])
    both = ["Race_WhatRaceEthnicity", "Hispanic_HispanicSpecific"]
    given = {"Race_WhatRaceEthnicity": "WhatRaceEthnicity_Hispanic", "shown": both, "go": "later"}
    client.post(address, given)
    client.post(address, given | {"Hispanic_HispanicSpecific": "HispanicSpecific_Mexican"})
    assert set(SurveyDraft.objects.get().answers) == set(both)
    client.post(address, given | {"Race_WhatRaceEthnicity": "WhatRaceEthnicity_White"})
    assert set(SurveyDraft.objects.get().answers) == {"Race_WhatRaceEthnicity"}


@pytest.mark.parametrize(
    ("typed", "said"), [("many", "write a number"), ("2.5", "whole number"), ("100", "from 0 to 99")]
)
def test_a_number_that_cannot_be_is_said_at_the_field_and_the_rest_is_kept(person, as_person, protocol, typed, said):
    client = as_person(person())
    form = protocol.surveys["TheBasics"].questionnaire
    number = next(n for n, p in enumerate(form.pages(), 1) if form.items["LivingSituation_HowManyPeople"] in p.items)
    posted = {
        "LivingSituation_HowManyPeople": typed,
        "LivingSituation_PeopleUnder18": "1",
        "shown": ["LivingSituation_HowManyPeople", "LivingSituation_PeopleUnder18"],
        "go": "next",
    }
    answer = client.post(reverse("survey_page", args=["TheBasics", number]), posted)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert said in page
    assert f'value="{typed}"' in page
    assert SurveyDraft.objects.get().answers == {"LivingSituation_PeopleUnder18": [{"valueInteger": 1}]}


def test_an_answer_that_stands_alone_is_not_mixed(person, as_person, protocol):
    client = as_person(person())
    form = protocol.surveys["TheBasics"].questionnaire
    question = next(item for item in form.items.values() if item.exclusive and item.several and not item.enable_when)
    number = next(n for n, page in enumerate(form.pages(), 1) if question in page.items)
    alone = next(iter(question.exclusive))
    other = next(option.code for option in question.options if option.code != alone)
    posted = {question.link_id: [alone, other], "shown": question.link_id, "go": "next"}
    page = client.post(reverse("survey_page", args=["TheBasics", number]), posted).content.decode()
    assert "excludes the others" in page


def test_handing_in_makes_a_fact_and_ends_the_draft(person, as_person):
    client = as_person(person())
    client.post(
        reverse("survey_page", args=["TheBasics", 1]),
        {"TheBasics_Birthplace": "Birthplace_USA", "shown": "TheBasics_Birthplace", "go": "later"},
    )
    assert client.post(reverse("survey_review", args=["TheBasics"]))["Location"] == reverse(
        "survey_thanks", args=["TheBasics"]
    )
    document = json.loads(SurveyResponse.objects.get().document)
    assert document["resourceType"] == "QuestionnaireResponse"
    assert not SurveyDraft.objects.exists()
    shown = client.get(reverse("data_response", args=[SurveyResponse.objects.get().uuid]))
    assert "United States" in shown.content.decode()


def test_home_names_the_releases_that_hold_me(person, as_person):
    one, other = person(), person(email="b@example.org")
    when = moment("2026-10-01T12:00:00Z", "")
    roll = {"tier": "registered", "data_cutoff": "2026-09-30", "published_at": when}
    ReleaseRoll.objects.create(release="2026Q3R1", members=BitMap([one.pk]).serialize(), **roll)
    ReleaseRoll.objects.create(release="2026Q3R2", members=BitMap([other.pk]).serialize(), **roll)
    ReleaseRoll.objects.create(release="2026Q3R3", members=BitMap([one.pk]).serialize(), retracted_at=when, **roll)
    page = as_person(one).get(reverse("home")).content.decode()
    assert "2026Q3R1" in page
    assert "2026Q3R2" not in page
    assert page.count("taken back") == 1


def test_my_data_as_a_file_holds_everything_and_is_not_kept(person, as_person):
    one = person()
    answer = as_person(one).get(reverse("data_download"))
    held = answer.json()
    assert held["participant_id"] == one.participant_id
    assert held["profile"]["family_name"] == "Rivera"
    assert [c["module"] for c in held["consents"]] == ["primary", "ehr"]
    assert answer["Cache-Control"] == "no-store"
    assert one.participant_id not in answer["Content-Disposition"]


def test_my_data_shows_the_consent_as_it_was_read(person, as_person, protocol):
    page = as_person(person()).get(reverse("data_consents")).content.decode().replace("&#x27;", "'")
    text = protocol.consents["primary"].current.texts["en"]
    assert text.sha256 in page
    assert all(screen.title in page for screen in text.screens)


def test_leaving_asks_once_and_is_final(person, as_person):
    one = person()
    client = as_person(one)
    assert "Tick the box" in client.post(reverse("withdraw")).content.decode()
    assert withdrawn_at(one) is None
    client.post(reverse("withdraw"), {"sure": "on"})
    assert withdrawn_at(one) is not None
    page = client.get(reverse("home"), follow=True).content.decode()
    assert "You have left the program" in page
    for shut in (reverse("survey", args=["TheBasics"]), reverse("consent", args=["ehr"]), reverse("next")):
        assert client.get(shut)["Location"] == reverse("leaving_receipt")


def test_days_are_those_of_the_place_where_one_lives(person, as_person, protocol, sites):
    """A yes late in the evening counts for that day, though it is the next one in UTC."""
    site = next(s for s in protocol.sites.values() if s.timezone.startswith("America/"))
    one = person("profile", site=site.id)
    text = protocol.consents["primary"].current.texts["en"]
    evening = moment("2026-03-14T23:30:00-04:00" if "New_York" in site.timezone else "2026-03-14T22:30:00-05:00", "")
    consent.answer_module(
        one,
        "primary",
        "yes",
        language="en",
        signed_name="Inés Rivera",
        content_sha256=text.sha256,
        protocol=protocol,
        source="test",
        authored=evening,
    )
    page = as_person(one).get(reverse("home")).content.decode()
    assert "March 14, 2026" in page
    assert "March 15, 2026" not in page


def test_no_page_carries_style_or_script_of_its_own(person, as_person):
    """The content security policy allows files of this site only; so pages hold none inline."""
    client = as_person(person())
    for name in ("landing", "learn", "home", "data", "about_you", "withdraw"):
        answer = client.get(reverse(name))
        page = answer.content.decode()
        assert "default-src 'self'" in answer["Content-Security-Policy"]
        assert "unsafe" not in answer["Content-Security-Policy"]
        assert not re.search(r"<style|<script(?![^>]*src=)|\sstyle=|\son\w+=", page), name


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_page_of_an_error_is_marked_with_the_language_that_it_is_in(language, monkeypatch):
    client = Client(enforce_csrf_checks=True, raise_request_exception=False, headers={"Accept-Language": language})
    refused = client.post(reverse("account_login"), {"login": "a", "password": "b"})
    monkeypatch.setattr("commonweal.vault.journey.views.open.render", None)
    broken = client.get(reverse("join"))
    assert (refused.status_code, broken.status_code) == (403, 500)
    for answer in (refused, broken):
        assert f'<html lang="{language}">' in answer.content.decode()
