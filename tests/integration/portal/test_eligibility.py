"""Eligibility on the portal: its states, a review by a person, and custody later on."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from commonweal.audit.models import Event
from commonweal.errors import BadInput
from commonweal.vault.people import actions
from commonweal.vault.people.current import current_eligibility, is_eligible, is_held
from commonweal.vault.people.models import Account, Custody, Eligibility
from commonweal.vault.people.queues import waiting_for_review

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def right(protocol):
    return {q.id: "yes" if q.eligible_when else "no" for q in protocol.eligibility}


@pytest.fixture
def reviewer(transactional_db):
    return Account.objects.create_user("operator@example.org", "seven quiet herons")


def test_who_is_not_sure_is_looked_at_by_a_person(person, as_person, right):
    one = person("account")
    client = as_person(one)
    answer = client.post(reverse("eligibility"), right | {"decides_alone": "unsure"})
    assert answer["Location"] == reverse("in_review")
    page = client.get(answer["Location"]).content.decode()
    assert "We will write to you" in page
    assert "Can you make this choice for yourself" in page
    assert list(waiting_for_review()) == [one]
    assert not is_eligible(one)
    assert client.get(reverse("not_eligible"))["Location"] == reverse("in_review")
    assert client.get(reverse("consent", args=["primary"]))["Location"] == reverse("next")


def test_not_sure_is_offered_only_where_the_program_allows_it(person, as_person, right, protocol):
    client = as_person(person("account"))
    page = client.get(reverse("eligibility")).content.decode()
    offered = {q.id for q in protocol.eligibility if f'name="{q.id}" value="unsure"' in page}
    assert offered == {"lives_in_us", "decides_alone"}
    page = client.post(reverse("eligibility"), right | {"adult": "unsure"}).content.decode()
    assert "Select a valid choice" in page
    assert not Eligibility.objects.exists()
    with pytest.raises(BadInput):
        answers = {q.id: q.eligible_when for q in protocol.eligibility} | {"in_custody": None}
        actions.answer_eligibility(client_person(client), answers, protocol, source="test")


def client_person(client):
    return Account.objects.get(pk=client.session["_auth_user_id"]).participant


def test_staff_say_yes_and_the_way_goes_on(person, as_person, right, reviewer):
    one = person("account")
    client = as_person(one)
    client.post(reverse("eligibility"), right | {"lives_in_us": "unsure"})
    fact = actions.review_eligibility(one, "eligible", by=reviewer)
    assert (fact.reviewed_by, fact.source, fact.answers["lives_in_us"]) == (reviewer, "staff", None)
    assert not waiting_for_review().exists()
    assert client.get(reverse("next"))["Location"] == reverse("about_you")
    assert Event.objects.filter(action="people.eligibility-reviewed").count() == 1
    actions.review_eligibility(one, "eligible", by=reviewer)
    assert Eligibility.objects.count() == 2


def test_staff_say_no_with_words_that_the_person_reads(person, as_person, right, reviewer):
    one = person("account")
    client = as_person(one)
    client.post(reverse("eligibility"), right | {"lives_in_us": "unsure"})
    with pytest.raises(BadInput):
        actions.review_eligibility(one, "not_eligible", "  ", by=reviewer)
    actions.review_eligibility(one, "not_eligible", "We spoke on the phone: <b>next</b> year.", by=reviewer)
    page = client.get(reverse("not_eligible")).content.decode()
    assert "We spoke on the phone: &lt;b&gt;next&lt;/b&gt; year." in page
    actions.review_eligibility(one, "not_eligible", "lives_in_us", by=reviewer)
    assert (
        "We can only include people who live in the United States"
        in client.get(reverse("not_eligible")).content.decode()
    )


def test_what_staff_denied_other_answers_do_not_open(person, as_person, right, reviewer):
    one = person("account")
    client = as_person(one)
    client.post(reverse("eligibility"), right | {"decides_alone": "unsure"})
    actions.review_eligibility(one, "not_eligible", "decides_alone", by=reviewer)
    client.post(reverse("eligibility"), right | {"adult": "no"})
    assert client.post(reverse("eligibility"), right)["Location"] == reverse("in_review")
    assert current_eligibility(one).state == "needs_review"


def test_nobody_is_reviewed_who_has_not_answered(person, reviewer):
    with pytest.raises(BadInput):
        actions.review_eligibility(person("account"), "eligible", by=reviewer)
    with pytest.raises(BadInput):
        actions.review_eligibility(person("eligible", email="b@example.org"), "maybe", by=reviewer)


@pytest.mark.parametrize("posted", [{}, {"adult": "yes"}, {"adult": "'; --"}, {"adult": "yes\x00"}])
def test_answers_that_are_none_say_so_and_keep_nothing(person, as_person, posted):
    answer = as_person(person("account")).post(reverse("eligibility"), posted)
    assert answer.status_code == 200
    assert 'class="summary"' in answer.content.decode()
    assert not Eligibility.objects.exists()


# --- custody


def test_custody_is_told_and_ended_and_nothing_is_lost(person, as_person):
    one = person()
    client = as_person(one)
    assert client.post(reverse("custody"), {"to": "held", "since": ""})["Location"] == reverse("custody")
    assert is_held(one)
    page = client.get(reverse("custody")).content.decode()
    assert "Nothing that you gave is lost" in page
    client.post(reverse("custody"), {"to": "free"})
    assert not is_held(one)
    facts = Custody.objects.order_by("id")
    assert [(fact.held, fact.supersedes) for fact in facts] == [(True, None), (False, None)]
    assert one.consent_answers.count() == 2


def test_custody_may_have_begun_before(person, as_person):
    one = person()
    day = timezone.localdate() - timedelta(days=30)
    as_person(one).post(reverse("custody"), {"to": "held", "since": day.isoformat()})
    assert one.custodies.get().event_time.date() == day
    assert one.custodies.get().authored_time.date() == timezone.now().date()


@pytest.mark.parametrize(
    ("posted", "said"),
    [
        ({"to": "held", "since": "2099-01-01"}, "still to come"),
        ({"to": "held", "since": "yesterday"}, "year-month-day"),
        ({"to": "free"}, "changed meanwhile"),
        ({}, "changed meanwhile"),
    ],
)
def test_custody_that_cannot_be_is_said(person, as_person, posted, said):
    one = person()
    page = as_person(one).post(reverse("custody"), posted).content.decode()
    assert said in page
    assert not one.custodies.exists()


def test_an_end_before_the_beginning_is_refused(person, as_person):
    one = person()
    client = as_person(one)
    client.post(reverse("custody"), {"to": "held"})
    day = timezone.localdate() - timedelta(days=3)
    assert (
        "before the last change"
        in client.post(reverse("custody"), {"to": "free", "since": day.isoformat()}).content.decode()
    )
    assert is_held(one)


def test_the_same_twice_is_one_fact(person):
    one = person()
    actions.record_custody(one, True, source="staff")
    assert actions.record_custody(one, True, source="staff") is None
    assert one.custodies.count() == 1
