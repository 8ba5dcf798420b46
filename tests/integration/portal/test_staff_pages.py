"""The staff's pages as they use them: look-up, a person's page, two at once, queues, roles, the audit."""

import re
from datetime import UTC, datetime, time, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from commonweal import audit
from commonweal.audit.models import Event
from commonweal.vault.consent.models import DeceaseReport, PaperConsent, Withdrawal
from commonweal.vault.messages.models import Appointment, Message
from commonweal.vault.people import actions as people
from commonweal.vault.people import clock
from commonweal.vault.people.changes import version
from commonweal.vault.people.current import current_pairing, current_profile
from commonweal.vault.people.models import Account, Duplicate, Participant
from commonweal.vault.staff import assigning, lookup, queues, roles
from commonweal.vault.staff.models import StaffRole
from commonweal.vault.support.models import HelpRequest

pytestmark = pytest.mark.django_db(transaction=True)


def page(client, name, *arguments, **query):
    answer = client.get(reverse(name, args=arguments), query)
    assert answer.status_code == 200, (name, answer.status_code)
    return answer.content.decode()


def look_up(client, **sought):
    return client.post(reverse("staff_people"), sought)


# --- look-up


@pytest.mark.parametrize(
    ("given", "family", "text"),
    [
        ("Sukarno", "", "Sukarno 1961-08-27"),
        ("Inés", "Núñez", "Nu\u0301n\u0303ez 1961-08-27"),
        ("Inés", "Núñez", "NÚÑEZ 1961-08-27"),
    ],
)
def test_names_are_found_in_any_script_and_case_and_where_there_is_but_one(person, as_staff, given, family, text):
    one = person(given_name=given, family_name=family)
    assert str(one.uuid) in look_up(as_staff("site_staff"), text=text).content.decode()


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("staff_appointments", {"day": "9999-12-31"}),
        ("staff_appointments", {"day": "0001-01-01"}),
        ("staff_audit", {"until": "9999-12-31"}),
        ("staff_audit", {"since": "0001-01-01"}),
    ],
)
def test_a_day_at_the_end_of_time_is_told_to_be_none(as_staff, name, day):
    answer = as_staff("auditor" if name == "staff_audit" else "operator").get(reverse(name), day)
    assert answer.status_code == 200 and "Enter a valid date." in answer.content.decode()


def test_nobody_is_booked_at_the_end_of_time(person, as_staff, sites):
    booked = {"kind": "visit", "site": sites[0], "day": "9999-12-31", "clock": "23:30", "minutes": "60"}
    answer = as_staff("operator").post(reverse("staff_book", args=[person().uuid]), booked)
    assert answer.status_code == 200 and "Enter a valid date." in answer.content.decode()


@pytest.mark.parametrize(
    "text",
    [
        "{id}",
        " {lower_id} ",
        "Rivera 1961-08-27",
        "8/27/1961, rivera",
        "ines@example.org",
        "INES@example.org",
        "312-555-0142",
        "(312) 555 0142",
        "+1 312 555 0142",
    ],
)
def test_a_person_is_found_by_exact_details(person, as_staff, text):
    one = person()
    sought = text.format(id=one.participant_id, lower_id=one.participant_id.lower())
    found = look_up(as_staff("site_staff"), text=sought).content.decode()
    assert str(one.uuid) in found


@pytest.mark.parametrize(
    "text",
    [
        "P1",
        "Rivera",
        "1961-08-27",
        "Riv 1961-08-27",
        "ines@example",
        "ines",
        "555-0142",
        "%",
        "Rivera 1961-08-2",
        "*@*.*",
    ],
)
def test_nobody_is_found_by_a_part(person, as_staff, text):
    one = person()
    answer = look_up(as_staff("site_staff"), text=text)
    assert answer.status_code == 200
    assert str(one.uuid) not in answer.content.decode()


def test_a_person_is_found_by_the_record_number_of_the_site_that_gave_it(person, as_staff, sites):
    one = person(site=sites[0])
    people.pair(one, sites[0], "MRN-77", source="test")
    client = as_staff("org_manager", scope="lakeshore-university-health")
    found = {site: look_up(client, record_number="MRN-77", site=site).content.decode() for site in sites[:2]}
    assert str(one.uuid) in found[sites[0]]
    assert str(one.uuid) not in found[sites[1]]
    assert str(one.uuid) not in look_up(client, record_number="MRN-7", site=sites[0]).content.decode()


def test_an_old_name_or_address_finds_nobody(person, as_staff):
    one = person()
    people.record_profile(one, {"family_name": "Soto", "phone": "312-555-0199"}, source="test")
    client = as_staff("site_staff")
    assert str(one.uuid) not in look_up(client, text="Rivera 1961-08-27").content.decode()
    assert str(one.uuid) not in look_up(client, text="312-555-0142").content.decode()
    assert str(one.uuid) in look_up(client, text="Soto 1961-08-27").content.decode()


def test_nothing_to_look_for_is_said_and_nothing_is_lost(as_staff):
    said = look_up(as_staff("site_staff"), text="", record_number="MRN-77", site="").content.decode()
    assert "Write whom you look for" in said
    assert "MRN-77" in said


def test_a_list_ends_after_twenty(person, as_staff, monkeypatch):
    monkeypatch.setattr(lookup, "MOST", 2)
    for n in range(3):
        person("profile", email=f"{n}@example.org")
    said = look_up(as_staff("site_staff"), text="Rivera 1961-08-27").content.decode()
    assert len(re.findall(r"/staff/people/[0-9a-f-]{36}/", said)) == 2
    assert "The list ends after 2 people." in said


def test_too_many_look_ups_within_an_hour_are_refused(person, as_staff, monkeypatch):
    monkeypatch.setattr(lookup, "AN_HOUR", 3)
    one, client = person(), as_staff("site_staff")
    for _ in range(3):
        assert look_up(client, text="Nobody 1961-08-27").status_code == 200
    refused = look_up(client, text="Rivera 1961-08-27")
    assert refused.status_code == 429
    assert str(one.uuid) not in refused.content.decode()
    assert "very many people within an hour" in refused.content.decode()
    assert look_up(as_staff("operator"), text="Rivera 1961-08-27").status_code == 200  # another's own count


def test_a_look_up_is_never_in_an_address(person, as_staff):
    one = person()
    said = as_staff("site_staff").get(reverse("staff_people"), {"text": one.participant_id}).content.decode()
    assert str(one.uuid) not in said


# --- one person's page


def test_the_page_of_a_person_shows_each_room(person, as_staff, sites):
    one = person()
    Appointment.objects.create(
        participant=one, site=sites[0], made_at=timezone.now(), changed_at=timezone.now(), wish="after five"
    )
    Message.objects.create(
        participant=one,
        channel="inbox",
        template="welcome",
        language="en",
        subject="A secret subject",
        body="A secret body",
        idempotency_key="m1",
        state="opened",
        made_at=timezone.now(),
        due_at=timezone.now(),
    )
    said = page(as_staff("site_staff"), "staff_person", one.uuid)
    for words in ("1450 W Harrison St", "Lakeshore Clinic", "Great Lakes Health Partnership", "after five", "opened"):
        assert words in said, words
    for words in ("Joining the program", "1, English", "Welcome", "Missing for the next one"):  # names, not codes
        assert words in said, words
    for name in (
        "profile",
        "status",
        "consents",
        "appointments",
        "help",
        "incentives",
        "messages",
        "custody",
        "patient",
    ):
        assert f'<section id="{name}"' in said, name
    assert "secret" not in said


def test_an_appointment_stands_by_the_clock_of_its_place(person, as_staff):
    one = person()
    at = datetime(2027, 1, 4, 23, 20, tzinfo=UTC)
    now = timezone.now()
    Appointment.objects.create(
        participant=one, site="lakeshore-chicago", made_at=now, changed_at=now, state="booked", starts_at=at
    )
    assert "2027-01-04 17:20 CST" in page(as_staff("site_staff"), "staff_person", one.uuid)


def test_an_appointment_at_a_place_that_the_program_has_no_more_is_moved_like_any_other(person, as_staff):
    begins = (timezone.now() + timedelta(days=3)).replace(microsecond=0)
    made = Appointment.objects.create(
        participant=person(), site="gone", kind="visit", state="booked", minutes=30, starts_at=begins,
        made_at=timezone.now(), changed_at=timezone.now(),
    )  # fmt: skip
    client, day = as_staff("operator"), begins.date() + timedelta(days=1)
    sent = {"do": "settle", "version": made.version, "day": day.isoformat(), "clock": "09:30", "minutes": "30"}
    assert client.post(reverse("staff_appointment", args=[made.uuid]), sent).status_code == 302
    made.refresh_from_db()
    assert made.starts_at == datetime.combine(day, time(9, 30), clock.zone_of(None))


def test_a_person_of_one_name_has_no_stray_comma(person, as_staff):
    one = person(given_name="Suharto", family_name="")
    now = timezone.now()
    visit = Appointment.objects.create(
        participant=one, site="lakeshore-chicago", made_at=now, changed_at=now, wish="after five"
    )
    nurse = as_staff("site_staff")
    assert "<h1>Suharto</h1>" in page(nurse, "staff_person", one.uuid)
    assert "<h1>Suharto</h1>" in page(nurse, "staff_appointment", visit.uuid)


def withdraw(one, ago):
    at = timezone.now() - ago
    times = {"event_time": at, "authored_time": at, "received_time": at}
    Withdrawal.objects.create(participant=one, source="portal", idempotency_key=f"w:{one.pk}", **times)


def test_contact_data_go_with_the_withdrawal(person, as_staff):
    one = person()
    withdraw(one, timedelta(hours=1))
    said = page(as_staff("site_staff"), "staff_person", one.uuid)
    assert "This person has left the program" in said
    assert "312-555-0142" not in said and "1450 W Harrison St" not in said
    assert "Missing for the next one" not in said  # nobody is to ask them for it
    assert '<section id="help"' in said


def test_after_48_hours_the_view_is_reduced(person, as_staff):
    one = person()
    withdraw(one, timedelta(hours=49))
    said = page(as_staff("site_staff"), "staff_person", one.uuid)
    assert one.participant_id in said and "Rivera" in said and "1961-08-27" in said
    for name in ("help", "incentives", "messages", "appointments", "custody", "patient"):
        assert f'<section id="{name}"' not in said, name
    assert "Change details" not in said
    assert "Female" not in said


def test_nothing_is_changed_of_who_has_left(person, as_staff):
    one = person()
    withdraw(one, timedelta(hours=1))
    client = as_staff("operator")
    for name in ("staff_edit_profile", "staff_edit_pairing", "staff_patient_status"):
        assert client.get(reverse(name, args=[one.uuid])).status_code == 404


# --- changing a person


def fields_of(html):
    """What a browser would send back of a form as it stands."""
    inputs = dict(re.findall(r'<input[^>]*name="(\w+)"[^>]*value="([^"]*)"', html))
    chosen = re.findall(r'<select name="(\w+)".*?<option value="([^"]*)" selected', html, re.DOTALL)
    return {
        name: value for name, value in (inputs | dict(chosen)).items() if name not in ("csrfmiddlewaretoken", "next")
    }


def test_details_are_changed_as_a_new_fact(person, as_staff):
    one, client = person(), as_staff("site_staff")
    form = fields_of(page(client, "staff_edit_profile", one.uuid))
    answer = client.post(reverse("staff_edit_profile", args=[one.uuid]), form | {"phone": "312-555-0100"})
    assert answer.status_code == 302
    now = current_profile(one)
    assert (now.phone, now.city, now.source, one.profiles.count()) == ("312-555-0100", "Chicago", "staff", 2)
    event = Event.objects.filter(action="people.profile").order_by("-pk").first()
    assert event.actor.startswith("account:")


def test_two_staff_edit_one_person_and_nothing_is_lost(person, as_staff):
    one, first, second = person(), as_staff("site_staff"), as_staff("operator")
    address = reverse("staff_edit_profile", args=[one.uuid])
    opened = [fields_of(page(client, "staff_edit_profile", one.uuid)) for client in (first, second)]
    assert first.post(address, opened[0] | {"city": "Evanston"}).status_code == 302
    late = second.post(address, opened[1] | {"city": "Oak Park", "zip": "60302"})
    said = late.content.decode()
    assert late.status_code == 409
    assert "Somebody else changed this person meanwhile" in said
    assert current_profile(one).city == "Evanston"
    assert "Evanston" in said and "Oak Park" in said and "60302" in said
    again = fields_of(said)
    assert again["city"] == "Oak Park"  # what was typed is kept
    assert second.post(address, again).status_code == 302
    assert (current_profile(one).city, current_profile(one).zip) == ("Oak Park", "60302")


@pytest.mark.parametrize(
    ("field", "value"),
    [("birth_date", "2999-01-01"), ("birth_date", "yesterday"), ("email", "x@"), ("zip", "abc"), ("given_name", "")],
)
def test_bad_details_are_told_at_the_field_and_nothing_is_saved(person, as_staff, field, value):
    one, client = person(), as_staff("site_staff")
    form = fields_of(page(client, "staff_edit_profile", one.uuid))
    answer = client.post(reverse("staff_edit_profile", args=[one.uuid]), form | {field: value, "city": "Evanston"})
    assert answer.status_code == 200
    assert f"#id_{field}" in answer.content.decode() and "Evanston" in answer.content.decode()
    assert one.profiles.count() == 1


def test_a_person_can_belong_to_an_organisation_alone(person, as_staff):
    one, client = person(), as_staff("org_manager", scope="lakeshore-university-health")
    form = fields_of(page(client, "staff_edit_pairing", one.uuid)) | {"organisation": "lakeshore-university-health"}
    answer = client.post(reverse("staff_edit_pairing", args=[one.uuid]), form | {"site": ""})
    assert answer.status_code == 302
    now = current_pairing(one)
    assert (now.site, now.organisation) == ("", "lakeshore-university-health")
    assert "Lakeshore University Health" in page(client, "staff_person", one.uuid)


def test_nobody_pairs_a_person_with_a_place_outside_their_scope(person, as_staff, sites):
    one, client = person(), as_staff("site_staff", sites[0])
    form = fields_of(page(client, "staff_edit_pairing", one.uuid))
    for chosen in ({"site": sites[3]}, {"site": ""}, {"site": "", "organisation": "gulf-coast-care"}):
        assert client.post(reverse("staff_edit_pairing", args=[one.uuid]), form | chosen).status_code == 200
        assert current_pairing(one).site == sites[0]


def test_whether_somebody_is_a_patient_is_kept_by_organisation(person, as_staff):
    one, client = person(), as_staff("site_staff")
    form = fields_of(page(client, "staff_edit_profile", one.uuid))
    said = {"version": form["version"], "organisation": "lakeshore-university-health", "status": "NO_ACCESS"}
    address = reverse("staff_patient_status", args=[one.uuid])
    assert client.post(address, said).status_code == 302
    assert "No access to the records" in page(client, "staff_person", one.uuid)
    other = said | {"organisation": "gulf-coast-care"}
    assert client.post(address, other).status_code == 200
    assert one.patient_statuses.count() == 1


# --- who looked at my record


def test_each_view_is_told_to_the_person_without_the_name_of_who_looked(person, as_staff, as_person):
    one = person()
    client = as_staff("site_staff")
    look_up(client, text="Rivera 1961-08-27")
    page(client, "staff_person", one.uuid)
    page(client, "staff_edit_profile", one.uuid)
    said = page(as_person(one), "seen")
    assert "You were found in a search" in said and "They opened your page" in said
    assert "They opened a form to change or add something" in said
    assert said.count("Site staff · Lakeshore Clinic") == 3
    assert client.account.email not in said
    assert "Nobody has looked yet" in page(as_person(person(email="b@example.org")), "seen")


def test_what_is_told_about_a_person_is_about_nobody_else(person, as_staff):
    one, other = person(), person(email="b@example.org")
    page(as_staff("site_staff"), "staff_person", one.uuid)
    assert [event.action for event in audit.about(one, actions=["staff.opened"])] == ["staff.opened"]
    assert audit.about(other, actions=["staff.opened"]) == []
    assert audit.about(one, limit=1) == audit.about(one)[:1]


# --- queues


def old(one, days):
    Participant.objects.filter(pk=one.pk).update(registered_at=timezone.now() - timedelta(days=days))
    return one


def waiting(account, name, **narrower):
    return [row["who"] for row in queues.waiting(queues.BY_NAME[name], account, timezone.now(), **narrower)]


def test_who_registered_and_has_not_consented_after_a_week_is_to_be_contacted(person, as_staff):
    early = old(person("profile", "a@example.org"), 3)
    late = old(person("profile", "b@example.org"), 8)
    later = old(person("profile", "c@example.org"), 20)
    given_up = old(person("profile", "d@example.org"), 200)
    consented = old(person("primary", "e@example.org"), 20)
    left = old(person("profile", "f@example.org"), 20)
    withdraw(left, timedelta(days=1))
    account = as_staff("site_staff").account
    assert waiting(account, "joining") == [later.uuid, late.uuid]
    assert waiting(account, "joining", days=14) == [later.uuid]
    assert {early.uuid, given_up.uuid, consented.uuid, left.uuid}.isdisjoint(waiting(account, "joining"))


def test_queues_hold_only_people_of_ones_own(person, as_staff, sites):
    mine, other = old(person("profile"), 9), old(person("profile", "b@example.org", site=sites[3]), 9)
    nowhere = old(person("account", "c@example.org"), 9)
    assert waiting(as_staff("site_staff", sites[0]).account, "joining") == [mine.uuid]
    operator = as_staff("operator").account
    assert set(waiting(operator, "joining")) == {mine.uuid, other.uuid, nowhere.uuid}
    assert waiting(operator, "joining", site=sites[3]) == [other.uuid]


def test_each_queue_finds_what_waits_in_it(person, as_staff, sites):
    one, two = person(email="a@example.org"), person(email="b@example.org")
    now, day = timezone.now(), timedelta(days=1)
    base = {"participant": one, "site": sites[0], "made_at": now - 3 * day, "changed_at": now}
    Appointment.objects.create(state="missed", starts_at=now - day, **base)
    Appointment.objects.create(state="asked", kind="call", **base)
    HelpRequest.objects.create(channel="portal", topic="other", text="x", language="en", call_back=True, **base)
    PaperConsent.objects.create(
        participant=one, module="ehr", version="1", language="en", answer="yes", authored_on=now.date(), uploaded_at=now
    )
    DeceaseReport.objects.create(participant=one, notification="OTHER", reported_at=now)
    Duplicate.objects.create(first=one, second=two, source="found")
    operator = as_staff("operator").account
    for name in ("missed", "wishes", "calls", "help", "to-correct", "decease", "duplicates"):
        assert waiting(operator, name) == [one.uuid], name
    standing = {one.queue.name: (one.count, one.may_open) for one in queues.overview(operator, now)}
    assert standing["missed"] == (1, True) and standing["to-verify"] == (0, True)
    Appointment.objects.create(state="booked", starts_at=now + day, **base | {"made_at": now})
    assert waiting(operator, "missed") == []


def test_who_needs_a_review_waits_until_somebody_answers(person, as_staff):
    one = person("eligible")
    people.pair(one, "lakeshore-chicago", source="test")
    account = as_staff("site_staff").account
    at = timezone.now()

    def found(state, minutes):
        when = at + timedelta(minutes=minutes)
        times = {"event_time": when, "authored_time": when, "received_time": when}
        one.eligibilities.create(answers={}, state=state, source="test", idempotency_key=f"e{minutes}", **times)

    found("needs_review", 1)
    assert waiting(account, "to-verify") == [one.uuid]
    found("eligible", 2)
    assert waiting(account, "to-verify") == []


def test_staff_decide_whether_somebody_can_join_and_the_person_is_told(person, as_staff):
    one, client = person(), as_staff("site_staff")
    address = reverse("staff_eligibility", args=[one.uuid])
    form = fields_of(page(client, "staff_eligibility", one.uuid))
    without = client.post(address, {"version": form["version"], "state": "not_eligible", "reason": " "})
    assert "#id_reason" in without.content.decode()
    people.record_profile(one, {"city": "Cicero"}, source="portal")
    decision = {"version": form["version"], "state": "not_eligible", "reason": "You live abroad for now."}
    late = client.post(address, decision)
    assert late.status_code == 409 and "You live abroad for now." in late.content.decode()
    again = decision | {"version": fields_of(late.content.decode())["version"]}
    assert client.post(address, again).status_code == 302
    found = one.eligibilities.order_by("-pk").first()
    assert (found.state, found.reasons, found.reviewed_by) == (
        "not_eligible",
        ["You live abroad for now."],
        client.account,
    )
    assert Message.objects.filter(participant=one, template="eligibility_reviewed", channel="inbox").count() == 1


def test_nothing_is_decided_of_who_has_not_answered(person, as_staff):
    one, client = person("account"), as_staff("operator")
    answer = client.post(
        reverse("staff_eligibility", args=[one.uuid]), {"version": version(one), "state": "eligible", "reason": ""}
    )
    assert answer.status_code == 200 and "has not answered the questions" in answer.content.decode()
    assert not one.eligibilities.exists()


def test_who_could_not_join_and_now_can_is_to_be_contacted(person, as_staff, protocol):
    one = old(person("account"), 9)
    right = {question.id: question.eligible_when for question in protocol.eligibility}
    wrong = right | {protocol.eligibility[0].id: not protocol.eligibility[0].eligible_when}
    account = as_staff("operator").account
    people.answer_eligibility(one, wrong, protocol, source="test")
    assert waiting(account, "joining") == []
    people.answer_eligibility(one, right, protocol, source="test")
    assert waiting(account, "joining") == [one.uuid]


def test_the_overview_counts_and_an_auditor_sees_counts_alone(person, as_staff):
    old(person("profile"), 9)
    staff, auditor = page(as_staff("site_staff"), "staff_overview"), page(as_staff("auditor"), "staff_overview")
    assert reverse("staff_queue", args=["joining"]) in staff and "9 days" in staff
    assert reverse("staff_queue", args=["joining"]) not in auditor and "9 days" in auditor
    assert "Possible duplicates" not in staff and "Possible duplicates" in auditor


def test_a_queue_of_others_is_closed(as_staff):
    client = as_staff("site_staff")
    assert client.get(reverse("staff_queue", args=["duplicates"])).status_code == 403
    assert client.get(reverse("staff_queue", args=["nothing"])).status_code == 404


def test_a_queue_has_pages_of_fifty_with_totals_and_names_nobody(person, as_staff, monkeypatch):
    from commonweal.vault.staff import paging

    monkeypatch.setattr(paging, "SIZE", 2)
    for n in range(3):
        old(person("profile", f"{n}@example.org"), 9 + n)
    client = as_staff("site_staff")
    first, second = (page(client, "staff_queue", "joining", page=n) for n in (1, 2))
    assert "1 to 2 of 3" in first and "3 to 3 of 3" in second
    assert len(re.findall(r"/staff/people/[0-9a-f-]{36}/", first)) == 2
    assert "Rivera" not in first
    for number in ("x", "-1", "9" * 40):
        assert "1 to 2 of 3" in page(client, "staff_queue", "joining", page=number) or number.startswith("9")


# --- roles


def test_an_operator_gives_and_ends_a_role_and_the_history_stays(as_staff):
    operator, colleague = as_staff("operator"), Account.objects.create_user("new@example.org", "seven quiet herons")
    given = {"email": " New@Example.org ", "role": "site_staff", "site": "gulf-coast-houston", "awardee": "sun-belt"}
    assert operator.post(reverse("staff_roles"), given).status_code == 302
    held = StaffRole.objects.get(account=colleague)
    assert (held.site, held.scope, held.given_by, held.ended_at) == ("gulf-coast-houston", "", operator.account, None)
    assert roles.site_staff(colleague) == ["gulf-coast-houston"]
    assert operator.post(reverse("staff_role_end", args=[held.pk])).status_code == 302
    held.refresh_from_db()
    assert held.ended_at and held.ended_by == operator.account
    assert roles.held(colleague) == []
    assert "new@example.org" in page(operator, "staff_roles", ended="1")
    assert operator.post(reverse("staff_roles"), given).status_code == 302  # again, as a new one
    assert StaffRole.objects.filter(account=colleague).count() == 2


def test_nobody_gives_or_ends_a_role_of_their_own(as_staff):
    operator = as_staff("operator")
    said = operator.post(reverse("staff_roles"), {"email": operator.account.email, "role": "steward"})
    assert "Nobody gives a role to themselves" in said.content.decode()
    own = StaffRole.objects.get(account=operator.account)
    operator.post(reverse("staff_role_end", args=[own.pk]))
    own.refresh_from_db()
    assert own.ended_at is None


def test_nobody_gives_a_role_that_reaches_further_than_their_own(as_staff, monkeypatch):
    """No role below operators gives roles today; were there one, it could not hand out more than it has."""
    manager = as_staff("org_manager", scope="lakeshore-university-health").account
    other = Account.objects.create_user("new@example.org", "seven quiet herons")
    with pytest.raises(assigning.Refused, match="only operators"):
        assigning.give_by(manager, other, "site_staff", "lakeshore-chicago")
    monkeypatch.setitem(roles.MATRIX, "org_manager", roles.MATRIX["org_manager"] | {"roles"})
    assert assigning.give_by(manager, other, "site_staff", "lakeshore-chicago").site == "lakeshore-chicago"
    for role, place in (("operator", {}), ("site_staff", {"site": "gulf-coast-houston"}), ("auditor", {})):
        with pytest.raises(assigning.Refused, match="further than your own"):
            assigning.give_by(manager, other, role, **place)


def test_a_role_for_an_address_without_an_account_is_told(as_staff):
    said = as_staff("operator").post(reverse("staff_roles"), {"email": "nobody@example.org", "role": "auditor"})
    assert "No account has this address" in said.content.decode()
    assert "nobody@example.org" in said.content.decode()


def test_a_manager_sees_the_roles_of_their_own_places_and_gives_none(as_staff):
    as_staff("site_staff", "lakeshore-milwaukee"), as_staff("site_staff", "gulf-coast-houston")
    client = as_staff("org_manager", scope="lakeshore-university-health")
    said = page(client, "staff_roles")
    assert "site_stafflakeshore-milwaukee@example.org" in said
    assert "gulf-coast-houston" not in said
    assert "Give the role" not in said
    client.post(reverse("staff_roles"), {"email": "a@example.org", "role": "operator"})
    assert not StaffRole.objects.filter(role="operator").exists()


# --- the audit


def test_an_auditor_reads_the_log_by_action_and_day(person, as_staff):
    one = person()
    page(as_staff("site_staff"), "staff_person", one.uuid)
    auditor = as_staff("auditor")
    said = page(auditor, "staff_audit", action="staff.opened")
    assert "staff.opened" in said and "site_staff" in said
    assert "people.register" not in said.split("<tbody>")[1]
    assert one.participant_id not in said and "ines@example.org" not in said
    assert "No event like this" in page(auditor, "staff_audit", until="2020-01-01")
    today = datetime.now(UTC).date().isoformat()
    assert "people.register" in page(auditor, "staff_audit", action="people.", since=today, until=today)


def test_reading_the_audit_stands_in_it_and_it_shows_its_last_seal(person, as_staff):
    person()
    auditor = as_staff("auditor")
    assert "Nothing has been sealed yet" in page(auditor, "staff_audit")
    batch = audit.seal()
    assert f"number {batch.number}, {batch.events} events" in page(auditor, "staff_audit")
    assert Event.objects.filter(action="audit.read").count() == 2


def test_the_audit_has_pages(person, as_staff, monkeypatch):
    from commonweal.vault.staff.views import auditing

    monkeypatch.setattr(auditing, "SIZE", 2)
    person()
    auditor = as_staff("auditor")
    first = page(auditor, "staff_audit", action="people.")
    older = re.search(r'href="\?([^"]*before=\d+)"', first)[1].replace("&amp;", "&")
    numbers = [int(n) for n in re.findall(r'<th scope="row" class="number">(\d+)<', first)]
    following = auditor.get(reverse("staff_audit") + "?" + older).content.decode()
    assert max(int(n) for n in re.findall(r'<th scope="row" class="number">(\d+)<', following)) < min(numbers)
