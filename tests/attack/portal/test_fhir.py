"""A partner system reaches for other parts' answers over FHIR. Each attack works once its defence is off."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from commonweal.r4.questionnaire import PPI, response_document
from commonweal.ui.context import current_protocol
from commonweal.vault.api import access, tokens
from commonweal.vault.api.fhir import creating, responses
from commonweal.vault.consent.models import ConsentAnswer
from commonweal.vault.people import actions as people
from commonweal.vault.people.models import Participant
from commonweal.vault.surveys import actions
from commonweal.vault.surveys.models import SurveyResponse

pytestmark = pytest.mark.django_db(transaction=True)
QUESTION = "TheBasics_Birthplace"
ANSWERS = {QUESTION: [{"valueCoding": {"system": PPI, "code": "PMI_Other"}}]}


@pytest.fixture
def victim():
    """Somebody of the first site, with one response."""
    program, then = current_protocol(), timezone.now() - timedelta(days=9)
    person = Participant.objects.create(
        participant_id="P111111111", biobank_id="A111111111", origin="import", registered_at=then
    )
    people.pair(person, next(iter(program.sites)), "", source="test")
    ConsentAnswer.objects.create(
        participant=person, module="primary", version="1", content_sha256="0" * 64, language="en", answer="yes",
        scopes="participate recontact surveys", event_time=then, authored_time=then, received_time=then, source="test",
        idempotency_key="consent",
    )  # fmt: skip
    survey = program.surveys["TheBasics"]
    actions.hand_in(person, survey, ANSWERS, language="en", source="portal", authored=then + timedelta(days=1))
    return person


@pytest.fixture
def attacker():
    """A system of the second site, with every right to FHIR."""
    program = current_protocol()
    place, rights = list(program.sites)[1], ("system/Questionnaire.rs", "system/QuestionnaireResponse.crs")
    _, secret = tokens.issue("a", level="site", scope=place, rights=rights, protocol=program)
    return Client(headers={"Authorization": f"Bearer {secret}"})


def body(person):
    survey = current_protocol().surveys["TheBasics"]
    at = timezone.now() - timedelta(days=2)
    document = response_document(
        survey.questionnaire, ANSWERS, language="en", authored=at, identifier=None, status="stopped"
    )
    return json.dumps(document | {"subject": {"reference": f"Patient/{person.uuid}"}})


def found(attacker, victim) -> set[str]:
    """The ways in which the attacker gets at the victim."""
    number = SurveyResponse.objects.get(participant=victim, status="completed").uuid
    sent = attacker.post("/fhir/QuestionnaireResponse", body(victim), content_type="application/fhir+json")
    seen = {
        "read": attacker.get(f"/fhir/QuestionnaireResponse/{number}").status_code == 200,
        "history": attacker.get(f"/fhir/QuestionnaireResponse/{number}/_history/1").status_code == 200,
        "search": "entry" in attacker.get(f"/fhir/QuestionnaireResponse?subject=Patient/{victim.uuid}").json(),
        "by id": "entry" in attacker.get(f"/fhir/QuestionnaireResponse?_id={number}").json(),
        "count": attacker.get("/fhir/QuestionnaireResponse?_summary=count").json()["total"] > 0,
        "create": sent.status_code == 201,
    }
    return {way for way, worked in seen.items() if worked}


def test_another_part_is_out_of_reach(attacker, victim):
    assert found(attacker, victim) == set()


def test_without_the_limit_each_way_works(attacker, victim, monkeypatch):
    for module in (access, responses, creating):
        monkeypatch.setattr(module, "people_of", lambda token: Participant.objects.all())
    assert found(attacker, victim) == {"read", "history", "search", "by id", "count", "create"}


def test_one_refusal_says_no_more_than_another(attacker, victim):
    nobody = type("Nobody", (), {"uuid": "00000000-0000-4000-8000-000000000000"})
    answers = [
        attacker.post("/fhir/QuestionnaireResponse", body(one), content_type="application/fhir+json").content
        for one in (victim, nobody)
    ]
    assert answers[0] == answers[1]


@pytest.mark.parametrize("value", ["' OR 1=1 --", "%00", "🦋" * 100, "\\", "a|b|c", "$ne", "-1", "9" * 400])
def test_odd_values_of_parameters_break_nothing(attacker, value):
    for name in (
        "subject",
        "questionnaire",
        "authored",
        "status",
        "identifier",
        "_id",
        "_lastUpdated",
        "_count",
        "_page",
    ):
        answer = attacker.get("/fhir/QuestionnaireResponse", {name: value})
        assert answer.status_code in (200, 400), (name, answer.status_code)
        assert "entry" not in answer.json()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM surveys_surveyresponse")
        assert cursor.fetchone() is not None
