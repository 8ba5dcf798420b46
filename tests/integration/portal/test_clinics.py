"""Going to one's clinic and back with SMART App Launch, at a real server on this machine; stopping, and telling it."""

import pytest
from django.urls import reverse

from commonweal.audit.models import Event
from commonweal.errors import Refused
from commonweal.vault.consent import actions as consent
from commonweal.vault.linking.oauth import Service
from commonweal.vault.records.mediated import actions, cutting, directory
from commonweal.vault.records.mediated.room import ROOM
from commonweal.vault.records.models import ClinicConnection, ClinicFetch
from tests import clinics, fhir_server
from tests.fhir_server.people import made_up


def say(one, module, answer, protocol):
    text = protocol.consents[module].current.texts["en"]
    given = {"language": "en", "signed_name": "Inés Rivera", "content_sha256": text.sha256, "source": "test"}
    return consent.answer_module(one, module, answer, protocol=protocol, **given)


pytestmark = pytest.mark.django_db(transaction=True)
SERVICE = Service(client_id="c", authorize_url="", token_url="http://127.0.0.1:1/t", revoke_url="", scope="")
TOKENS = {"access_token": "an access token", "refresh_token": "a refresh token", "patient": "p1"}


@pytest.fixture(autouse=True)
def own_home(settings, home):
    settings.COMMONWEAL_HOME = home


@pytest.fixture
def server(monkeypatch):
    with fhir_server.running(made_up(observations=10)) as it:
        clinics.known(monkeypatch, it)
        yield it


def shown(client, name="clinics", *args):
    return client.get(reverse(name, args=args)).content.decode()


def test_a_clinic_is_found_connected_and_its_tokens_are_sealed(person, as_person, server):
    client = as_person(person())
    assert "Lakeside Clinic" in client.get(reverse("clinics"), {"find": "chicágo lake"}).content.decode()
    assert "No clinic has this name" in client.get(reverse("clinics"), {"find": "harbor"}).content.decode()
    assert "is connected" in clinics.connect(client, server)
    connection = ClinicConnection.objects.get()
    tokens = ROOM.unseal(connection)
    assert tokens["access_token"] in server.smart.tokens and tokens["patient"] == "p1"
    assert tokens["token_url"] == f"{server.address}/token" and "id_token" not in tokens
    assert tokens["access_token"].encode() not in bytes(connection.sealed)
    assert ClinicFetch.objects.filter(connection=connection).exists()
    told = [event.details for event in Event.objects.filter(action="clinics.connect")]
    assert len(told) == 1 and not any(value in str(told) for value in tokens.values() if len(value) > 15)


@pytest.mark.parametrize(
    ("version", "supported", "expected"),
    [
        (("permission-v1",), ["patient/*.read"], "patient/*.read"),
        (("permission-v2",), ["patient/*.rs"], "patient/*.rs"),
        (("permission-v2",), ["patient/Condition.rs"], "patient/Condition.rs"),
        ((), ["patient/Condition.read"], "patient/Observation.read"),
    ],
)
def test_both_ways_of_writing_scopes_are_known(person, as_person, server, version, supported, expected):
    server.version, server.scopes_supported = version, supported
    client = as_person(person())
    clinics.go_there(client, server)
    asked = next(iter(server.smart.codes.values()))["scope"].split()
    assert expected in asked and ("patient/*.read" in asked) == (expected == "patient/*.read")


def test_the_way_back_belongs_to_the_session_that_went(person, as_person, server):
    one = person()
    client, thief = as_person(one), as_person(one)
    back = clinics.go_there(client, server)
    assert "too old" in thief.get(back, follow=True).content.decode()
    assert "too old" in client.get(reverse("clinics_back"), {"code": "x", "state": "é"}, follow=True).content.decode()
    assert "too old" in client.get(back, follow=True).content.decode()  # used up by then
    back = clinics.go_there(client, server)
    session = client.session
    session["clinic_on_the_way"] = session["clinic_on_the_way"] | {"at": 0}
    session.save()
    assert "too old" in client.get(back, follow=True).content.decode()
    assert not ClinicConnection.objects.exists()


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (lambda s: setattr(s.smart, "forgetful", True), "did not say whose record it is"),
        (lambda s: setattr(s.smart, "grants", "launch/patient openid"), "You left out everything"),
        (lambda s: s.smart.codes.clear(), "did not answer as it should"),
        (lambda s: setattr(s, "down", True), "did not answer as it should"),
    ],
)
def test_what_cannot_be_used_connects_nothing_and_is_told_plainly(person, as_person, server, fault, said):
    client = as_person(person())
    back = clinics.go_there(client, server)
    fault(server)
    assert said in client.get(back, follow=True).content.decode()
    assert not ClinicConnection.objects.exists()
    assert len(server.smart.revoked) == len(server.smart.tokens)  # what it gave was given back


def test_who_is_sent_back_by_another_server_connects_nothing(person, as_person, server):
    client = as_person(person())
    back = clinics.go_there(client, server).split("&iss=")[0]
    assert "another place" in client.get(f"{back}&iss=https://elsewhere.example", follow=True).content.decode()
    assert not ClinicConnection.objects.exists() and not server.smart.tokens


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ("access_denied", "Nothing was connected"),
        ("invalid_scope", "nothing that you did"),
        ("temporarily_unavailable", "could not do this at the moment"),
        ("<b>x</b>", "nothing that you did"),
    ],
)
def test_an_error_of_the_clinic_is_told_plainly(person, as_person, server, error, said):
    client = as_person(person())
    clinics.go_there(client, server)
    state = client.session["clinic_on_the_way"]["state"]
    told = {"error": error, "error_description": "<script>words of the clinic</script>", "state": state}
    page = client.get(reverse("clinics_back"), told, follow=True).content.decode()
    assert said in page and "words of the clinic" not in page and "<b>x" not in page


@pytest.mark.parametrize(
    ("fault", "value"), [("methods", ["plain"]), ("address", "http://fhir.example"), ("address", "javascript:x")]
)
def test_a_server_that_is_not_safe_is_not_gone_to(person, as_person, server, fault, value, monkeypatch):
    client = as_person(person())
    monkeypatch.setattr(server, fault, value)
    assert "cannot be reached" in shown(client, "clinic", "lakeside")
    assert "clinic_on_the_way" not in client.session


def test_without_a_yes_nothing_can_be_connected(person, as_person, server):
    one = person("primary")
    client = as_person(one)
    assert "we need your yes" in shown(client) and "Lakeside" not in shown(client)
    assert client.get(reverse("clinic", args=["lakeside"])).status_code == 302
    with pytest.raises(Refused):
        actions.connect(one, directory.clinics()["lakeside"], SERVICE, TOKENS, actor=one)
    assert not ClinicConnection.objects.exists()


def test_a_no_in_another_tab_gives_back_what_was_given(person, as_person, server, protocol):
    one = person()
    client = as_person(one)
    back = clinics.go_there(client, server)
    say(one, "ehr", "no", protocol)
    assert "nothing was connected" in client.get(back, follow=True).content.decode()
    assert not ClinicConnection.objects.exists() and len(server.smart.revoked) == 1


def test_stopping_ends_our_use_at_once_and_tells_the_clinic(person, as_person, server):
    client = as_person(person())
    clinics.connect(client, server)
    refresh = next(iter(server.smart.refreshes))
    connection = ClinicConnection.objects.get()
    assert client.get(reverse("clinic_stop", args=[connection.uuid])).status_code == 405
    assert (
        as_person(person(email="other@example.org")).post(reverse("clinic_stop", args=[connection.uuid])).status_code
        == 404
    )
    server.smart.silent_on_revoking = True
    assert "We are telling" in client.post(reverse("clinic_stop", args=[connection.uuid]), follow=True).content.decode()
    assert cutting.tick() == 0
    server.smart.silent_on_revoking = False
    ClinicConnection.objects.update(next_attempt_at=connection.connected_at)
    assert cutting.tick() == 1 and server.smart.revoked == [refresh]
    connection.refresh_from_db()
    assert (connection.state, bytes(connection.sealed)) == (ClinicConnection.CUT, b"")


def test_a_clinic_without_a_door_for_it_need_not_be_told(person, as_person, server):
    server.can_revoke = False
    client = as_person(person())
    clinics.connect(client, server)
    client.post(reverse("clinic_stop", args=[ClinicConnection.objects.get().uuid]))
    assert cutting.tick() == 1 and bytes(ClinicConnection.objects.get().sealed) == b""


def test_a_clinic_that_the_protocol_names_no_more_is_cut(person, as_person, server, monkeypatch):
    client = as_person(person())
    clinics.connect(client, server)
    clinics.known(monkeypatch)
    assert cutting.cut_unshared() == 1 and ClinicConnection.objects.get().why == "no longer named"
    assert "stopped" in shown(client) and client.get(reverse("clinic", args=["lakeside"])).status_code == 404
