"""Reminders of surveys: by the days of the protocol, once each, and never to who answered or is not to be written to."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from commonweal.r4.questionnaire import answers_of, response_document
from commonweal.ui.context import current_protocol
from commonweal.vault.consent import leaving
from commonweal.vault.messages import actions as messages
from commonweal.vault.messages import survey_reminders as reminders
from commonweal.vault.messages.models import Message, Round
from commonweal.vault.people.models import Participant
from commonweal.vault.surveys import actions, reading, taking
from tests.integration.portal.conftest import person, protocol, sites  # noqa: F401  (fixtures)

pytestmark = pytest.mark.django_db(transaction=True)
DAY = timedelta(days=1)


@pytest.fixture
def ines(person):  # noqa: F811
    return person("primary")


def answer(one, code):
    survey = current_protocol().surveys[code]
    item = next(item for item in survey.questionnaire.items.values() if item.options and not item.enable_when)
    return actions.hand_in(one, survey, {item.link_id: [item.options[0].answer]}, language="en", source="portal")


def told():
    inbox = Message.objects.filter(channel="inbox", template__startswith="survey_").order_by("pk")
    return [(one.template, one.link) for one in inbox]


def remind(days):
    """The round of so many days from now; what it sends was made then, and not at the time of the test."""
    before, then = timezone.now(), timezone.now() + days * DAY
    count = reminders.survey_reminders(then)
    Message.objects.filter(made_at__gte=before, made_at__lte=timezone.now()).update(made_at=then)
    return count


def test_by_the_days_of_the_protocol_one_at_a_time(ines):
    assert [remind(days) for days in (0, 6, 7, 7.1)] == [0, 0, 1, 0]
    assert told() == [("survey_waits", "/surveys/TheBasics/")]
    message = Message.objects.get(channel="email", template="survey_waits")
    assert "TheBasics" not in message.subject + message.body and "Basics" not in message.body
    assert "The Basics" in Message.objects.get(channel="inbox", template="survey_waits").body


def test_never_the_same_twice_and_no_more_than_the_plan_says(ines):
    for days in range(7, 60):
        remind(days)
    links = [link for _, link in told()]
    assert links.count("/surveys/TheBasics/") <= 2 and len(links) <= 6


def test_it_stops_with_the_answer(ines):
    answer(ines, "TheBasics")
    assert remind(7) == 1
    assert told() == [("survey_waits", "/surveys/OverallHealth/")]


def test_nobody_who_left_or_wants_no_contact(ines):
    leaving.deactivate(ines, source="portal")
    assert remind(8) == 0 and told() == []


def test_who_wants_no_reminders_finds_it_in_the_inbox_alone(ines):
    messages.prefer(ines, source="portal", reminders=False)
    assert remind(8) == 1
    assert [one.channel for one in Message.objects.filter(template="survey_waits")] == ["inbox"]


def test_a_reminder_that_comes_too_late_is_not_sent(ines):
    assert remind(40) == 0


def test_test_people_are_left_out(ines):
    Participant.objects.filter(pk=ines.pk).update(is_test=True)
    assert remind(8) == 0


def test_a_part_that_came_in_from_elsewhere_is_no_answer(ines):
    survey, now = current_protocol().surveys["TheBasics"], timezone.now()
    item = next(item for item in survey.questionnaire.items.values() if item.options and not item.enable_when)
    document = response_document(
        survey.questionnaire,
        {item.link_id: [item.options[0].answer]},
        language="en",
        authored=now + timedelta(seconds=2),  # whole seconds: not before the person agreed
        identifier=None,
        status="in-progress",
    )
    given = reading.read(document, json.dumps(document), find=lambda named: survey, why_unknown=str, now=now)
    assert taking.take(ines, given, source="api")[0].classification == "partial"
    assert remind(7) == 1 and told() == [("survey_waits", "/surveys/TheBasics/")]


def test_who_corrected_an_answer_is_reminded_when_the_next_wave_opens(ines, monkeypatch):
    for code in current_protocol().baseline:
        answer(ines, code)
    said = answer(ines, "CheckIn")
    then = timezone.now() + 30 * DAY
    with monkeypatch.context() as later:
        later.setattr(timezone, "now", lambda: then)
        survey, answers = current_protocol().surveys["CheckIn"], answers_of(json.loads(said.document))
        actions.hand_in(ines, survey, answers, language="es", source="portal", corrects=said)
    due = current_protocol().survey_settings["CheckIn"].every + 7
    monkeypatch.setattr(reminders, "_reminds", lambda _, code: code == "CheckIn")
    found = [reminders.candidates(current_protocol(), timezone.now() + days * DAY) for days in (due - 10, due + 1)]
    assert found == [[], [ines.pk]]


class TestManyPeople:
    @pytest.fixture
    def crowd(self, person):  # noqa: F811
        return [person("primary", email=f"crowd-{n}@example.org") for n in range(5)]

    def links(self):
        told = Message.objects.filter(channel="inbox", template="survey_waits").order_by("pk")
        return list(told.values_list("participant", flat=True))

    def test_a_tick_sends_so_many_and_the_next_goes_on_where_it_ended(self, crowd, monkeypatch):
        monkeypatch.setattr(reminders, "AT_ONCE", 2)
        assert [remind(8) for _ in range(4)] == [2, 2, 1, 0]
        assert self.links() == [one.pk for one in crowd]

    def test_a_tick_looks_at_so_many_whether_or_not_something_is_due(self, crowd, monkeypatch):
        monkeypatch.setattr(reminders, "SPAN", crowd[1].pk)  # how high the numbers are depends on what ran before
        monkeypatch.setattr(reminders, "SPANS", 1)
        monkeypatch.setattr(reminders, "CHUNK", 1)
        told = [remind(8) for _ in range(3)]
        assert told[0] == 2 and sum(told) == 5 and sorted(self.links()) == [one.pk for one in crowd]
        assert Round.objects.get().ended

    def test_after_a_worker_was_killed_nobody_is_told_twice_and_none_is_passed_over(self, crowd, monkeypatch):
        def killed(one, *rest, real=reminders._send):
            real(one, *rest)
            if one == crowd[2]:
                raise KeyboardInterrupt

        with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
            patched.setattr(reminders, "_send", killed)
            patched.setattr(reminders.rounds, "let_go", lambda mine: None)
            remind(8)
        Message.objects.update(made_at=timezone.now() + 8 * DAY)
        assert remind(8) == 0  # the lease of the one that was killed
        Round.objects.update(claimed_until=timezone.now())
        assert remind(8) == 2 and sorted(self.links()) == [one.pk for one in crowd]

    def test_two_workers_at_once_tell_each_person_once(self, crowd, monkeypatch):
        def twice(one, *rest, real=reminders._send):
            with monkeypatch.context() as inner:
                inner.setattr(reminders, "_send", real)
                assert reminders.survey_reminders(timezone.now() + 8 * DAY) == 0
            real(one, *rest)

        monkeypatch.setattr(reminders, "_send", twice)
        assert remind(8) == 5 and sorted(self.links()) == [one.pk for one in crowd]

    def test_candidates_to_whom_nothing_is_due_cost_no_query_each(self, crowd, monkeypatch):
        monkeypatch.setattr(reminders, "reminder", lambda *_, **how: None)
        with CaptureQueriesContext(connection) as queries:
            assert remind(8) == 0
        assert len(reminders.candidates(current_protocol(), timezone.now() + 8 * DAY)) == 5
        assert len(queries) < 20
