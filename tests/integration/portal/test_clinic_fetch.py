"""Reading people's records from their clinic in the background, and taking them into the vault."""

from collections import Counter
from datetime import timedelta

import duckdb
import orjson
import pytest
from django.db import connection as database
from django.utils import timezone

from commonweal.vault.consent import actions as consent
from commonweal.vault.records import store
from commonweal.vault.records.mediated import cutting, fetching, inbox, run, taking
from commonweal.vault.records.models import ClinicConnection, ClinicFetch, ClinicPage
from tests import clinics, fhir_server
from tests.fhir_server.people import made_up, synthea

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def own_home(settings, home):
    settings.COMMONWEAL_HOME = home


@pytest.fixture
def server(monkeypatch):
    with fhir_server.running(made_up(observations=120)) as it:
        clinics.known(monkeypatch, it)
        yield it


@pytest.fixture
def connected(person, as_person, server):
    """Somebody whose clinic is connected and not yet read."""
    one = person()
    clinics.connect(as_person(one), server)
    server.read.clear()
    return one


def due(**fields):
    """All connections are due now, whatever they wait for."""
    ClinicFetch.objects.update(next_at=timezone.now() - timedelta(seconds=1), claimed_until=None, **fields)


def rows(home, person):
    with duckdb.connect() as con:
        view = store.current_events(con, home)
        sql = f"SELECT resource_type, count(DISTINCT resource_id) FROM {view} WHERE participant = ? GROUP BY 1"
        return dict(con.execute(sql, [person.pk]).fetchall())


def waiting():
    """How often each kind waits in the inbox, ready to be taken: a resource that was read twice counts once."""
    found = set()
    for content in inbox.contents(ClinicPage.objects.filter(ready=True)):
        for line in content.splitlines():
            resource = orjson.loads(line)
            found.add((resource["resourceType"], resource["id"]))
    return Counter(kind for kind, _ in found)


def fetch():
    return ClinicFetch.objects.select_related("connection").get()


def say(one, module, answer, protocol):
    text = protocol.consents[module].current.texts["en"]
    given = {"language": "en", "signed_name": "Inés Rivera", "content_sha256": text.sha256, "source": "test"}
    return consent.answer_module(one, module, answer, protocol=protocol, **given)


def test_records_are_read_page_by_page_and_taken_into_the_vault(connected, server, home, as_person):
    assert run.tick() == 1 and run.tick() == 0
    assert fetch().read_at and fetch().trouble == "" and fetch().counts["Observation"] == 120
    assert len([one for one in server.read if "_page" in one]) == 2  # 120 observations in pages of 50
    waiting = list((home.vault_store / "records" / "inbox").iterdir())
    assert len(waiting) == ClinicPage.objects.count() and {oct(path.stat().st_mode)[-3:] for path in waiting} == {"600"}
    assert not any(b"Observation" in path.read_bytes() or b"Rivera" in path.read_bytes() for path in waiting)
    assert taking.tick() == 1
    found = rows(home, connected)
    assert found["Observation"] == 120 and found["Condition"] == found["Encounter"] == found["MedicationRequest"] == 1
    assert not ClinicPage.objects.exists() and not list((home.vault_store / "records" / "inbox").iterdir())
    assert not [path for path in (home.vault_store / "records" / ".work").iterdir()]
    page = as_person(connected).get("/clinics/").content.decode()
    assert "Measurements and lab results" in page and ">120<" in page and "Last read" in page


def test_what_stands_in_words_is_not_kept_even_for_minutes(connected, server):
    run.tick()
    kept = b"".join(inbox.contents(ClinicPage.objects.order_by("pk")))
    assert b"860975" in kept and b'"Patient"' in kept  # the medication that a prescription refers to came along
    for word in (b"U2VjcmV0", b"Secret words", b"words for people", b"999-84-4261", b"<div"):
        assert word not in kept


def test_only_what_is_new_is_asked_for_later_and_nothing_new_is_not_counted_twice(connected, server, home):
    run.tick(), taking.tick()
    server.resources.append(made_up(observations=121)[-1] | {"meta": {"lastUpdated": "2126-01-01T00:00:00Z"}})
    server.read.clear()
    due()
    assert run.tick() == 1 and fetch().counts == {"Patient": 1, "Observation": 1}
    assert all("_lastUpdated=ge" in one for one in server.read if "?patient" in one)
    taking.tick()
    assert rows(home, connected)["Observation"] == 121
    assert fetch().next_at > timezone.now() + timedelta(days=6)


@pytest.mark.parametrize("status", [429, 503])
def test_a_clinic_that_asks_to_wait_is_waited_for_and_reading_goes_on_in_the_middle(connected, server, status):
    server.limit, server.limited_with, server.wait = 12, status, 600
    run.tick()
    assert fetch().trouble == ClinicFetch.LIMITED and fetch().link  # in the middle of the observations
    wait = fetch().next_at - timezone.now()
    assert timedelta(seconds=590) < wait <= timedelta(seconds=600) and run.tick() == 0 and taking.tick() == 0
    server.limit = None
    before = Counter(one.split("?")[0] for one in server.read)
    due()
    assert run.tick() == 1 and fetch().trouble == ""
    again = Counter(one.split("?")[0] for one in server.read) - before
    assert "/fhir/Condition" not in again and "/fhir/Patient/p1" not in again
    assert waiting()["Observation"] == 120


def test_a_reader_that_is_killed_goes_on_where_it_was(connected, server, monkeypatch):
    """Killed after a page was sealed: its claim runs out, and the next reader begins with the next page."""
    real, asked = fetching.pages.read, []

    def killed(answer, patient, address):
        asked.append(address)
        if len(asked) == 12:
            raise KeyboardInterrupt
        return real(answer, patient, address)

    monkeypatch.setattr(fetching.pages, "read", killed)
    with pytest.raises(KeyboardInterrupt):
        run.tick()
    kept = ClinicPage.objects.count()
    assert kept and run.tick() == 0  # still claimed
    due()
    assert (
        run.tick() == 1 and len(set(asked)) == len(asked) - 1
    )  # the page at which it was killed alone was asked twice
    assert waiting()["Observation"] == 120


def test_a_page_that_is_forgotten_meanwhile_begins_its_search_again(connected, server):
    server.limit = 12
    run.tick()
    server.limit, server.forgets = None, True
    server.page = 500
    due()
    assert run.tick() == 1 and fetch().trouble == "" and waiting()["Observation"] == 120


def test_stale_tokens_are_renewed_and_the_new_ones_are_kept(connected, server):
    server.smart.stale()
    assert run.tick() == 1 and fetch().read_at
    server.smart.stale()
    due()
    assert run.tick() == 1 and fetch().trouble == ""


def test_a_permission_that_ended_at_the_clinic_ends_here_and_what_came_before_is_kept(
    connected, server, home, as_person
):
    server.limit = 12
    run.tick()
    server.limit, server.smart.ended = None, True
    due()
    run.tick()
    assert ClinicConnection.objects.get().why == ClinicConnection.ENDED_THERE
    assert "Your permission ended at Lakeside Clinic" in as_person(connected).get("/clinics/").content.decode()
    assert taking.tick() == 1 and rows(home, connected)["Condition"] == 1


@pytest.mark.parametrize("how", ["no", "withdrawal", "deactivation", "expiry"])
def test_reading_stops_before_the_next_page_once_it_is_not_shared(connected, server, home, protocol, monkeypatch, how):
    real, asked = fetching.pages.read, []

    def meanwhile(answer, patient, address):
        asked.append(address)
        if len(asked) == 12:
            end(connected, how, protocol)
        return real(answer, patient, address)

    monkeypatch.setattr(fetching.pages, "read", meanwhile)
    run.tick()
    assert len(asked) == 12
    cutting.tick()
    connection = ClinicConnection.objects.get()
    assert connection.state == ClinicConnection.CUT and server.smart.revoked and bytes(connection.sealed) == b""
    assert not ClinicPage.objects.exists() and not list((home.vault_store / "records" / "inbox").iterdir())
    due()
    assert run.tick() == 0 and taking.tick() == 0 and rows(home, connected) == {}


def end(one, how, protocol):
    from commonweal.vault.journey.leaving import deactivate, withdraw

    if how == "no":
        say(one, "ehr", "no", protocol)
    elif how == "withdrawal":
        withdraw(one, source="test")
    elif how == "deactivation":
        deactivate(one, source="test")
    else:
        with database.cursor() as cursor:  # a yes of a form that ends by itself, whose time has come
            past = timezone.now() - timedelta(seconds=1)
            cursor.execute("UPDATE consent_consentanswer SET expires_at = %s WHERE module = 'ehr'", [past])


def test_what_waits_is_not_taken_once_it_is_not_shared(connected, server, home, protocol):
    """A no after the last page was read, before the records are taken."""
    run.tick()
    say(connected, "ehr", "no", protocol)
    assert taking.tick() == 0 and not ClinicPage.objects.exists() and rows(home, connected) == {}


def test_the_record_of_somebody_else_is_not_taken_and_it_is_said(connected, server, home, as_person):
    server.resources[0]["birthDate"] = "1999-01-01"
    run.tick()
    assert taking.tick() == 0 and rows(home, connected) == {}
    page = as_person(connected).get("/clinics/").content.decode()
    assert "does not fit what you told us" in page and "1999" not in page
    server.resources[0]["birthDate"] = "1961-08-27"
    due()
    run.tick()
    assert (
        taking.tick() == 1 and rows(home, connected)["Observation"] == 120
    )  # all is read again, not what is new alone


def test_two_people_of_one_clinic_are_taken_together_and_each_gets_their_own(
    connected, person, as_person, server, home
):
    other = person(email="ana@example.org", given_name="Ana", family_name="Cruz", birth_date="1980-03-04")
    server.resources += made_up("p2", 7, given="Ana", family="Cruz", born="1980-03-04")
    server.searches.strangers = [one for one in made_up("p2", 3) if one["resourceType"] == "Observation"]
    clinics.connect(as_person(other), server, patient="p2")
    run.tick()
    assert taking.tick() == 2
    assert rows(home, connected)["Observation"] == 120 and rows(home, other)["Observation"] == 7


def test_a_clinic_that_asks_to_wait_is_not_asked_for_the_next_person(connected, person, as_person, server):
    clinics.connect(as_person(person(email="ana@example.org")), server, patient="p2")
    server.read.clear()
    server.limit = 0
    run.tick()
    assert len(server.read) == 1 and set(ClinicFetch.objects.values_list("trouble", flat=True)) == {ClinicFetch.LIMITED}


@pytest.mark.parametrize(
    ("fault", "value", "trouble"),
    [
        ("down", True, ClinicFetch.UNREACHABLE),
        ("garbled", ("Condition",), ClinicFetch.MALFORMED),
        ("broken_at", {3}, ClinicFetch.UNREACHABLE),
    ],
)
def test_faults_are_noted_and_tried_again_later_and_later(connected, server, as_person, fault, value, trouble):
    setattr(server, fault, value)
    run.tick()
    assert fetch().trouble == trouble and fetch().next_at > timezone.now()
    assert "did not answer as it should" in as_person(connected).get("/clinics/").content.decode()
    setattr(server, fault, type(value)())
    due()
    assert run.tick() == 1 and waiting()["Condition"] == 1


def test_a_next_page_at_another_server_is_not_asked_for(connected, server):
    """The token would go there with it."""
    server.searches.leads_elsewhere = True
    run.tick()
    assert fetch().trouble == ClinicFetch.MALFORMED


def test_a_server_that_knows_less_is_asked_plainly_and_what_it_withholds_is_told(connected, server, as_person):
    server.searches.strict, server.searches.withheld, server.searches.warns = True, ("Immunization", "Specimen"), True
    assert run.tick() == 1 and waiting()["Observation"] == 120
    page = as_person(connected).get("/clinics/").content.decode()
    assert (
        "does not give us all of these: Vaccinations, Samples for the laboratory." in page
        and "Inés" not in page.split("<h1")[1]
    )


def test_kinds_that_the_person_left_out_are_not_asked_for(connected, server, as_person):
    server.smart.grants = (
        "launch/patient offline_access patient/Patient.read patient/Condition.rs patient/Observation.r"
    )
    clinics.connect(as_person(connected), server)
    server.read.clear()
    run.tick()
    assert {one.split("?")[0].split("/")[2] for one in server.read if "_page" not in one} == {
        "Patient",
        "Condition",
        "Observation",
    }


def test_the_inbox_belongs_to_its_connection_and_what_nobody_names_is_swept(connected, server, home, monkeypatch):
    run.tick()
    first, second = ClinicPage.objects.order_by("pk")[:2]
    files = {page.pk: home.vault_store / "records" / "inbox" / f"{page.uuid}.sealed" for page in (first, second)}
    files[first.pk].write_bytes(files[second.pk].read_bytes())  # changed places
    assert taking.tick() == 0 and fetch().since is None and not ClinicPage.objects.exists()
    orphan = home.vault_store / "records" / "inbox" / "left.sealed"
    orphan.write_bytes(b"x")
    monkeypatch.setattr(inbox.time, "time", lambda: timezone.now().timestamp() + 2 * 86_400)
    assert inbox.sweep() == 1 and not orphan.exists()


def test_synthea_people_bring_what_a_plain_count_finds(person, as_person, server, home, shared_data):
    """Three people of the Synthea bundles: each kind that is read, as often as it stands in their bundle."""
    server.resources = synthea(shared_data, 3)
    server.page = 40
    found = [one for one in server.resources if one["resourceType"] == "Patient"]
    assert len(found) >= 2
    holders = {}
    for number, patient in enumerate(found):
        name, phone = patient["name"][0], patient["telecom"][0]["value"]
        said = {"given_name": name["given"][0], "family_name": name["family"], "birth_date": patient["birthDate"]}
        one = person(email=f"p{number}@example.org", phone=phone, **said)
        clinics.connect(as_person(one), server, patient=patient["id"])
        holders[patient["id"]] = one
    while run.tick():
        pass
    assert taking.tick() == len(found)
    for patient, one in holders.items():
        wanted = Counter(r["resourceType"] for r in server.resources if _of(r) == patient)
        for kind in (
            "Encounter",
            "Condition",
            "Procedure",
            "Immunization",
            "MedicationRequest",
            "Observation",
            "ImagingStudy",
        ):
            assert rows(home, one).get(kind, 0) == wanted[kind], kind


def _of(resource):
    return (resource.get("subject") or resource.get("patient") or {}).get("reference", "").split("/")[-1]
