"""Whose records: what staff see of a patient and of a participant, what they cannot see, and what a decision does."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from commonweal.audit.models import Event
from commonweal.protocol.clinics import Clinic, Clinics
from commonweal.r4 import patients
from commonweal.r4.patients import Name
from commonweal.ui.context import current_protocol
from commonweal.vault.people import actions as people
from commonweal.vault.records import matching
from commonweal.vault.records.models import NearMiss, RecordLink
from commonweal.vault.staff import navigation

pytestmark = pytest.mark.django_db(transaction=True)
TOLD = {"birth_date": date(1961, 8, 27), "sex": "female", "zips": ["60607"], "phones": ["773-555-0199"]}


def ask(site, key="p1", given="Ines", **told):
    who = patients.described(names=[Name("Rivera", (given,))], **(TOLD | told))
    return matching.match_all({key: who}, site)[key]


@pytest.fixture
def near(person, sites):
    """Inés, and a patient of her site with her name and birth date who has another telephone."""
    who = person()
    assert ask(sites[0]).reason == "near_miss"
    return NearMiss.objects.get(participant=who)


@pytest.fixture
def page(near):
    return reverse("staff_match", args=[near.uuid])


def test_the_queue_tells_what_differs_and_nobodys_details(near, page, as_staff):
    client = as_staff("site_staff")
    text = client.get(reverse("staff_matches")).content.decode()
    assert page in text and "Phone" in text and "Rivera" not in text and "773" not in text
    overview = client.get(reverse("staff_overview")).content.decode()
    assert reverse("staff_matches") in overview and "Whose records?" in overview
    assert Event.objects.filter(action="staff.queue").latest("id").count == 1


def test_side_by_side_what_agrees_is_not_shown(near, page, as_staff):
    client = as_staff("site_staff")
    text = client.get(page).content.decode()
    assert "7735550199" in text and "312-555-0142" in text and "not the same" in text
    assert "Inés" in text and "Ines" in text
    assert text.count("not shown, because it agrees") == 1  # the sex; of the address only the ZIP code is told
    seen = Event.objects.filter(action="staff.opened").latest("id")
    assert '"what":"match"' in seen.details.replace(" ", "")


def test_a_clinic_is_called_by_its_name(near, page, as_staff, monkeypatch):
    """One that a person connected, and that is no site."""
    lake = Clinic(id="lake", name="Lake Clinic", fhir_base="https://lake.example/r4", client_id="c", state="IL")
    program = replace(current_protocol(), clinics=Clinics(clinics=(lake,)))
    monkeypatch.setattr(navigation, "current_protocol", lambda: program)
    NearMiss.objects.update(site="lake")
    client = as_staff("site_staff")
    for address in (reverse("staff_matches"), page):
        assert "Lake Clinic" in client.get(address).content.decode()


def test_the_participant_reads_that_they_were_compared(near, page, as_staff, as_person):
    as_staff("site_staff").get(page)
    assert "compared your details" in as_person(near.participant).get(reverse("seen")).content.decode()


def test_who_is_not_of_their_people_is_not_there(near, page, as_staff, sites):
    away = as_staff("site_staff", site=sites[1])
    assert away.get(page).status_code == 404
    assert away.post(page, {"decision": "same", "same-reason": "asked"}).status_code == 404
    assert 'scope="row"' not in away.get(reverse("staff_matches")).content.decode()
    assert not RecordLink.objects.exists()


def test_nobody_decides_about_themselves(near, page, as_staff):
    from commonweal.vault.people.models import Participant

    client = as_staff("operator")
    Participant.objects.filter(pk=near.participant_id).update(account=client.account)
    assert client.get(page).status_code == 404


@pytest.mark.parametrize(("decision", "reason", "same"), [("same", "asked", True), ("another", "namesake", False)])
def test_a_decision_counts_the_next_time(near, page, as_staff, sites, decision, reason, same):
    client = as_staff("site_staff")
    answer = client.post(page, {"decision": decision, f"{decision}-reason": reason}, follow=True)
    assert "Noted." in answer.content.decode()
    link = RecordLink.objects.get()
    assert (link.same, link.reason, link.decided_by) == (same, reason, client.account)
    assert ask(sites[0]).participant == (near.participant_id if same else None)
    assert "settled already" in client.get(page, follow=True).content.decode()


@pytest.mark.parametrize(
    "said", [{}, {"decision": "same"}, {"decision": "same", "same-reason": "namesake"}, {"decision": "x"}]
)
def test_without_a_reason_that_fits_nothing_is_decided(near, page, as_staff, said):
    answer = as_staff("site_staff").post(page, said)
    assert answer.status_code == 200 and not RecordLink.objects.exists()
    near.refresh_from_db()
    assert near.state == "waiting" and bytes(near.sealed)


def test_a_colleague_was_faster(near, page, as_staff):
    """Both have the page open; what the second one says of it changes nothing, and they are told."""
    first, second = as_staff("site_staff"), as_staff("operator")
    second.get(page)
    first.post(page, {"decision": "another", "another-reason": "relative"})
    answer = second.post(page, {"decision": "same", "same-reason": "asked"}, follow=True)
    assert "settled already" in answer.content.decode()
    assert list(RecordLink.objects.values_list("same", flat=True)) == [False]


def test_after_its_time_it_is_not_shown(near, page, as_staff):
    NearMiss.objects.update(forget_at=timezone.now() - timedelta(seconds=1))
    assert as_staff("site_staff").get(page).status_code == 404


def test_two_whom_the_patient_may_be_lead_to_one_another(near, page, person, as_staff, sites):
    other = person(email="ines2@example.org")
    people.record_profile(other, {"phone": "773-555-0100"}, source="test")
    ask(sites[0])
    text = as_staff("site_staff").get(page).content.decode()
    assert "may be somebody else, too" in text
    assert reverse("staff_match", args=[NearMiss.objects.get(participant=other).uuid]) in text


def test_in_spanish(near, page, as_staff):
    client = as_staff("site_staff")
    client.post(reverse("set_language"), {"language": "es", "next": "/"})
    with translation.override("en"):  # what the page says stays with the page
        text = client.get(page).content.decode()
    assert "¿La misma persona?" in text and "no se muestra porque coincide" in text
