"""Enrolment status of one from facts, and of everybody at once: the same, kept, noted, and caught up with."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from commonweal.vault import columns
from commonweal.vault.consent import bulk as consent_bulk
from commonweal.vault.consent.models import ConsentAnswer
from commonweal.vault.journey import status
from commonweal.vault.journey.models import EnrolmentStatus, StatusHistory, StatusRun
from commonweal.vault.journey.status import bulk, gathering, saving
from commonweal.vault.journey.status.one import kept
from commonweal.vault.journey.status.queries import first_query
from commonweal.vault.journey.status.sources import needs_of_answer
from commonweal.vault.people import bulk as people_bulk
from commonweal.vault.people.models import Participant
from commonweal.vault.surveys.models import SurveyResponse

pytestmark = pytest.mark.django_db
THEN = datetime(2025, 6, 1, 9, 30, tzinfo=UTC)
DAY = timedelta(days=1)
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def people(people_table):
    told = people_bulk.enrol(people_table("X1", "X2", "X3", "X4"), source="import", received_time=NOW)
    return list(Participant.objects.filter(pk__in=told["participant"].to_pylist()).order_by("pk"))


@pytest.fixture
def answer(answers_table, program):
    def give(*rows):
        rows = [(person.pk, *rest) for person, *rest in rows]
        consent_bulk.record(answers_table(*rows), protocol=program, source="import", received_time=NOW)

    return give


def respond(person, module, at):
    SurveyResponse.objects.create(
        participant=person,
        questionnaire=module,
        version="1",
        language="en",
        document="{}",
        source="test",
        idempotency_key=f"{person.pk}{module}{at}",
        **dict.fromkeys(("event_time", "authored_time", "received_time"), at),
    )


def kept_levels():
    return list(EnrolmentStatus.objects.order_by("pk").values_list("v3_2", flat=True))


def same_as_one_by_one():
    for copy in EnrolmentStatus.objects.select_related("participant"):
        expected = kept(status.of(copy.participant))
        assert {name: getattr(copy, name) for name in expected} == expected


def test_everybody_at_once_is_one_by_one(people, answer):
    answer(
        (people[0], "primary", "yes", THEN),
        (people[0], "ehr", "no", THEN + DAY),
        (people[0], "ehr", "yes", THEN + 3 * DAY),
        (people[0], "ehr", "no", THEN + 5 * DAY),
        (people[0], "results", "not_sure", THEN + 4 * DAY),
        (people[1], "primary", "yes", datetime(2018, 4, 1, tzinfo=UTC)),
        (people[2], "primary", "no", THEN),
        (people[3], "primary", "yes", THEN),
        (people[3], "results", "later", THEN + DAY),
    )
    for person in people:
        respond(person, "TheBasics", THEN + 2 * DAY)
    respond(people[3], "Lifestyle", THEN)
    respond(people[3], "another", THEN)
    done = bulk.recompute()
    assert (done.people, done.changed) == (4, 4)
    assert kept_levels() == ["pmb_eligible", "enrolled_participant", "registered", "enrolled_participant"]
    same_as_one_by_one()
    assert bulk.recompute().changed == 0
    first = StatusHistory.objects.filter(participant=people[0], version="3.2").order_by("since", "pk")
    assert [(one.status, one.since) for one in first] == [
        ("participant", THEN),
        ("enrolled_participant", THEN + 2 * DAY),
        ("participant_plus_ehr", THEN + 3 * DAY),
        ("pmb_eligible", THEN + 4 * DAY),
    ]
    assert first.last().dependencies == ["primary", "full_ehr", "TheBasics", "results"]


def test_the_history_names_what_a_level_stood_on_for_this_person(people, monkeypatch):
    """The answer about results counts for core of cohort 3 alone."""
    early, late = datetime(2019, 1, 1, tzinfo=UTC), THEN
    needs = {"primary", "ehr", "TheBasics", "OverallHealth", "dna", "Lifestyle", "results"}

    def gather(con, _among, _now):
        con.execute("CREATE TABLE people (participant_id BIGINT, registered_at TIMESTAMP)")
        con.execute("CREATE TABLE met (participant_id BIGINT, need VARCHAR, since TIMESTAMP)")
        for person, since in zip(people, (early, late), strict=False):
            con.execute("INSERT INTO people VALUES (?, ?)", [person.pk, since.replace(tzinfo=None)])
            rows = [[person.pk, need, since.replace(tzinfo=None)] for need in needs]
            con.executemany("INSERT INTO met VALUES (?, ?, ?)", rows)
        con.execute(f"CREATE TABLE first AS {first_query()}")

    monkeypatch.setattr(gathering, "gather", gather)
    bulk.recompute()
    noted = StatusHistory.objects.filter(version="3.2", status="core_minus_pm").order_by("participant_id")
    assert [set(one.dependencies) for one in noted] == [needs - {"results"}, needs]


def test_catching_up_looks_at_those_about_whom_something_became_known(people, answer):
    answer((people[0], "primary", "yes", THEN))
    assert bulk.catch_up().people == 4  # nobody was computed before
    bulk.catch_up()
    assert bulk.catch_up() == bulk.Outcome(0, 0, 0.0)
    answer((people[1], "primary", "yes", THEN))
    respond(people[2], "TheBasics", THEN)
    done = bulk.catch_up()
    assert (done.people, done.changed, StatusRun.objects.last().everybody) == (2, 1, False)
    assert kept_levels() == ["participant", "participant", "registered", "registered"]
    same_as_one_by_one()


def test_what_comes_in_while_everybody_is_computed_is_caught_up_with(people, answer, monkeypatch):
    answer((people[0], "primary", "yes", THEN + DAY))
    save = saving.save

    def late(fresh, now):
        monkeypatch.setattr(saving, "save", save)
        answer((people[0], "primary", "yes", THEN), (people[1], "primary", "yes", THEN))
        return save(fresh, now)

    monkeypatch.setattr(saving, "save", late)
    bulk.recompute()
    assert kept_levels() == ["participant", "registered", "registered", "registered"]
    assert bulk.catch_up().changed == 2
    same_as_one_by_one()


def test_somebody_new_is_caught_up_with(people, people_table):
    bulk.recompute()
    people_bulk.enrol(people_table("X9"), source="import", received_time=NOW)
    assert bulk.catch_up().changed == 1
    assert len(kept_levels()) == 5


def test_many_changes_are_looked_at_all_together(people, answer, monkeypatch):
    bulk.recompute()
    bulk.catch_up()
    monkeypatch.setattr(bulk, "MANY", 1)
    answer(*((person, "primary", "yes", THEN) for person in people))
    assert (bulk.catch_up().changed, StatusRun.objects.last().everybody) == (4, True)
    same_as_one_by_one()


def test_what_another_answer_supersedes_does_not_count(people, answer):
    answer((people[0], "primary", "yes", THEN))
    old = ConsentAnswer.objects.get()
    fields = {f.attname: getattr(old, f.attname) for f in ConsentAnswer._meta.local_fields if f.name != "id"}
    ConsentAnswer.objects.create(**fields | {"event_time": THEN + DAY, "supersedes_id": old.pk, "idempotency_key": "k"})
    assert status.of(people[0]).since == THEN + DAY
    bulk.recompute()
    assert EnrolmentStatus.objects.get(participant=people[0]).v3_2_since == THEN + DAY


def test_a_late_fact_moves_the_moment_back_and_the_history_stays(people, answer):
    answer((people[0], "primary", "yes", THEN + DAY))
    bulk.recompute()
    answer((people[0], "primary", "yes", THEN))
    bulk.catch_up()
    assert EnrolmentStatus.objects.get(participant=people[0]).v3_2_since == THEN
    assert StatusHistory.objects.get(version="3.2", participant=people[0]).since == THEN + DAY


def test_an_older_run_does_not_overwrite_a_newer_one(people, answer):
    answer((people[0], "primary", "yes", THEN))
    bulk.recompute()
    from commonweal.vault.journey.status.queries import KEPT, STEPS

    names = ("participant_id", *KEPT, "cohort", *STEPS)
    row = dict.fromkeys(names) | {"participant_id": people[0].pk, "legacy": "x", "v3_0": "x", "v3_2": "x"}
    kinds = {name: columns.MOMENT for name in row if name not in ("legacy", "v3_0", "v3_2")}
    kinds |= dict.fromkeys(("legacy", "v3_0", "v3_2"), pa.string()) | dict.fromkeys(
        ("participant_id", "cohort"), pa.int64()
    )
    table = pa.Table.from_pylist([row], pa.schema([(name, kinds[name]) for name in names]))
    saving.save(table, THEN)
    assert EnrolmentStatus.objects.get(participant=people[0]).v3_2 == "participant"


@pytest.mark.parametrize(
    ("module", "answer", "scopes", "met"),
    [
        ("primary", "yes", "participate surveys", {"primary"}),
        ("primary", "no", "participate surveys", set()),
        ("ehr", "yes", "ehr", {"ehr", "full_ehr"}),
        ("ehr", "not_sure", "ehr", set()),
        ("DVEHRSharing", "yes", "recontact", {"ehr"}),
        ("results", "no", "return:pgx", {"results"}),
        ("results", "not_sure", "return:pgx", {"results"}),
        ("results", "later", "return:pgx", set()),
        ("PrimaryConsentUpdate", "yes", "genomic_research", {"dna_update"}),
    ],
)
def test_what_an_answer_meets(module, answer, scopes, met):
    assert set(needs_of_answer(module, answer, scopes)) == met
