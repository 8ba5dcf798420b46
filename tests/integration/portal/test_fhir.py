"""The FHIR interface for partner systems: forms, responses, their validation, and every way of saying no."""

import json
import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from fhir.resources.R4B import get_fhir_model_class

from commonweal.audit.models import Event
from commonweal.r4.questionnaire import PPI, response_document
from commonweal.vault.api import tokens
from commonweal.vault.api.fhir import door as doors
from commonweal.vault.consent import actions as consent
from commonweal.vault.consent.models import ConsentAnswer
from commonweal.vault.people import actions as people
from commonweal.vault.surveys import actions, current
from commonweal.vault.surveys.models import Form, SurveyResponse

pytestmark = pytest.mark.django_db(transaction=True)
RIGHTS = ("system/Questionnaire.rs", "system/QuestionnaireResponse.crs")
JSON = "application/fhir+json"
BIRTHPLACE = "TheBasics_Birthplace"


class System:
    """A partner system. Every answer with a body is read by an independent library first."""

    def __init__(self, secret):
        self.client = Client(headers={"Authorization": f"Bearer {secret}", "Accept": JSON})

    def get(self, path, **headers):
        return self._checked(self.client.get(f"/fhir/{path}", headers=headers))

    def post(self, path, body, kind=JSON, **headers):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self._checked(self.client.post(f"/fhir/{path}", data, content_type=kind, headers=headers))

    def _checked(self, answer):
        if answer.content:
            assert answer["Content-Type"].startswith(JSON)
            resource = answer.json()
            get_fhir_model_class(resource["resourceType"]).model_validate(resource)
        return answer


@pytest.fixture
def system(protocol):
    def make(level="program", scope="", rights=RIGHTS):
        _, secret = tokens.issue("t", level=level, scope=scope, rights=rights, protocol=protocol)
        return System(secret)

    return make


@pytest.fixture
def basics(protocol):
    return protocol.surveys["TheBasics"]


@pytest.fixture
def response(basics):
    """response(person, **changes) -> a QuestionnaireResponse as a partner sends it."""

    def make(person, code="Birthplace_USA", **changes):
        agreed_earlier(person)
        answers = {BIRTHPLACE: [{"valueCoding": {"system": PPI, "code": code}}]}
        at = changes.pop("authored", timezone.now())
        document = response_document(basics.questionnaire, answers, language="es", authored=at, identifier=None)
        return document | {"subject": {"reference": f"Patient/{person.uuid}"}} | changes

    return make


def agreed_earlier(who):
    """As if the person had agreed years ago: what they answer is older than the test."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE consent_consentanswer SET event_time = %s WHERE participant_id = %s",
            [timezone.now() - timedelta(days=2000), who.pk],
        )


def issues(answer):
    return [(one["severity"], one["code"]) for one in answer.json()["issue"]]


def test_what_it_can_do_is_told_to_everybody():
    answer = System("nobody").get("metadata")
    told = {one["type"]: one for one in answer.json()["rest"][0]["resource"]}
    assert (
        set(told) == {"Questionnaire", "QuestionnaireResponse"} and told["QuestionnaireResponse"]["conditionalCreate"]
    )


def test_forms_are_found_and_read_as_they_stand(system, basics):
    caller = system()
    found = caller.get(f"Questionnaire?url={basics.questionnaire.url}").json()
    (entry,) = found["entry"]
    given = json.loads((basics_file(basics)).read_text())
    assert {k: v for k, v in entry["resource"].items() if k not in ("id", "meta")} == {
        k: v for k, v in given.items() if k not in ("id", "meta")
    }
    number = entry["resource"]["id"]
    answer = caller.get(f"Questionnaire/{number}")
    assert (answer["ETag"], answer.json()) == ('W/"1"', entry["resource"])
    assert caller.get(f"Questionnaire/{number}/_history/1").status_code == 200
    assert caller.get(f"Questionnaire/{number}/_history/2").status_code == 404
    assert caller.get(f"Questionnaire/{number}", **{"If-None-Match": 'W/"1"'}).status_code == 304
    for query, count in {
        "name=thebas": 1,
        "title=Lo": 1,
        "status=retired": 0,
        f"version={basics.version}&name=TheBasics": 1,
        "_lastUpdated=lt2001": 0,
        f"_id={number}": 1,
    }.items():
        assert len(caller.get(f"Questionnaire?{query}").json().get("entry", [])) == count, query


def basics_file(survey):
    from commonweal import protocol

    return protocol.DEFAULT / "surveys" / f"{survey.code}.json"


def test_forms_come_page_by_page(system):
    caller, seen, path = system(), [], "Questionnaire?_count=1"
    for _ in range(50):
        bundle = caller.get(path).json()
        seen += [entry["resource"]["name"] for entry in bundle["entry"]]
        following = [link["url"] for link in bundle["link"] if link["relation"] == "next"]
        if not following:
            break
        path = following[0].split("/fhir/")[1]
    assert len(seen) == len(set(seen)) == Form.objects.count() > 1


def test_a_response_is_kept_once_as_it_was_given(system, person, response):
    caller, one = system(), person()
    text = json.dumps(response(one, identifier={"system": "urn:x", "value": "7"}), indent=3).encode()
    answer = caller.post("QuestionnaireResponse", text)
    assert answer.status_code == 201, answer.content
    kept = SurveyResponse.objects.get()
    assert kept.document.encode() == text and (kept.language, kept.source, kept.status) == ("es", "api", "completed")
    assert answer["Location"].endswith(f"/fhir/QuestionnaireResponse/{kept.uuid}/_history/1")
    again = caller.post("QuestionnaireResponse", text)
    assert (again.status_code, again.json()) == (200, answer.json())
    meanwhile = caller.post(
        "QuestionnaireResponse", response(one, "PMI_Other"), **{"If-None-Exist": "identifier=urn:x|7"}
    )
    assert (meanwhile.status_code, meanwhile.json()["id"]) == (200, str(kept.uuid))
    assert SurveyResponse.objects.count() == 1
    assert caller.get(f"QuestionnaireResponse/{kept.uuid}").json() == answer.json()
    assert answer.json()["meta"]["tag"][0]["code"] == "complete"
    minimal = caller.post("QuestionnaireResponse", text, Prefer="return=minimal")
    assert minimal.content == b"" and minimal["Location"] == answer["Location"]


def test_other_content_under_an_identifier_needs_to_be_a_correction(system, person, response):
    caller, one, mine = system(), person(), {"identifier": {"value": "A"}}
    first = caller.post("QuestionnaireResponse", response(one, **mine)).json()
    clash = caller.post("QuestionnaireResponse", response(one, "PMI_Other", **mine))
    assert clash.status_code == 409 and issues(clash) == [("error", "conflict")]
    amended = caller.post("QuestionnaireResponse", response(one, "PMI_Other", status="amended", **mine))
    assert amended.status_code == 201
    later = SurveyResponse.objects.get(uuid=amended.json()["id"])
    assert str(later.supersedes.uuid) == first["id"]
    wrong = caller.post("QuestionnaireResponse", response(one, "PMI_Other", status="entered-in-error", **mine))
    assert SurveyResponse.objects.get(uuid=wrong.json()["id"]).classification == "invalid"


def test_decimals_come_back_as_they_were_written(system, person, response):
    caller, one = system(), person()
    text = json.dumps(response(one)).replace('"status"', '"extension":[{"url":"urn:x","valueDecimal":1.50}],"status"')
    number = caller.post("QuestionnaireResponse", text.encode()).json()["id"]
    assert b'"valueDecimal":1.50}' in caller.get(f"QuestionnaireResponse/{number}").content


def test_search_narrows_and_goes_page_by_page_without_identifiers(system, person, response):
    caller, one = system(), person()
    other = person(email="b@example.org")
    for number, who in enumerate((one, one, other)):
        body = response(
            who, authored=f"2026-0{number + 1}-05T10:00:00Z", identifier={"system": "urn:x", "value": str(number)}
        )
        assert caller.post("QuestionnaireResponse", body).status_code == 201
    url = response(one)["questionnaire"]
    for query, count in {
        "": 3,
        f"subject=Patient/{one.uuid}": 2,
        f"patient={other.uuid}": 1,
        "authored=ge2026-02-05&authored=lt2026-03": 1,
        "authored=2026-02-05": 1,
        "authored=ge2026-02-05T10:00:00%2B00:00": 2,
        "status=completed,amended": 3,
        "status=amended": 0,
        f"questionnaire={url}": 3,
        "questionnaire=http://nowhere.example/Questionnaire/x": 0,
        "identifier=urn:x|1": 1,
        "identifier=urn:x|9": 0,
        "_lastUpdated=lt2001-01-01": 0,
    }.items():
        bundle = caller.get(f"QuestionnaireResponse?{query}").json()
        assert len(bundle.get("entry", [])) == count, query
    assert caller.get("QuestionnaireResponse?_summary=count").json()["total"] == 3
    form = b"identifier=urn:x|0&_count=1"
    assert len(caller.post("QuestionnaireResponse/_search", form, kind=doors.FORM).json()["entry"]) == 1
    seen, path = [], "QuestionnaireResponse?_count=2&identifier=urn:x|0,urn:x|1,urn:x|2"
    while path:
        bundle = caller.get(path).json()
        seen += [entry["resource"]["id"] for entry in bundle["entry"]]
        following = [link["url"] for link in bundle["link"] if link["relation"] == "next"]
        assert not any("urn" in url or "identifier" in url for url in following)
        path = following[0].split("/fhir/")[1] if following else ""
    assert len(seen) == len(set(seen)) == 3
    assert Event.objects.filter(action="api.responses").exists()


@pytest.mark.parametrize(
    ("change", "code", "says"),
    [
        (
            {"questionnaire": "http://commonweal.example/Questionnaire/TheBasics|99"},
            "not-found",
            "version 99 of it is not",
        ),
        ({"questionnaire": "http://nowhere.example/x"}, "not-found", "no such questionnaire is kept"),
        ({"questionnaire": None}, "required", "name the form"),
        ({"status": "done"}, "value", "status: one of"),
        ({"authored": "2999-01-01T00:00:00Z"}, "business-rule", "in the future"),
        ({"authored": "2024-02"}, "value", "time and offset"),
        ({"subject": {"reference": "Patient/P123456789"}}, "value", "name the participant by their id"),
        ({"subject": {"reference": f"Patient/{uuid.UUID(int=5)}"}}, "not-found", "nobody of your part"),
        ({"resourceType": "Observation"}, "structure", "no FHIR R4 QuestionnaireResponse"),
        ({"group": {"question": []}}, "structure", "DSTU2"),
        ({"item": [{"linkId": "nothing", "answer": [{"valueString": "x"}]}]}, "not-found", "no such item"),
    ],
)
def test_what_is_wrong_is_told_at_its_place(system, person, response, change, code, says):
    body = {key: value for key, value in (response(person()) | change).items() if value is not None}
    answer = system().post("QuestionnaireResponse", body)
    assert answer.status_code == 422 and issues(answer)[0] == ("error", code)
    assert says in answer.json()["issue"][0]["diagnostics"]
    assert not SurveyResponse.objects.exists()
    assert Event.objects.filter(action="survey.refused").count() == 1


def answered(link, group, **value):
    return [{"linkId": group, "item": [{"linkId": link, "answer": [value]}]}]


def test_all_faults_of_answers_are_told_at_once(system, person, response, basics):
    one, caller = person(), system()
    items = answered(BIRTHPLACE, "TheBasics_Origins", valueCoding={"system": PPI, "code": "Mars"})
    number = next(i for i in basics.questionnaire.items.values() if i.type in ("integer", "decimal"))
    items += [nested(basics, number.link_id, {"valueString": "1,5"})]
    body = response(one, item=items)
    validated = caller.post("QuestionnaireResponse/$validate", body)
    assert validated.status_code == 200 and ("error", "code-invalid") in issues(validated)
    refused = caller.post("QuestionnaireResponse", body)
    assert refused.status_code == 422 and issues(refused) == issues(validated) and len(issues(refused)) >= 2
    assert b"Mars" not in refused.content and b"1,5" not in refused.content
    wrapped = {"resourceType": "Parameters", "parameter": [{"name": "resource", "resource": response(one)}]}
    assert issues(caller.post("QuestionnaireResponse/$validate", wrapped)) == [("information", "informational")]
    assert not SurveyResponse.objects.exists()


def nested(survey, link, answer):
    """The item of an answer, inside the groups that hold its question."""
    item = {"linkId": link, "answer": [answer]}
    parent = survey.questionnaire.items[link].parent
    while parent:
        item = {"linkId": parent, "item": [item]}
        parent = survey.questionnaire.items[parent].parent
    return item


def test_forms_are_validated_without_being_kept(system):
    caller = system()
    good = {
        "resourceType": "Questionnaire",
        "status": "active",
        "item": [{"linkId": "a", "type": "string", "text": "A?"}],
    }
    assert issues(caller.post("Questionnaire/$validate", good)) == [("information", "informational")]
    bad = good | {"item": good["item"] * 2}
    assert ("error", "business-rule") in issues(caller.post("Questionnaire/$validate", bad))
    assert issues(caller.post("Questionnaire/$validate", {"resourceType": "Patient"})) == [("error", "structure")]
    assert not Form.objects.exists()


def test_nothing_is_taken_beyond_the_grants_in_force(system, person, response):
    caller = system()
    never = person(so_far="profile", email="never@example.org")
    gone = person(email="gone@example.org")
    kept = caller.post("QuestionnaireResponse", response(gone)).json()["id"]
    consent.withdraw(gone, source="portal")
    for who in (never, gone):
        answer = caller.post("QuestionnaireResponse", response(who))
        assert answer.status_code == 403 and issues(answer) == [("error", "forbidden")]
    assert caller.get(f"QuestionnaireResponse/{kept}").status_code == 410
    assert "entry" not in caller.get("QuestionnaireResponse").json()
    assert Event.objects.filter(action="survey.refused").count() == 2


def no_more_surveys(who):
    """The person takes back the one permission, and stays."""
    now = timezone.now()
    times = {"event_time": now, "authored_time": now, "received_time": now}
    ConsentAnswer.objects.create(
        participant=who, module="primary", version="1", content_sha256="0" * 64, language="en", answer="no",
        scopes="surveys", source="portal", idempotency_key=f"no {who.pk}", **times,
    )  # fmt: skip


def test_answers_are_given_out_only_while_their_person_shares_them(system, person, response):
    caller, stays, stops = system(), person(email="stays@example.org"), person(email="stops@example.org")
    identifier = {"identifier": {"system": "urn:theirs", "value": "7"}}
    sent = response(stops) | identifier
    again = {"If-None-Exist": "identifier=urn:theirs|7"}
    kept, other = (caller.post("QuestionnaireResponse", one).json()["id"] for one in (sent, response(stays)))
    no_more_surveys(stops)
    told = caller.get(f"QuestionnaireResponse/{kept}")
    assert told.status_code == 410 and issues(told) == [("error", "deleted")]
    for query in ("", f"?_id={kept},{other}", "?_total=accurate", f"?patient={stops.uuid},{stays.uuid}"):
        bundle = caller.get(f"QuestionnaireResponse{query}").json()
        assert [entry["resource"]["id"] for entry in bundle["entry"]] == [other]
        assert bundle.get("total", 1) == 1
    assert caller.get("QuestionnaireResponse?_summary=count").json()["total"] == 1
    resent = caller.post("QuestionnaireResponse", sent, **again)
    assert resent.status_code == 200 and resent.json()["resourceType"] == "OperationOutcome"
    assert [one.pk for one in current.counted(participant=stops)]  # their own pages and copies still have it


def test_another_part_of_the_program_sees_and_gives_nothing(system, person, response, sites):
    ours, theirs = system("site", sites[0]), system("site", sites[1])
    one = person(site=sites[0])
    number = ours.post("QuestionnaireResponse", response(one)).json()["id"]
    assert ours.get(f"QuestionnaireResponse/{number}").status_code == 200
    nobody = theirs.get(f"QuestionnaireResponse/{uuid.UUID(int=9)}")
    assert (theirs.get(f"QuestionnaireResponse/{number}").content, nobody.status_code) == (nobody.content, 404)
    for query in ("", f"?subject={one.uuid}", f"?_id={number}", "?_summary=count"):
        bundle = theirs.get(f"QuestionnaireResponse{query}").json()
        assert "entry" not in bundle and not bundle.get("total")
    assert theirs.post("QuestionnaireResponse", response(one)).status_code == 422
    ours.post("QuestionnaireResponse", response(one, "PMI_Other"))
    page = next(
        link["url"] for link in ours.get("QuestionnaireResponse?_count=1").json()["link"] if link["relation"] == "next"
    )
    assert theirs.get(page.split("/fhir/")[1]).status_code == 400
    people.pair(one, sites[1], "", source="test")
    assert ours.get(f"QuestionnaireResponse/{number}").status_code == 404


@pytest.mark.parametrize(
    ("rights", "refused"),
    [
        (("system/Questionnaire.rs",), {"read", "search", "create", "validate"}),
        (("system/QuestionnaireResponse.c",), {"read", "search", "forms"}),
        (("system/QuestionnaireResponse.rs",), {"create", "forms"}),
        (("participants.read",), {"read", "search", "create", "validate", "forms"}),
    ],
)
def test_each_letter_of_a_right_opens_its_own_door(system, person, response, rights, refused):
    body = response(person())
    kept = system().post("QuestionnaireResponse", body).json()["id"]
    caller = system(rights=rights)
    asked = {
        "read": lambda: caller.get(f"QuestionnaireResponse/{kept}"),
        "search": lambda: caller.get("QuestionnaireResponse"),
        "create": lambda: caller.post("QuestionnaireResponse", body),
        "validate": lambda: caller.post("QuestionnaireResponse/$validate", body),
        "forms": lambda: caller.get("Questionnaire"),
    }
    assert {name for name, ask in asked.items() if ask().status_code == 403} == refused


def test_every_refusal_is_an_outcome(system, monkeypatch):
    caller = system()
    assert System("cwp_wrong").get("QuestionnaireResponse").status_code == 401
    assert "Bearer" in System("x").get("Questionnaire")["WWW-Authenticate"]
    assert caller.get("Patient").status_code == 404 and caller.get("").status_code == 404
    gone = caller.client.delete("/fhir/QuestionnaireResponse")
    assert gone.status_code == 405 and gone["Allow"] == "GET, POST" and issues(gone) == [("error", "not-supported")]
    assert caller.get("Questionnaire", Accept="application/fhir+xml").status_code == 406
    assert caller.get("Questionnaire?_format=xml").status_code == 406
    assert caller.post("QuestionnaireResponse", b"<x/>", kind="application/xml").status_code == 415
    assert caller.post("QuestionnaireResponse", b'{"resourceType": "Questionn').status_code == 400
    assert caller.post("QuestionnaireResponse", b'{"a": "\xff"}').status_code == 400
    assert caller.post("QuestionnaireResponse", b"[" * 5000).status_code == 400
    assert caller.post("QuestionnaireResponse", json.dumps({"a": "x" * 1_000_000}).encode()).status_code == 413
    assert caller.get("QuestionnaireResponse?authored=soon").status_code == 400
    assert caller.get("QuestionnaireResponse?_count=many").status_code == 400
    assert caller.get("QuestionnaireResponse?_page=made-up").status_code == 400
    assert caller.get("QuestionnaireResponse?colour=red").json()["entry"][0]["search"]["mode"] == "outcome"
    assert caller.get("QuestionnaireResponse?colour=red", Prefer="handling=strict").status_code == 400
    assert caller.post("QuestionnaireResponse", {}, **{"If-None-Exist": "status=x"}).status_code in (412, 422)
    monkeypatch.setattr(doors, "A_MINUTE", 0)
    slow = caller.get("Questionnaire")
    assert (slow.status_code, slow["Retry-After"]) == (429, "60")


def test_answers_of_the_portal_are_there_too(system, person, basics):
    one = person()
    actions.hand_in(
        one, basics, {BIRTHPLACE: [{"valueCoding": {"system": PPI, "code": "PMI_Other"}}]},
        language="en", source="staff", author="telephone",
    )  # fmt: skip
    found = system().get(f"QuestionnaireResponse?subject={one.uuid}").json()["entry"][0]["resource"]
    assert found["subject"] == {"reference": f"Patient/{one.uuid}"}
    assert found["extension"] == [
        {"url": "http://all-of-us.org/fhir/forms/non-participant-author", "valueString": "CATI"}
    ]
    assert one.participant_id not in json.dumps(found)


MOST_QUERIES = 16  # of one response over HTTP, the transaction's begin and end and PostgreSQL's lock among them


def test_a_response_asks_little_of_the_database_whatever_was_said_before(system, person, response):
    ours, me, counts = system(), person("primary"), []
    for day in range(4, 0, -1):
        sent = response(me, authored=timezone.now() - timedelta(days=day), identifier={"value": f"q{day}"})
        with CaptureQueriesContext(connection) as asked:
            assert ours.post("QuestionnaireResponse", sent).status_code == 201
        counts.append(len(asked))
    kinds = SurveyResponse.objects.order_by("id").values_list("classification", flat=True)
    assert list(kinds) == ["complete", "duplicate", "duplicate", "duplicate"]
    assert max(counts[1:]) <= MOST_QUERIES, counts
