"""Surveys at the telephone: for whom, by whom, on the person's own draft, and seen by the person afterwards."""

import json
import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from commonweal.audit.models import Event
from commonweal.vault.consent import actions as consent
from commonweal.vault.staff import telephone
from commonweal.vault.staff.roles import MATRIX
from commonweal.vault.surveys.models import SurveyDraft, SurveyResponse

pytestmark = pytest.mark.django_db(transaction=True)
CODE, BIRTHPLACE = "TheBasics", "TheBasics_Birthplace"
HERE = {"shown": BIRTHPLACE, BIRTHPLACE: "Birthplace_USA"}


def call(client, person, **changed):
    told = {"survey": CODE, "language": "es", "checked": "on"} | changed
    return client.post(reverse("phone_begin", args=[person.uuid]), told)


def test_a_survey_told_by_telephone(person, as_person, as_staff):
    one, staff = person(), as_staff("site_staff")
    assert call(staff, one)["Location"] == reverse("phone", args=[CODE])
    page = staff.get(reverse("phone_page", args=[CODE, 1])).content.decode()
    assert "¿En qué país nació usted?" in page and "Inés Rivera" in page
    told = staff.post(reverse("phone_save", args=[CODE]), HERE)
    assert told.status_code == 200 and SurveyDraft.objects.get().author == "telephone"
    assert staff.post(reverse("phone_review", args=[CODE]))["Location"] == reverse("phone_thanks", args=[CODE])
    thanks = staff.get(reverse("phone_thanks", args=[CODE])).content.decode()
    assert "The answers of Inés Rivera are handed in" in thanks  # what staff read
    assert "Gracias. Sus respuestas están entregadas" in thanks and "Your answers" not in thanks  # what they read out
    response = SurveyResponse.objects.get()
    assert (response.author, response.language, response.source) == ("telephone", "es", "staff")
    document = json.loads(response.document)
    assert document["extension"] == [
        {"url": "http://all-of-us.org/fhir/forms/non-participant-author", "valueString": "CATI"}
    ]
    event = Event.objects.get(action="survey.hand-in")
    assert event.actor == Event.objects.get(action="survey.telephone").actor != event.subject
    assert "survey with you by telephone" in as_person(one).get(reverse("seen")).content.decode()


def test_the_persons_own_draft_is_taken_up_and_goes_back_to_them(person, as_person, as_staff):
    one, staff = person(), as_staff("site_staff")
    own = as_person(one)
    own.post(reverse("survey_save", args=[CODE]), HERE)
    call(staff, one)
    race = {"shown": "Race_WhatRaceEthnicity", "Race_WhatRaceEthnicity": "WhatRaceEthnicity_White"}
    staff.post(reverse("phone_save", args=[CODE]), race)
    assert set(SurveyDraft.objects.get().answers) == {BIRTHPLACE, "Race_WhatRaceEthnicity"}
    assert staff.get(reverse("phone_later", args=[CODE]))["Location"] == reverse("staff_person", args=[one.uuid])
    assert staff.get(reverse("phone_page", args=[CODE, 1]))["Location"] == reverse("staff_people")  # the call is over
    own.post(reverse("survey_review", args=[CODE]))
    assert SurveyResponse.objects.get().author == "self"


def test_who_speaks_is_made_sure_first(person, as_staff):
    one, staff = person(), as_staff("site_staff")
    page = call(staff, one, checked="").content.decode()
    assert "make sure first that you speak with the person" in page
    assert staff.get(reverse("phone_page", args=[CODE, 1])).status_code == 302
    assert not Event.objects.filter(action="survey.telephone").exists()


def test_a_call_is_about_one_survey_and_ends(person, as_staff, monkeypatch):
    one, staff = person(), as_staff("site_staff")
    call(staff, one)
    assert staff.get(reverse("phone_page", args=["Lifestyle", 1]))["Location"] == reverse("staff_people")
    assert staff.get(reverse("phone_page", args=[CODE, 1])).status_code == 200
    later = timezone.now() + telephone.LASTS
    monkeypatch.setattr(timezone, "now", lambda: later)
    assert staff.get(reverse("phone_page", args=[CODE, 1])).status_code == 302


def test_whoever_leaves_or_takes_surveys_back_is_asked_nothing_more(person, as_staff):
    one, staff = person(), as_staff("site_staff")
    call(staff, one)
    consent.withdraw(one, source="portal")
    for name, args in (("phone_page", [1]), ("phone_review", [])):
        assert staff.get(reverse(name, args=[CODE, *args])).status_code == 302
    assert staff.post(reverse("phone_save", args=[CODE]), HERE).status_code == 302
    assert not SurveyDraft.objects.exists()
    assert "No survey can be taken now" in staff.get(reverse("phone_begin", args=[one.uuid])).content.decode()


def test_for_ones_own_people_alone(person, as_staff, sites):
    mine, other = person(site=sites[0]), person(email="b@example.org", site=sites[1])
    staff = as_staff("site_staff", sites[0])
    assert call(staff, other).status_code == 404
    assert call(staff, mine).status_code == 302
    assert staff.get(reverse("phone_begin", args=[uuid.UUID(int=5)])).status_code == 404
    staff.account.staff_roles.update(ended_at=timezone.now())
    assert staff.post(reverse("phone_save", args=[CODE]), HERE).status_code == 403


def test_who_may_by_role():
    assert {role for role, may in MATRIX.items() if telephone.PERMISSION in may} == {
        *("site_staff", "org_manager", "awardee_manager", "operator"),
    }


def test_a_page_left_open_from_another_call_saves_nothing_for_this_person(person, as_staff):
    first, second, staff = person(), person(email="b@example.org"), as_staff("site_staff")
    call(staff, first)
    left = staff.get(reverse("phone_page", args=[CODE, 1])).content.decode()
    whose = left.split('name="whose" value="')[1].split('"')[0]
    call(staff, second)
    assert staff.post(reverse("phone_save", args=[CODE]), HERE | {"whose": whose}).status_code == 302
    assert staff.post(reverse("phone_review", args=[CODE]), {"whose": whose})["Location"] == reverse("staff_people")
    assert not SurveyDraft.objects.exists()
    now = staff.get(reverse("phone_page", args=[CODE, 1])).content.decode()
    assert f'value="{whose}"' not in now
