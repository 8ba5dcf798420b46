"""The machine interface for partner systems: whose people, which rights, locking, files and the feed."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta

import pytest
from django.db import OperationalError, connection
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from commonweal.errors import BadInput
from commonweal.vault.api import imports, tokens
from commonweal.vault.api.models import ImportJob
from commonweal.vault.consent import actions as consent
from commonweal.vault.consent import decease
from commonweal.vault.people import actions as people
from commonweal.vault.people import changes
from commonweal.vault.people.current import current_pairing
from commonweal.vault.people.models import Account, Participant

pytestmark = pytest.mark.django_db(transaction=True)


class Caller:
    """A partner system: JSON in, JSON out."""

    def __init__(self, secret):
        self.client = Client(headers={"Authorization": f"Bearer {secret}"})

    def get(self, path, **headers):
        return self.client.get(f"/api{path}", headers=headers)

    def send(self, method, path, body, kind="application/json", **headers):
        data = body if isinstance(body, bytes) else json.dumps(body)
        return getattr(self.client, method)(f"/api{path}", data, content_type=kind, headers=headers)


@pytest.fixture
def caller(protocol):
    """caller(level, scope, rights) -> a partner system with a token of its own."""

    def make(level="program", scope="", rights=tokens.RIGHTS, days=1):
        _, secret = tokens.issue("test", level=level, scope=scope, rights=rights, protocol=protocol, days=days)
        return Caller(secret)

    return make


def tasks(backend):
    return {"default": {"BACKEND": f"django_tasks.backends.{backend}Backend"}}


@pytest.fixture
def immediately():
    with override_settings(TASKS=tasks("immediate.Immediate")):
        yield


def test_without_a_token_in_force_nothing_is_said(caller, protocol):
    token, secret = tokens.issue("t", level="program", scope="", rights=tokens.RIGHTS, protocol=protocol)
    assert Client().get("/api/changes").status_code == 401
    assert Caller("cwp_wrong").get("/changes").status_code == 401
    assert Caller(secret).get("/changes").status_code == 200
    tokens.revoke(token)
    assert Caller(secret).get("/changes").status_code == 401
    tokens.PartnerToken.objects.filter(pk=token.pk).update(revoked_at=None, expires_at=timezone.now())
    assert Caller(secret).get("/changes").status_code == 401


def test_the_secret_is_kept_nowhere(protocol):
    token, secret = tokens.issue("t", level="program", scope="", rights=tokens.RIGHTS, protocol=protocol)
    assert secret not in json.dumps(list(tokens.PartnerToken.objects.values()), default=str)
    assert len(secret) > 40


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"level": "site", "scope": "nowhere"}, "no such level or scope"),
        ({"level": "program", "scope": "x"}, "no such level or scope"),
        ({"rights": ["everything"]}, "rights are among"),
        ({"rights": []}, "rights are among"),
        ({"days": 0}, "days"),
        ({"name": " "}, "give it a name"),
    ],
)
def test_a_token_for_what_there_is_not_is_refused(protocol, given, said):
    asked = {"name": "t", "level": "program", "scope": "", "rights": tokens.RIGHTS, "protocol": protocol} | given
    with pytest.raises(BadInput, match=said):
        tokens.issue(asked.pop("name"), **asked)


@pytest.mark.parametrize("right", tokens.RIGHTS)
def test_each_door_needs_its_own_right(caller, person, right):
    one = person()
    doors = {
        tokens.PARTICIPANTS_READ: ("get", f"/participants/{one.uuid}", None),
        tokens.SUMMARY_READ: ("get", f"/participants/{one.uuid}/summary", None),
        tokens.PAIRING_WRITE: ("put", f"/participants/{one.uuid}/pairing", {}),
        tokens.CHANGES_READ: ("get", "/changes", None),
        tokens.PARTICIPANTS_IMPORT: ("post", "/imports", b"x"),
    }
    system = caller(rights=[right])
    for needed, (method, path, body) in doors.items():
        extra = {"If-Match": "*"}
        answer = system.get(path) if method == "get" else system.send(method, path, body, **extra)
        assert (answer.status_code == 403) == (needed != right), (needed, answer.content)


def test_a_part_of_the_program_sees_its_people_and_no_others(caller, person, protocol, sites):
    mine, other = person(site=sites[0]), person(email="o@example.org", site=sites[-1])
    alone = people.register(Account.objects.create_user("alone@example.org", "seven quiet herons"), language="en")
    organisation, awardee = protocol.sites[sites[0]].organisation, protocol.sites[sites[0]].awardee
    for level, scope in (("site", sites[0]), ("organisation", organisation), ("awardee", awardee)):
        system = caller(level, scope)
        assert system.get(f"/participants/{mine.uuid}").status_code == 200
        for hidden in (other, alone):
            said = system.get(f"/participants/{hidden.uuid}")
            nobody = system.get("/participants/00000000-0000-4000-8000-000000000000")
            assert (said.status_code, said.content) == (404, nobody.content)
        assert [row["id"] for row in system.get("/summaries").json()["participants"]] == [str(mine.uuid)]
    assert len(caller().get("/summaries").json()["participants"]) == 3


def test_who_moves_away_is_seen_no_longer(caller, person, sites):
    one, system = person(site=sites[0]), caller("site", sites[0])
    assert system.get(f"/participants/{one.uuid}").status_code == 200
    people.pair(one, sites[1], source="test")
    assert system.get(f"/participants/{one.uuid}").status_code == 404


def test_people_are_found_by_exact_ids_in_the_body(caller, person):
    one, system = person(), caller()
    found = system.send("post", "/participants/find", {"participantId": one.participant_id})
    assert found.json()["id"] == str(one.uuid)
    assert found["ETag"] == f'W/"{changes.version(one)}"'
    assert system.send("post", "/participants/find", {"participantId": "P999999999"}).status_code == 404
    assert system.send("post", "/participants/find", {}).status_code == 422
    assert system.send("post", "/participants/find", {"participantId": one.participant_id[:5]}).status_code == 404


def test_pairing_at_the_lowest_level_given_wins(caller, person, protocol, sites):
    one, system = person(site=sites[0]), caller()
    path, other = f"/participants/{one.uuid}/pairing", protocol.sites[sites[-1]]

    def put(**body):
        return system.send("put", path, body, **{"If-Match": "*"}).json()

    said = put(site=other.id, organization="ignored", awardee="ignored")
    assert (said["site"], said["organization"], said["awardee"]) == (other.id, other.organisation, other.awardee)
    said = put(organization=other.organisation)
    assert (said["site"], said["organization"], said["awardee"]) == ("", other.organisation, other.awardee)
    said = put(awardee=other.awardee)
    assert (said["site"], said["organization"], said["awardee"]) == ("", "", other.awardee)


def test_a_body_without_levels_does_not_unpair(caller, person, sites):
    one = person(site=sites[0])
    answer = caller().send("put", f"/participants/{one.uuid}/pairing", {"providerLink": "null"}, **{"If-Match": "*"})
    assert answer.json()["site"] == sites[0]
    assert one.pairings.count() == 1


def test_a_writer_says_which_version_it_saw_and_the_second_of_two_is_refused(caller, person, sites):
    one, system = person(site=sites[0]), caller()
    path, body = f"/participants/{one.uuid}/pairing", {"site": sites[1]}
    assert system.send("put", path, body).status_code == 428
    assert system.send("put", path, body, **{"If-Match": "yesterday"}).status_code == 412
    seen = system.get(f"/participants/{one.uuid}")["ETag"]
    first = system.send("put", path, body, **{"If-Match": seen})
    assert first.status_code == 200
    second = system.send("put", path, {"site": sites[2]}, **{"If-Match": seen})
    assert second.status_code == 412
    assert "look again" in second.json()["error"]["what_to_do"]
    assert current_pairing(one).site == sites[1]
    assert system.send("put", path, {"site": sites[2]}, **{"If-Match": first["ETag"]}).status_code == 200


def test_a_site_cannot_send_its_people_elsewhere(caller, person, sites):
    one, system = person(site=sites[0]), caller("site", sites[0])
    answer = system.send("put", f"/participants/{one.uuid}/pairing", {"site": sites[-1]}, **{"If-Match": "*"})
    assert answer.status_code == 403
    assert current_pairing(one).site == sites[0]
    unknown = system.send("put", f"/participants/{one.uuid}/pairing", {"site": "x"}, **{"If-Match": "*"})
    assert unknown.status_code == 422


def test_a_summary_says_how_far_a_person_has_come(caller, person):
    one = person()
    said = caller().get(f"/participants/{one.uuid}/summary").json()
    assert (said["participantId"], said["lastName"], said["sex"]) == (one.participant_id, "Rivera", "UNSET")
    assert said["consentForStudyEnrollment"] == said["consentForElectronicHealthRecords"] == "SUBMITTED"
    assert said["consentForGenomicsROR"] == "UNSET"
    assert said["enrollmentStatusV3_2"] == "PARTICIPANT_PLUS_EHR"
    assert said["withdrawalStatus"] == "NOT_WITHDRAWN"
    assert said["ageRange"] == "65-74"
    assert said["version"] == changes.version(one)


def test_of_who_left_contact_goes_at_once_and_the_rest_after_two_days(caller, person):
    one, system = person(), caller()
    consent.withdraw(one, source="test", authored=timezone.now() - timedelta(hours=47))
    soon = system.get(f"/participants/{one.uuid}/summary").json()
    assert "email" not in soon and "streetAddress" not in soon
    assert soon["ageRange"]
    two = person(email="two@example.org")
    consent.withdraw(two, source="test", authored=timezone.now() - timedelta(hours=49))
    later = system.get(f"/participants/{two.uuid}/summary").json()
    assert later["withdrawalStatus"] == "NO_USE"
    assert set(later) <= {
        "id", "version", "participantId", "biobankId", "hpoId", "organization", "site", "firstName", "lastName",
        "dateOfBirth", "withdrawalStatus", "withdrawalReason", "withdrawalReasonJustification", "withdrawalAuthored",
        "withdrawalTime", "consentForStudyEnrollment", "consentForStudyEnrollmentAuthored",
        "consentForElectronicHealthRecords", "consentForElectronicHealthRecordsAuthored", "enrollmentStatusV3_2",
    }  # fmt: skip


def test_summaries_come_page_by_page_each_person_once(caller, person):
    for number in range(5):
        person("account", email=f"p{number}@example.org")
    system, seen, after = caller(), [], ""
    while after is not None:
        page = system.get(f"/summaries?limit=2&after={after}").json()
        seen += [row["id"] for row in page["participants"]]
        after = page["next"]
    assert sorted(seen) == sorted(str(uuid) for uuid in Participant.objects.values_list("uuid", flat=True))
    assert len(seen) == 5
    assert system.get("/summaries?after=!!!").status_code == 422


def test_made_up_people_are_in_no_answer(caller, person):
    one, system = person(), caller()
    Participant.objects.update(is_test=True)
    assert system.get(f"/participants/{one.uuid}").status_code == 404
    assert system.get("/summaries").json()["participants"] == []
    assert system.get("/changes").json()["changes"] == []


def test_the_feed_goes_on_where_it_was_left(caller, person, sites):
    one, system = person(site=sites[0]), caller("site", sites[0])
    first = system.get("/changes?limit=1000").json()
    assert {row["id"] for row in first["changes"]} == {str(one.uuid)}
    assert {"profile", "pairing", "eligibility", "consent_answer"} <= {row["kind"] for row in first["changes"]}
    again = system.get(f"/changes?after={first['next']}")
    assert (again.json()["changes"], again["Cache-Control"]) == ([], "no-store")
    consent.deactivate(one, source="test")
    (row,) = system.get(f"/changes?after={first['next']}").json()["changes"]
    assert row["kind"] == "deactivation"


HEADER = "external_id,given_name,family_name,birth_date,sex_at_birth,email,phone,address_line,city,state,zip,language,site,mrn,primary,ehr,wearables,results,withdrawn_at"  # noqa: E501


def row(external_id, site, family="Vega"):
    at = datetime(2024, 5, 1, 12, tzinfo=UTC).isoformat()
    return f"{external_id},Ana,{family},1970-05-01,female,a@example.org,312-555-0100,1 Elm St,Chicago,IL,60607,es,{site},M{external_id},{at},{at},,,"  # noqa: E501


def test_a_file_is_taken_once_and_its_rejected_rows_can_be_had(caller, sites, immediately):
    system = caller("site", sites[0])
    body = "\n".join([HEADER, row("X1", sites[0]), row("X2", sites[-1]), row("X3", "")]).encode()
    first = system.send("post", "/imports", body, "text/csv")
    assert first.status_code == 202
    said = system.get(f"/imports/{first.json()['id']}").json()
    assert (said["state"], said["answer"]["accepted"], said["answer"]["rejected"]) == ("done", 1, 2)
    rejected = system.get(f"/imports/{first.json()['id']}/rejected").content.decode()
    assert [line["line"] for line in csv.DictReader(io.StringIO(rejected))] == ["3", "4"]
    assert rejected.count("not of the sender's part") == 2
    again = system.send("post", "/imports", body, "text/csv")
    assert (again.status_code, again.json()["id"]) == (200, first.json()["id"])
    assert Participant.objects.count() == 1
    assert not (imports.folder() / f"{first.json()['id']}.csv").exists()
    assert caller("site", sites[0]).get(f"/imports/{first.json()['id']}").status_code == 404


def test_a_file_changes_nobody_who_belongs_elsewhere(caller, sites, immediately):
    theirs = "\n".join([HEADER, row("X1", sites[-1])]).encode()
    caller().send("post", "/imports", theirs, "text/csv")
    stolen = "\n".join([HEADER, row("X1", sites[0], family="Changed")]).encode()
    caller("site", sites[0]).send("post", "/imports", stolen, "text/csv")
    one = Participant.objects.get()
    assert current_pairing(one).site == sites[-1]
    assert one.profiles.get().family_name == "Vega"


@pytest.mark.parametrize("body", [b" ", b"not,a,header\n1,2,3\n", b"\xff\xfe\x00"])
def test_what_is_no_participants_file_is_said(caller, body, immediately):
    system = caller()
    answer = system.send("post", "/imports", body, "text/csv")
    if answer.status_code == 202:
        said = system.get(f"/imports/{answer.json()['id']}").json()
        assert said["state"] == "failed"
        assert said["why"]
    else:
        assert answer.status_code == 422
    assert not Participant.objects.exists()


def test_a_file_whose_worker_ended_in_the_middle_is_taken_up_again(caller, sites):
    body = "\n".join([HEADER, row("X1", sites[0])]).encode()
    with override_settings(TASKS=tasks("dummy.Dummy")):
        job = ImportJob.objects.get(uuid=caller().send("post", "/imports", body, "text/csv").json()["id"])
    ImportJob.objects.update(state=ImportJob.WORKING)
    imports.run.func(str(job.uuid))
    job.refresh_from_db()
    assert (job.state, job.answer["accepted"]) == ("done", 1)


def test_a_file_that_breaks_off_is_said_to_have_failed_and_can_be_sent_again(caller, sites, immediately, monkeypatch):
    system, body = caller(), "\n".join([HEADER, row("X1", sites[0])]).encode()

    def full(*_, **__):
        raise OSError("no space left")

    monkeypatch.setattr(imports, "import_file", full)
    first = system.send("post", "/imports", body, "text/csv").json()
    said = system.get(f"/imports/{first['id']}").json()
    assert said["state"] == "failed" and "send it again" in said["why"]
    monkeypatch.undo()
    again = system.send("post", "/imports", body, "text/csv")
    assert (again.status_code, again.json()["id"]) == (202, first["id"])
    assert system.get(f"/imports/{first['id']}").json()["answer"]["accepted"] == 1


def test_a_file_that_waits_is_not_taken_after_its_token_was_ended(protocol, sites):
    token, secret = tokens.issue("t", level="program", scope="", rights=tokens.RIGHTS, protocol=protocol)
    body = "\n".join([HEADER, row("X1", sites[0])]).encode()
    with override_settings(TASKS=tasks("dummy.Dummy")):
        job = ImportJob.objects.get(uuid=Caller(secret).send("post", "/imports", body, "text/csv").json()["id"])
    tokens.revoke(token)
    imports.run.func(str(job.uuid))
    job.refresh_from_db()
    assert job.state == "failed" and "ended" in job.why
    assert not Participant.objects.exists()
    assert list(imports.folder().glob("*.csv")) == []


def test_no_file_is_kept_without_its_place_in_the_queue(caller, sites, monkeypatch):
    body = "\n".join([HEADER, row("X1", sites[0])]).encode()

    class Full:
        @staticmethod
        def enqueue(*_):
            raise OperationalError("the queue cannot be written to")

    monkeypatch.setattr(imports, "run", Full)
    with pytest.raises(OperationalError):
        caller().send("post", "/imports", body, "text/csv")
    assert not ImportJob.objects.exists()


def test_each_view_of_a_summary_is_in_the_audit_of_the_person(caller, person):
    one = person()
    system = caller()
    system.get("/summaries")
    system.get(f"/participants/{one.uuid}/summary")
    system.get(f"/participants/{one.uuid}")
    system.send("post", "/participants/find", {"participantId": one.participant_id})
    system.send("put", f"/participants/{one.uuid}/pairing", {}, **{"If-Match": "*"})
    client = Client()
    client.force_login(one.account)
    said = client.get(reverse("seen")).content.decode()
    assert said.count("The computer system of a partner read your record") == 5
    assert "whole program" in said


def test_a_report_of_a_death_is_a_change_of_the_person(caller, person):
    one, system = person(), caller()
    staff = Account.objects.create_user("staff@example.org", "seven quiet herons")
    before = system.get("/changes?limit=1000").json()["next"]
    made = decease.report(one, decease.Told(notification="EHR"), by=staff)
    (row,) = system.get(f"/changes?after={before}").json()["changes"]
    assert (row["kind"], row["id"]) == ("decease_report", str(one.uuid))
    decease.deny(made, "MARKED_IN_ERROR", by=Account.objects.create_user("b@example.org", "seven quiet herons"))
    assert [row["kind"] for row in system.get(f"/changes?after={row['position']}").json()["changes"]] == [
        "decease_report"
    ]


def test_a_fact_that_comes_while_a_summary_is_made_makes_its_tag_too_old_not_too_new(caller, person, sites):
    one, system = person(site=sites[0]), caller()
    before = changes.version(one)

    def meanwhile(execute, sql, *rest):
        answer = execute(sql, *rest)
        if "consent_deactivation" in sql and changes.version(one) == before:
            people.pair(one, sites[1], source="test")
        return answer

    with connection.execute_wrapper(meanwhile):
        seen = system.get(f"/participants/{one.uuid}/summary")
    assert (seen.json()["site"], changes.version(one)) == (sites[0], before + 1)
    stale = system.send("put", f"/participants/{one.uuid}/pairing", {"site": sites[2]}, **{"If-Match": seen["ETag"]})
    assert stale.status_code == 412


@pytest.mark.parametrize("bad", ["P\u0000", "x" * 81, "line\nline"])
def test_what_no_column_can_hold_is_refused(caller, person, bad):
    one, system = person(), caller()
    assert system.send("post", "/participants/find", {"externalId": bad}).status_code == 422
    body = {"site": current_pairing(one).site, "record_number": bad}
    assert system.send("put", f"/participants/{one.uuid}/pairing", body, **{"If-Match": "*"}).status_code == 422
    assert system.send("put", f"/participants/{one.uuid}/pairing", {}, **{"If-Match": "9" * 5000}).status_code == 412


def test_the_interface_describes_itself():
    described = Client().get("/api/openapi.json").json()
    assert described["openapi"].startswith("3.1")
    assert "/api/participants/{id}/pairing" in described["paths"]
    rejected = described["paths"]["/api/imports/{id}/rejected"]["get"]["responses"]["200"]
    assert list(rejected["content"]) == ["text/csv"]
    assert "HttpBearer" not in json.dumps(described["paths"]) or described["components"]["securitySchemes"]
