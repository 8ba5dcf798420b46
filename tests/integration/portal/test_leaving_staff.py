"""The staff's pages about leaving, death and double accounts: who may, and what they do."""

from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from commonweal.audit.models import Event
from commonweal.vault.consent.grants import withdrawn_at
from commonweal.vault.consent.models import Decease, DeceaseReport, Withdrawal
from commonweal.vault.journey import leaving
from commonweal.vault.people import duplicates
from commonweal.vault.people.models import Account, Duplicate

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_operator_takes_somebody_out_with_a_reason_in_writing(person, as_staff):
    one, client = person(), as_staff("operator")
    address = reverse("staff_withdraw", args=[one.uuid])
    page = client.post(address, {"reason": "fraudulent", "sure": "on"}).content.decode()
    assert "Write why" in page and withdrawn_at(one) is None
    answer = client.post(address, {"reason": "fraudulent", "justification": "Two hands.", "sure": "on"}, follow=True)
    left = Withdrawal.objects.get()
    assert (left.reason, left.justification, left.asked_by) == ("fraudulent", "Two hands.", client.account)
    assert "What leaving did" in answer.content.decode()
    assert "Two hands" not in " ".join(Event.objects.values_list("details", flat=True))
    assert client.get(address).status_code == 302  # a second time leads to the receipt


@pytest.mark.parametrize("role", ["site_staff", "steward", "auditor"])
def test_others_take_nobody_out(person, as_staff, role):
    one, client = person(), as_staff(role)
    for name in ("staff_withdraw", "staff_destruction", "staff_duplicates", "staff_deceases"):
        args = [one.uuid] if name == "staff_withdraw" else []
        assert client.get(reverse(name, args=args)).status_code == 403, name
    client.post(reverse("staff_withdraw", args=[one.uuid]), {"reason": "self", "justification": "x", "sure": "on"})
    assert withdrawn_at(one) is None


def test_staff_see_the_receipt_and_48_hours_later_only_its_states(person, as_staff, sites):
    one, client = person(), as_staff("site_staff", sites[0])
    leaving.withdraw(one, source="portal")
    address = reverse("staff_leaving", args=[one.uuid])
    assert "Everything that you had agreed to has ended" in client.get(address).content.decode()
    then = timezone.now() - timedelta(hours=48)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE consent_withdrawal SET authored_time = %s", [then])
    page = client.get(address).content.decode()
    assert "only the states" in page and "Everything that you had agreed to" not in page
    assert Event.objects.filter(action="staff.opened").count() == 2
    other = as_staff("site_staff", sites[1])
    assert other.get(address).status_code == 404


def test_the_list_for_the_biobank_is_downloaded_by_operators(person, as_staff):
    one, client = person(), as_staff("operator")
    leaving.withdraw(one, source="portal")
    assert "1 person has left" in client.get(reverse("staff_destruction")).content.decode()
    answer = client.post(reverse("staff_destruction"), {"since": ""})
    assert answer.content.decode().splitlines() == ["biobank_id,ceremony", f"{one.biobank_id},not_asked"]
    assert one.biobank_id not in answer["Content-Disposition"]
    assert Event.objects.get(action="leaving.destruction_list").count == 1


def test_one_reports_a_death_and_another_approves_it(person, as_staff, sites):
    one = person()
    site, operator = as_staff("site_staff", sites[0]), as_staff("operator")
    form = {"notification": "OTHER", "date_of_death": "2026-01-05", "reporter_name": "A. Rivera"}
    page = site.post(reverse("staff_decease_report", args=[one.uuid]), form).content.decode()
    assert "Say how it became known" in page
    site.post(reverse("staff_decease_report", args=[one.uuid]), form | {"notification": "NEXT_KIN_HPO"})
    report = DeceaseReport.objects.get()
    assert str(report.uuid) in operator.get(reverse("staff_deceases")).content.decode()
    address = reverse("staff_decease", args=[report.uuid])
    assert "A. Rivera" in operator.get(address).content.decode()
    operator.post(address, {"decision": "approve"})
    assert Decease.objects.get().participant == one
    assert not Account.objects.get(pk=one.account_id).is_active
    assert "A. Rivera" not in " ".join(Event.objects.values_list("details", flat=True))


def test_who_reported_a_death_cannot_approve_it(person, as_staff):
    one, operator = person(), as_staff("operator")
    operator.post(reverse("staff_decease_report", args=[one.uuid]), {"notification": "EHR"})
    address = reverse("staff_decease", args=[DeceaseReport.objects.get().uuid])
    assert "your own report" in operator.get(address).content.decode()
    page = operator.post(address, {"decision": "approve"}).content.decode()
    assert "second person" in page and not Decease.objects.exists()


def test_a_report_is_denied_with_a_reason(person, as_staff, sites):
    one = person()
    as_staff("site_staff", sites[0]).post(reverse("staff_decease_report", args=[one.uuid]), {"notification": "EHR"})
    operator, report = as_staff("operator"), DeceaseReport.objects.get()
    address = reverse("staff_decease", args=[report.uuid])
    assert "Say why" in operator.post(address, {"decision": "deny", "reason": "OTHER"}).content.decode()
    operator.post(address, {"decision": "deny", "reason": "MARKED_IN_ERROR"})
    report.refresh_from_db()
    assert (report.status, report.denial_reason) == ("DENIED", "MARKED_IN_ERROR")


def test_an_operator_finds_compares_and_joins(person, as_staff):
    one, other = person(), person(email="again@example.org")
    operator = as_staff("operator")
    page = operator.post(reverse("staff_duplicates_find"), follow=True).content.decode()
    assert "1 new pair was found" in page and "phone" in page
    assert "ines@example.org" not in page and one.participant_id not in page
    address = reverse("staff_duplicate", args=[Duplicate.objects.get().uuid])
    page = operator.get(address).content.decode()
    assert one.participant_id in page and other.participant_id in page
    assert "This field is required" in operator.post(address, {"decision": "join"}).content.decode()
    operator.post(address, {"decision": "join", "primary": str(other.uuid), "sure": "on"})
    assert withdrawn_at(one) and withdrawn_at(other) is None


def test_an_operator_tells_two_people_apart(person, as_staff):
    person(), person(email="again@example.org")
    duplicates.find()
    operator, pair = as_staff("operator"), Duplicate.objects.get()
    operator.post(reverse("staff_duplicate", args=[pair.uuid]), {"decision": "apart"})
    pair.refresh_from_db()
    assert pair.status == "rejected" and pair.decided_by == operator.account


def test_a_pair_with_somebody_who_left_is_not_joined_and_the_page_says_why(person, as_staff):
    one, other = person(), person(email="again@example.org")
    duplicates.find()
    leaving.withdraw(one, source="portal")
    operator, pair = as_staff("operator"), Duplicate.objects.get()
    join = {"decision": "join", "primary": str(other.uuid), "sure": "on"}
    page = operator.post(reverse("staff_duplicate", args=[pair.uuid]), join).content.decode()
    assert "has left the program" in page and Withdrawal.objects.count() == 1
