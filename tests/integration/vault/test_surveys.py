"""Handing surveys in, one by one and in bulk: granted, validated, once."""

import json
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest
from django.utils import timezone

from commonweal import protocol
from commonweal.audit.models import Event
from commonweal.errors import BadInput, Refused
from commonweal.vault.consent import actions as consent_actions
from commonweal.vault.consent import bulk as consent_bulk
from commonweal.vault.journey import status
from commonweal.vault.people import bulk as people_bulk
from commonweal.vault.people.models import Participant
from commonweal.vault.surveys import actions, bulk, saving
from commonweal.vault.surveys.merging import Change
from commonweal.vault.surveys.models import SurveyDraft, SurveyResponse

pytestmark = pytest.mark.django_db
THEN = datetime(2025, 6, 1, 9, 30, tzinfo=UTC)
DAY = timedelta(days=1)
NOW = datetime(2026, 1, 1, tzinfo=UTC)
MOMENT = pa.timestamp("us", tz="UTC")


@pytest.fixture(scope="module")
def survey():
    return protocol.load(protocol.DEFAULT).surveys["TheBasics"]


@pytest.fixture(scope="module")
def answers(survey):
    """A first answer to the first question that has options."""
    item = next(item for item in survey.questionnaire.items.values() if item.options)
    return {item.link_id: [{"valueCoding": {"system": item.options[0].system, "code": item.options[0].code}}]}


@pytest.fixture
def people(people_table, answers_table, program):
    """Two who joined at THEN; the second never agreed."""
    told = people_bulk.enrol(people_table("X1", "X2"), source="import", received_time=NOW)
    ids = told["participant"].to_pylist()
    table = answers_table((ids[0], "primary", "yes", THEN), (ids[1], "primary", "no", THEN))
    consent_bulk.record(table, protocol=program, source="import", received_time=NOW)
    return [Participant.objects.get(pk=one) for one in ids]


def hand_in(person, survey, answers, **more):
    return actions.hand_in(person, survey, answers, language="en", source="portal", **more)


def save_draft(person, survey, answers):
    """As a page saves what changed."""
    now = timezone.now()
    changes = [Change(link, given, None, now) for link, given in answers.items()]
    return saving.save(person, survey, changes, language="en", device="one", opened=now).draft


def test_answers_become_a_fact_and_the_draft_goes(people, survey, answers):
    assert save_draft(people[0], survey, {}) is None
    draft = save_draft(people[0], survey, answers)
    assert (SurveyDraft.objects.count(), draft.answers) == (1, answers)
    response = hand_in(people[0], survey, answers, authored=THEN + DAY)
    assert (response.questionnaire, response.version, response.language) == ("TheBasics", survey.version, "en")
    document = json.loads(response.document)
    assert document["resourceType"] == "QuestionnaireResponse"
    assert document["status"] == "completed"
    assert str(people[0].uuid) not in response.document
    assert not SurveyDraft.objects.exists()
    assert hand_in(people[0], survey, answers, authored=THEN + DAY).pk == response.pk
    assert Event.objects.filter(action="survey.hand-in").count() == 1
    assert hand_in(people[0], survey, answers, authored=THEN + 2 * DAY).pk != response.pk


def test_only_with_a_grant_at_that_moment(people, survey, answers):
    for person, at in ((people[0], THEN - DAY), (people[1], THEN + DAY)):
        with pytest.raises(Refused, match="has not agreed"):
            hand_in(person, survey, answers, authored=at)
    consent_actions.deactivate(people[0], source="portal", authored=THEN + 2 * DAY)
    assert hand_in(people[0], survey, answers, authored=THEN + DAY)
    with pytest.raises(Refused, match="no more contact"):
        hand_in(people[0], survey, answers, authored=THEN + 3 * DAY)
    consent_actions.withdraw(people[0], source="portal")
    with pytest.raises(Refused, match="has not agreed"):
        hand_in(people[0], survey, answers)


def test_what_does_not_answer_is_bad_input(people, survey, answers):
    with pytest.raises(BadInput, match="no question is answered"):
        hand_in(people[0], survey, {})
    (link_id,) = answers
    with pytest.raises(BadInput, match=f"1 faults, the first at {link_id}"):
        hand_in(people[0], survey, {link_id: [{"valueCoding": {"system": "x", "code": "nonsense"}}]})
    with pytest.raises(BadInput, match="in the future"):
        hand_in(people[0], survey, answers, authored=timezone.now() + DAY)
    assert not SurveyResponse.objects.exists()


@pytest.fixture
def table(survey, answers):
    """`table((person, moment), ...)` of one good document."""
    from commonweal.r4.questionnaire import response_document

    document = response_document(survey.questionnaire, answers, language="en", authored=THEN, identifier=None)

    good = json.dumps(document)

    def table(*rows, text=good, code="TheBasics"):
        count = len(rows)
        return pa.table(
            {
                "participant": pa.array([person.pk for person, _ in rows], pa.int64()),
                "questionnaire": [code] * count,
                "version": [survey.version] * count,
                "language": ["en"] * count,
                "at": pa.array([at for _, at in rows], MOMENT),
                "document": [text] * count,
            }
        )

    return table


def in_bulk(rows, survey, **more):
    surveys = {survey.code: survey}
    return bulk.hand_in(rows, source="simulation", received_time=NOW, surveys=surveys, **more)


def test_in_bulk_each_response_needs_the_grant_at_its_own_moment(people, survey, table):
    a, b = people
    rows = table((a, THEN - DAY), (a, THEN), (a, THEN + DAY), (b, THEN + DAY), (a, NOW + DAY))
    assert in_bulk(rows, survey, generator=np.random.default_rng(1)) == 2
    assert list(SurveyResponse.objects.order_by("event_time").values_list("event_time", flat=True)) == [
        THEN,
        THEN + DAY,
    ]
    assert Event.objects.get(action="survey.hand-in").details == '{"accepted":2,"rejected":3,"unchanged":0}'
    assert in_bulk(rows, survey) == 0
    consent_actions.deactivate(a, source="portal", authored=THEN + 2 * DAY)
    assert in_bulk(table((a, THEN + 3 * DAY)), survey) == 1  # not known yet at NOW's received time: it came in later
    assert (
        bulk.hand_in(
            table((a, THEN + 4 * DAY)), source="x", received_time=timezone.now(), surveys={survey.code: survey}
        )
        == 0
    )


def test_in_bulk_a_response_is_the_same_fact_as_through_the_other_doors(people, survey, answers, table):
    mine = hand_in(people[0], survey, answers, authored=THEN + DAY)
    asked_everything = json.dumps(json.loads(mine.document))
    assert in_bulk(table((people[0], THEN + DAY), text=asked_everything), survey) == 0
    assert in_bulk(table((people[0], THEN + 2 * DAY), (people[0], THEN + 3 * DAY), text=asked_everything), survey) == 2
    later = SurveyResponse.objects.exclude(pk=mine.pk).order_by("event_time")
    assert [(one.classification, one.answer_hash) for one in later] == [("duplicate", mine.answer_hash)] * 2


def test_in_bulk_a_fuller_response_takes_the_place_of_the_part(people, survey, answers, table):
    from commonweal.r4.questionnaire import response_document

    other = next(
        item
        for item in survey.questionnaire.items.values()
        if item.options and item.link_id not in answers and not item.enable_when
    )
    more = answers | {other.link_id: [other.options[0].answer]}
    fuller = response_document(survey.questionnaire, more, language="en", authored=THEN + DAY, identifier=None)
    both = pa.concat_tables([table((people[0], THEN)), table((people[0], THEN + DAY), text=json.dumps(fuller))])
    assert in_bulk(both, survey, trusted=True) == 2
    last = SurveyResponse.objects.get(event_time=THEN + DAY)
    assert (last.classification, last.supersedes.event_time) == ("complete", THEN)


def test_in_bulk_only_a_sample_of_trusted_rows_is_checked(people, survey, table):
    rows = [(people[0], THEN + n * DAY) for n in range(101)]
    strange = json.dumps({"resourceType": "QuestionnaireResponse", "item": [{"linkId": "no such"}]})
    mixed = pa.concat_tables([table(*rows[:1]), table(rows[1], text=strange), table(*rows[2:])])
    with pytest.raises(BadInput, match="number 2: no such"):
        in_bulk(mixed, survey)
    assert in_bulk(mixed, survey, trusted=True) == 101
    with pytest.raises(BadInput, match="number 1: no such"):
        in_bulk(table(rows[1], text=strange), survey, trusted=True)
    with pytest.raises(BadInput, match="number 1 is no QuestionnaireResponse"):
        in_bulk(table(rows[1], text="[]"), survey, trusted=True)


def test_in_bulk_a_fault_stops_all_of_it(people, survey, table):
    rows = [(people[0], THEN + n * DAY) for n in range(3)]
    bad = pa.concat_tables([table(*rows[:2]), table(rows[2], text='{"resourceType": "Patient"}')])
    with pytest.raises(BadInput, match="number 3"):
        in_bulk(bad, survey)
    with pytest.raises(BadInput, match="number 1 is not JSON"):
        in_bulk(table(rows[0], text="{"), survey)
    with pytest.raises(BadInput, match="no such survey in this program: Other"):
        in_bulk(table(rows[0], code="Other"), survey)
    assert not SurveyResponse.objects.exists()
    assert in_bulk(table(), survey) == 0


def test_the_ladder_reads_first_times(people, survey, answers, answers_table, program):
    person = people[0]
    assert status.of(person, THEN - DAY).level == "registered"
    assert status.of(person, THEN).level == "participant"
    hand_in(person, survey, answers, authored=THEN + DAY)
    assert status.of(person, THEN + DAY).level == "enrolled_participant"
    table = answers_table(
        (person.pk, "ehr", "yes", THEN + 2 * DAY),
        (person.pk, "ehr", "no", THEN + 3 * DAY),
        (person.pk, "results", "no", THEN + 4 * DAY),
    )
    consent_bulk.record(table, protocol=program, source="import", received_time=NOW)
    found = status.of(person, THEN + 9 * DAY)
    assert (found.level, found.since) == ("pmb_eligible", THEN + 4 * DAY)  # a later no takes nothing away
    assert status.of(people[1], THEN + 9 * DAY).level == "registered"
