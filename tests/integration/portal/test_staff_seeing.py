"""Whatever shows staff something of a person is written down, and after 48 hours hardly anything of who left is shown."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from commonweal import audit
from commonweal.vault.consent.models import Withdrawal
from commonweal.vault.messages.models import Appointment
from commonweal.vault.staff import queues, seeing
from commonweal.vault.support import help_desk
from commonweal.vault.support.help_desk import Asked

pytestmark = pytest.mark.django_db(transaction=True)

FORMS = (
    "staff_edit_profile",
    "staff_edit_pairing",
    "staff_patient_status",
    "staff_custody",
    "staff_eligibility",
    "staff_book",
    "staff_paper_add",
    "together_begin",
    "record_incentive",
    "help_note_for",
    "staff_withdraw",
    "staff_decease_report",
)


def seen(one):
    return len(audit.about(one, actions=seeing.ACTIONS))


def left(one, hours):
    at = timezone.now() - timedelta(hours=hours)
    times = {"event_time": at, "authored_time": at, "received_time": at}
    Withdrawal.objects.create(participant=one, reason="SELF", source="test", idempotency_key=f"w{one.pk}", **times)


@pytest.fixture
def asked(person):
    return help_desk.ask(Asked("visit", "Where is it?"), person(), language="en")


@pytest.mark.parametrize("name", FORMS)
def test_a_form_about_a_person_is_a_view_of_them(person, as_staff, name):
    one, client = person(), as_staff("operator")
    assert client.get(reverse(name, args=[one.uuid])).status_code == 200
    assert seen(one) == 1


@pytest.mark.parametrize("name", FORMS)
def test_so_is_the_page_that_says_what_was_wrong_with_what_was_sent(person, as_staff, name):
    one, client = person(), as_staff("operator")
    assert client.post(reverse(name, args=[one.uuid]), {"version": "0"}).status_code in (200, 409)
    assert seen(one) == 1


def test_so_is_what_is_on_record_beside_what_was_typed(person, as_staff):
    one, client = person(), as_staff("operator")
    typed = {"version": "0", "given_name": "A", "birth_date": "1970-01-01", "sex_at_birth": "male", "language": "es"}
    answer = client.post(reverse("staff_edit_profile", args=[one.uuid]), typed)
    assert answer.status_code == 409 and "1450 W Harrison St" in answer.content.decode()
    assert seen(one) == 1


def test_so_is_a_request_for_help_that_could_not_be_moved(asked, as_staff):
    client = as_staff("site_staff")
    answer = client.post(reverse("help_move", args=[asked.uuid]), {"move": "answer", "text": "", "version": "1"})
    assert "Where is it?" in answer.content.decode()
    assert seen(asked.participant) == 1


def test_each_kind_of_view_has_its_words(person, as_staff, as_person):
    one, client = person("profile"), as_staff("site_staff")
    client.post(reverse("together_begin", args=[one.uuid]), {"module": "primary", "language": "en", "witness": "on"})
    assert {event.said["what"] for event in audit.about(one, actions=seeing.ACTIONS)} <= set(seeing.KINDS)


# --- 48 hours after somebody left


@pytest.mark.parametrize("name", [one for one in FORMS if one != "staff_decease_report"])
def test_48_hours_after_somebody_left_no_form_about_them_opens(person, as_staff, name):
    one = person()
    left(one, 49)
    assert as_staff("operator").get(reverse(name, args=[one.uuid])).status_code == 404
    assert seen(one) == 0


@pytest.mark.parametrize(("hours", "status", "waits"), [(47, 200, 1), (49, 404, 0)])
def test_48_hours_after_somebody_left_what_they_asked_is_not_read(asked, as_staff, hours, status, waits):
    left(asked.participant, hours)
    client = as_staff("site_staff")
    assert client.get(reverse("help_request", args=[asked.uuid])).status_code == status
    assert len(queues.waiting(queues.BY_NAME["help"], client.account, timezone.now())) == waits
    assert (str(asked.uuid) in client.get(reverse("help_desk")).content.decode()) == bool(waits)


def test_who_left_stands_in_no_list_of_a_day(person, as_staff, sites):
    one, client, now = person(), as_staff("site_staff"), timezone.now()
    times = {"starts_at": now, "made_at": now, "changed_at": now}
    Appointment.objects.create(participant=one, site=sites[0], state=Appointment.CANCELLED, **times)
    day = {"site": sites[0], "day": timezone.localtime(now).strftime("%Y-%m-%d")}
    before = client.get(reverse("staff_appointments"), day)
    assert before.status_code == 200
    left(one, 1)
    assert "Rivera" not in client.get(reverse("staff_appointments"), day).content.decode()
