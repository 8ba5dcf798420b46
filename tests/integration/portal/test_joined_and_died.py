"""Two accounts of one person, and reports of death: found, decided by the staff, and driven through every store."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import orjson
import pytest
from django.urls import reverse
from django.utils import timezone

from commonweal.audit.models import Event
from commonweal.errors import BadInput, Refused
from commonweal.r4 import patients
from commonweal.r4.patients import Name
from commonweal.vault.consent import actions as consent
from commonweal.vault.consent import decease
from commonweal.vault.consent.grants import scopes_in_force, withdrawn_at
from commonweal.vault.consent.models import ConsentAnswer, Deactivation, Decease, DeceaseReport, Withdrawal
from commonweal.vault.journey import leaving
from commonweal.vault.journey.leaving import destruction, joining
from commonweal.vault.people import actions as people
from commonweal.vault.people import duplicates
from commonweal.vault.people.models import Account, AccountLink, Duplicate
from commonweal.vault.records import matching
from commonweal.vault.surveys.models import SurveyResponse

pytestmark = pytest.mark.django_db(transaction=True)
DAY = timedelta(days=1)


def say(one, module, answer, protocol):
    text = protocol.consents[module].current.texts["en"]
    given = {"language": "en", "signed_name": "Inés Rivera", "content_sha256": text.sha256, "source": "test"}
    return consent.answer_module(one, module, answer, protocol=protocol, **given)


def respond(one, at):
    return SurveyResponse.objects.create(
        participant=one, questionnaire="TheBasics", version="1", language="en", event_time=at, authored_time=at,
        received_time=at, source="test", idempotency_key=f"r{one.pk}", document=orjson.dumps({"item": []}).decode(),
    )  # fmt: skip


@pytest.fixture
def staff(transactional_db):
    return [Account.objects.create_user(f"staff{n}@example.org", "seven quiet herons") for n in range(2)]


@pytest.fixture
def twice(person):
    """One person with two accounts that agree in name, birth date, phone and address."""
    return person(), person("primary", email="again@example.org", given_name="INES", family_name=" Rivera")


@pytest.fixture
def pair(twice):
    duplicates.find()
    return Duplicate.objects.get()


# Finding


def test_same_birth_date_and_name_and_one_detail_make_a_pair(pair, twice):
    assert (pair.first, pair.second, pair.status) == (*twice, "potential")
    assert pair.why == "address phone"
    assert Event.objects.get(action="duplicates.find").count == 1
    assert duplicates.find() == 0 and Duplicate.objects.count() == 1


@pytest.mark.parametrize(
    "change", [{"birth_date": date(1961, 8, 28)}, {"given_name": "Iris"}, {"family_name": "River"}]
)
def test_another_birth_date_or_name_is_no_pair(person, change):
    person()
    person(email="again@example.org", **change)
    assert duplicates.potential().num_rows == 0


def test_name_and_birth_date_alone_are_no_pair(person):
    person()
    person(email="again@example.org", phone="", address_line="")
    assert duplicates.potential().num_rows == 0


def test_an_e_mail_agrees_without_case(person):
    one, other = person(phone="", address_line=""), person(email="b@example.org", phone="", address_line="")
    people.record_profile(one, {"email": "Ines.Rivera@Example.org"}, source="test")
    people.record_profile(other, {"email": "ines.rivera@example.ORG "}, source="test")
    assert duplicates.potential()["agree"].to_pylist() == ["email"]


def test_only_the_latest_profile_counts_and_left_out_people_are_left_out(person):
    one, other = person(), person(email="again@example.org")
    assert duplicates.potential([one.pk]).num_rows == 0
    people.record_profile(other, {"phone": "312-555-0199", "address_line": "2 Elm St"}, source="test")
    assert duplicates.potential().num_rows == 0
    assert duplicates.potential().column_names == ["first", "second", "agree"]


def test_a_large_group_grows_with_its_people_and_not_with_their_pairs(person, monkeypatch):
    monkeypatch.setattr(duplicates, "LARGE_GROUP", 3)
    monkeypatch.setattr(duplicates, "_PAIRS", duplicates._PAIRS.replace("<= 10", "<= 3"))
    everybody = [person("profile", email=f"p{n}@example.org") for n in range(6)]
    assert duplicates.potential()["second"].to_pylist() == [one.pk for one in everybody[1:]]


def test_test_participants_are_no_duplicates(twice):
    type(twice[0]).objects.filter(pk=twice[0].pk).update(is_test=True)
    assert duplicates.potential().num_rows == 0


# Deciding


def test_a_pair_is_rejected_once_and_stays_so(pair, twice, staff):
    duplicates.decide(pair, None, by=staff[0])
    duplicates.decide(pair, None, by=staff[1])
    pair.refresh_from_db()
    assert (pair.status, pair.decided_by) == ("rejected", staff[0])
    with pytest.raises(Refused):
        leaving.merge(pair, twice[0], by=staff[0])
    assert withdrawn_at(twice[1]) is None and duplicates.find() == 0


def test_the_one_that_goes_on_is_one_of_the_two(pair, person, staff):
    with pytest.raises(BadInput):
        leaving.merge(pair, person(email="third@example.org", given_name="Ana"), by=staff[0])
    assert not Withdrawal.objects.exists()


def test_what_the_other_gave_is_told_again_at_its_times(pair, twice, staff, protocol):
    goes_on, other = twice
    at = timezone.now() - 5 * DAY
    old = respond(other, at)
    say(other, "wearables", "no", protocol)
    AccountLink.objects.create(participant=other, account=staff[1], kind="helper", started_at=at)
    before = goes_on.consent_answers.count()
    receipt = leaving.merge(pair, goes_on, by=staff[0])
    again = goes_on.survey_responses.get()
    assert (again.event_time, again.authored_time, again.source) == (old.event_time, old.authored_time, "merge")
    assert again.received_time > old.received_time and again.uuid != old.uuid and again.document == old.document
    assert goes_on.consent_answers.count() == before + other.consent_answers.count() == before + 2
    told = {line.store: line for line in receipt.lines.all()}
    assert (receipt.kind, receipt.participant, told["joined"].count) == ("merge", other, 3)
    assert AccountLink.objects.get(participant=goes_on).account == staff[1]
    left = Withdrawal.objects.get(participant=other)
    assert (left.reason, left.asked_by) == ("duplicate", staff[0]) and left.justification
    now = timezone.now()
    assert not scopes_in_force(other, now, now) and "surveys" in scopes_in_force(goes_on, now, now)


def test_joining_again_changes_nothing(pair, twice, staff):
    goes_on, other = twice
    respond(other, timezone.now())
    first = leaving.merge(pair, goes_on, by=staff[0])
    counts = [model.objects.count() for model in (ConsentAnswer, SurveyResponse, Withdrawal, AccountLink)]
    assert leaving.merge(pair, goes_on, by=staff[1]).pk == first.pk
    assert [model.objects.count() for model in (ConsentAnswer, SurveyResponse, Withdrawal, AccountLink)] == counts
    with pytest.raises(Refused):
        leaving.merge(pair, other, by=staff[0])


@pytest.mark.parametrize("who", [0, 1])
def test_who_left_by_themselves_is_never_joined(pair, twice, staff, who):
    """The withdrawal wins: what somebody took out of the program must not come back under another number."""
    leaving.withdraw(twice[who], source="portal")
    before = ConsentAnswer.objects.count()
    with pytest.raises(Refused, match="left the program"):
        leaving.merge(pair, twice[0], by=staff[0])
    pair.refresh_from_db()
    assert pair.status == "potential" and ConsentAnswer.objects.count() == before


def test_a_wish_to_be_left_in_peace_is_told_again(pair, twice, staff):
    goes_on, other = twice
    leaving.deactivate(other, source="portal")
    leaving.merge(pair, goes_on, by=staff[0])
    assert Deactivation.objects.filter(participant=goes_on).exists()
    leaving.finish_open()
    assert leaving.latest(goes_on).kind == "deactivation"


def test_the_closed_account_says_to_log_in_with_the_other(pair, twice, staff, as_person):
    leaving.merge(pair, twice[0], by=staff[0])
    page = as_person(twice[1]).get(reverse("home"), follow=True).content.decode()
    assert "log in with your other account" in page
    assert as_person(twice[0]).get(reverse("home")).status_code == 200
    assert joining.goes_on_as(twice[1]) == twice[0] and joining.goes_on_as(twice[0]) is None


def test_health_records_find_the_one_that_goes_on(pair, twice, staff, sites):
    """Before, two fit and neither is matched; afterwards the records are the one's, and counted once."""
    profile = twice[0].profiles.get()
    told = {"birth_date": profile.birth_date, "sex": profile.sex_at_birth, "phones": [profile.phone]}
    patient = patients.described(names=[Name(profile.family_name, (profile.given_name,))], **told)
    assert matching.match_all({"p": patient}, sites[0])["p"] == matching.Match(None, matching.AMBIGUOUS)
    leaving.merge(pair, twice[0], by=staff[0])
    assert matching.match_all({"p": patient}, sites[0])["p"].participant == twice[0].pk


def test_samples_of_a_joined_account_are_kept_until_the_person_leaves(pair, twice, staff):
    goes_on, other = twice
    leaving.merge(pair, goes_on, by=staff[0])
    assert destruction.due() == []
    leaving.withdraw(goes_on, source="portal")
    assert {row.biobank_id for row in destruction.due()} == {goes_on.biobank_id, other.biobank_id}


def test_samples_are_kept_too_where_the_one_that_goes_on_is_joined_with_a_third(pair, twice, staff, person):
    """Three accounts of one person, joined one after the other: nobody has left, so nothing is destroyed."""
    first, second = twice[1], twice[0]
    leaving.merge(pair, second, by=staff[0])
    third = person(email="third@example.org")
    leaving.merge(duplicates.suspect(second, third, source="staff", actor=staff[0]), third, by=staff[0])
    assert joining.goes_on_as(first) == joining.goes_on_as(second) == third
    assert destruction.due() == []
    leaving.withdraw(third, source="portal")
    assert {row.biobank_id for row in destruction.due()} == {first.biobank_id, second.biobank_id, third.biobank_id}


# Death


def told(**more):
    return decease.Told(**{"notification": "ATTEMPTED_CONTACT", "date_of_death": date(2026, 1, 5)} | more)


def test_a_second_person_approves_a_report_of_death(person, staff, protocol, sites):
    one = person()
    report = decease.report(one, told(), by=staff[0])
    with pytest.raises(Refused, match="second person"):
        leaving.decease(report, by=staff[0])
    assert not Decease.objects.exists()
    receipt = leaving.decease(report, by=staff[1])
    fact, zone = Decease.objects.get(), ZoneInfo(protocol.sites[sites[0]].timezone)
    assert fact.event_time == datetime(2026, 1, 5, tzinfo=zone).astimezone(UTC)
    assert fact.received_time > fact.authored_time == report.reported_at
    now = timezone.now()
    assert "surveys" in scopes_in_force(one, now, now)
    assert scopes_in_force(one, now, now, new_data=True) == frozenset()
    assert not Account.objects.get(pk=one.account_id).is_active
    assert receipt.finished_at and receipt.kind == "decease"
    with pytest.raises(Refused, match="decided already"):
        leaving.decease(report, by=staff[1])


def test_without_a_date_death_counts_from_the_approval(person, staff):
    report = decease.report(person(), told(date_of_death=None), by=staff[0])
    before = timezone.now()
    assert decease.approve(report, by=staff[1]).event_time >= before


def test_only_one_report_of_death_is_active(person, staff):
    one = person()
    first = decease.report(one, told(), by=staff[0])
    with pytest.raises(Refused, match="already"):
        decease.report(one, told(), by=staff[1])
    with pytest.raises(BadInput, match="reason"):
        decease.deny(first, "BORED", by=staff[1])
    with pytest.raises(BadInput, match="why"):
        decease.deny(first, "OTHER", by=staff[1])
    decease.deny(first, "INCORRECT_PARTICIPANT", by=staff[1])
    again = decease.report(one, told(notification="NEXT_KIN_HPO"), by=staff[1])
    decease.approve(again, by=staff[0])
    with pytest.raises(Refused, match="already"):
        decease.report(one, told(), by=staff[0])
    assert list(DeceaseReport.objects.order_by("pk").values_list("status", flat=True)) == ["DENIED", "APPROVED"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"notification": "RUMOUR"},
        {"notification": "OTHER"},
        {"date_of_death": date(2999, 1, 1)},
        {"date_of_death": date(1950, 1, 1)},
    ],
)
def test_a_report_that_cannot_be_is_refused(person, staff, wrong):
    with pytest.raises(BadInput):
        decease.report(person(), told(**wrong), by=staff[0])
    assert not DeceaseReport.objects.exists()


def test_two_accounts_are_not_joined_over_a_report_of_death(pair, twice, staff):
    decease.report(twice[1], told(), by=staff[0])
    with pytest.raises(Refused, match="death"):
        leaving.merge(pair, twice[0], by=staff[1])


def test_the_enums_of_the_reference():
    assert DeceaseReport.NOTIFICATIONS == (
        "EHR", "ATTEMPTED_CONTACT", "NEXT_KIN_HPO", "NEXT_KIN_SUPPORT", "OTHER",
    )  # fmt: skip
    assert DeceaseReport.DENIALS == ("INCORRECT_PARTICIPANT", "MARKED_IN_ERROR", "INSUFFICIENT_INFORMATION", "OTHER")
