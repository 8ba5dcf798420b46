"""Answers that signal danger, from the draft to the staff: once each, by the plan, and nothing kept that need not be."""

import json
from contextlib import nullcontext
from datetime import timedelta

import pyarrow as pa
import pytest
from django.utils import timezone

from commonweal import protocol as protocols
from commonweal.audit.models import Event
from commonweal.errors import BadInput, Refused
from commonweal.protocol.safety import DANGER
from commonweal.r4.questionnaire import response_document
from commonweal.ui import context
from commonweal.vault.people.changes import Stale
from commonweal.vault.people.models import Account, Change
from commonweal.vault.surveys import actions, bulk, safety, safety_cases, saving
from commonweal.vault.surveys.importing import run
from commonweal.vault.surveys.merging import Change as Changed
from commonweal.vault.surveys.models import SafetyCase, SafetySignal, SafetyStep
from tests import danger
from tests.integration.portal.conftest import person, protocol, sites  # noqa: F401  (fixtures)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return danger.program(tmp_path_factory.mktemp("danger") / "protocol", "phq9", "suicidality", "ace")


@pytest.fixture
def program(folder, monkeypatch):
    monkeypatch.setattr(context, "_folder", lambda home: folder)
    return protocols.load(folder)


@pytest.fixture
def survey(program):
    return program.surveys["ehhwb"]


@pytest.fixture
def ines(person, program):  # noqa: F811
    return person("primary")


def answered(**values):
    return {code: danger.chosen(code, value) for code, value in values.items()}


def save_draft(who, survey, answers):
    """As a page saves what changed."""
    now = timezone.now()
    changes = [Changed(link, given, None, now) for link, given in answers.items()]
    return saving.save(who, survey, changes, language="en", device="one", opened=now).draft


def rules(found):
    return [(one.kind, one.rule) for one in found]


WATCHED = [
    ({"phq9_9": 0}, []),
    ({"phq9_9": 1}, [("self-harm", "phq9_9")]),
    ({"phq9_1": 3, "phq9_2": 3}, []),
    ({"ss_2": 1, "ss_3": 1}, [("self-harm", "ss_2"), ("self-harm", "ss_3")]),
    ({"ace_9": 2, "phq9_9": 3}, [("self-harm", "phq9_9"), ("abuse", "ace_9")]),  # what cannot wait stands first
    ({f"phq9_{n}": 3 for n in range(1, 8)} | {"phq9_8": 0, "phq9_9": 0}, [("self-harm", "phq9:severe")]),
    ({f"phq9_{n}": 3 for n in range(1, 7)}, []),  # too few answers for a score
]


@pytest.mark.parametrize(("values", "expected"), WATCHED)
def test_what_is_a_signal(program, survey, values, expected):
    assert rules(safety.signals(survey, answered(**values))) == expected


def test_an_answer_that_is_not_an_option_a_skip_or_not_asked_is_no_signal(program, survey):
    for answer in (
        {"valueCoding": {"code": "PMI_Skip"}},
        {"valueCoding": {"code": "phq9_9_7"}},
        {"valueString": "1"},
        {},
    ):
        assert safety.signals(survey, {"phq9_9": [answer]}) == []
    assert safety.signals(survey, {"nosuch": danger.chosen("phq9_9", 3)}) == []


def test_answers_to_what_is_not_asked_any_more_do_not_count(program, survey):
    document = json.loads(json.dumps(survey.document))
    last = document["item"][0]["item"][8]
    last["enableWhen"] = [{"question": "phq9_1", "operator": "exists", "answerBoolean": True}]
    changed = type(survey)(survey.code, document)
    assert safety.signals(changed, answered(phq9_9=2)) == []
    assert rules(safety.signals(changed, answered(phq9_9=2, phq9_1=0))) == [("self-harm", "phq9_9")]


def test_an_option_that_the_survey_itself_marks(program, survey):
    document = json.loads(json.dumps(survey.document))
    document["item"][0]["item"][0]["answerOption"][2]["extension"].append({"url": DANGER, "valueCode": "abuse"})
    marked = type(survey)(survey.code, document)
    assert rules(safety.signals(marked, answered(phq9_1=2))) == [("abuse", "phq9_1")]
    assert safety.signals(marked, answered(phq9_1=1)) == []


def test_help_says_what_the_plan_says(program, survey):
    first, second = safety.help_for(safety.signals(survey, answered(phq9_9=2, ss_1=1, ace_7=1)))
    assert (first.kind, second.kind) == ("self-harm", "abuse")
    assert [one.call for one in first.contacts] == ["988", None, "911"]
    assert (first.contacts[0].word("es"), first.contacts[1].word("en")) == ("AYUDA", "HOME")
    assert first.tell and second.tell is None  # nobody is told of it, so nothing is said about a call
    assert second.discreet and not first.discreet
    assert safety.help_for([]) == []


def test_a_draft_brings_it_before_the_staff_once(ines, survey):
    for values in ({"phq9_9": 3}, {"phq9_9": 3}, {"phq9_9": 1}, {"phq9_9": 0}, {"phq9_9": 3, "phq9_1": 0}):
        save_draft(ines, survey, answered(**values))
    response = actions.hand_in(ines, survey, answered(phq9_9=3, phq9_1=0), language="es", source="portal")
    case, signal = SafetyCase.objects.get(), SafetySignal.objects.get()
    assert (case.participant, case.kind, case.urgency, case.state) == (ines, "self-harm", "urgent", "open")
    assert case.due_at - case.opened_at == timedelta(hours=24)
    assert (signal.case, signal.rule, signal.questionnaire) == (case, "phq9_9", "ehhwb")
    assert Event.objects.filter(action="safety.signal").count() == 1
    assert response.pk and "phq9_9_3" not in repr([vars(case), vars(signal)])


def test_a_worse_answer_is_raised_again_and_the_staff_are_told_again(ines, survey):
    save_draft(ines, survey, answered(phq9_9=1))
    SafetyCase.objects.update(told_at=timezone.now())
    save_draft(ines, survey, answered(phq9_9=3))
    case = SafetyCase.objects.get()
    assert [one.rule for one in case.signals.all()] == ["phq9_9", "phq9_9"] and case.told_at is None


@pytest.mark.parametrize(("then", "cases"), [(1, 1), (3, 2)])
def test_after_the_call_a_worse_answer_opens_a_new_case_and_a_lesser_one_does_not(ines, survey, then, cases):
    save_draft(ines, survey, answered(phq9_9=2))
    staff = Account.objects.create_user("staff@example.org", "seven quiet herons")
    for move, outcome in (("take", ""), ("called", ""), ("close", "safe")):
        safety_cases.move(SafetyCase.objects.get(), move, by=staff, outcome=outcome)
    actions.hand_in(ines, survey, answered(phq9_9=then), language="en", source="portal")
    assert SafetyCase.objects.count() == cases


def test_another_of_the_marked_options_is_another_danger(program, survey):
    document = json.loads(json.dumps(survey.document))
    for option in document["item"][0]["item"][0]["answerOption"][2:4]:
        option["extension"].append({"url": DANGER, "valueCode": "abuse"})
    marked = type(survey)(survey.code, document)
    (first,), (second,) = (safety.signals(marked, answered(phq9_1=value)) for value in (2, 3))
    assert first.rule == second.rule and not set(first.marks) & set(second.marks)


def test_what_is_signalled_again_next_time_is_new(ines, survey):
    save_draft(ines, survey, answered(phq9_9=1))
    actions.hand_in(ines, survey, answered(phq9_9=1), language="en", source="portal")
    staff = Account.objects.create_user("staff@example.org", "seven quiet herons")
    case = SafetyCase.objects.get()
    for move, outcome in (("take", ""), ("called", ""), ("close", "safe")):
        safety_cases.move(case, move, by=staff, outcome=outcome)
    save_draft(ines, survey, answered(phq9_9=1, phq9_2=1))
    assert SafetyCase.objects.count() == 2
    assert SafetyCase.objects.exclude(pk=case.pk).get().state == "open"


def test_signals_join_the_case_that_waits(ines, survey):
    save_draft(ines, survey, answered(phq9_9=1))
    save_draft(ines, survey, answered(phq9_9=1, ss_2=1))
    assert [one.rule for one in SafetyCase.objects.get().signals.order_by("id")] == ["phq9_9", "ss_2"]


def test_a_correction_of_something_else_raises_nothing_again(ines, survey):
    first = actions.hand_in(ines, survey, answered(phq9_9=2), language="en", source="portal")
    actions.hand_in(ines, survey, answered(phq9_9=2, phq9_1=1), language="en", source="portal", corrects=first)
    assert SafetySignal.objects.count() == 1


def test_answers_of_long_ago_open_no_case(ines, survey):
    at = timezone.now()
    response = actions.hand_in(ines, survey, answered(phq9_1=1), language="en", source="portal", authored=at)
    response.event_time = at - timedelta(days=30)
    found = safety.watch(ines, survey, answered(phq9_9=2), response=response)
    assert rules(found) == [("self-harm", "phq9_9")] and not SafetyCase.objects.exists()


def test_where_the_plan_tells_nobody_nothing_is_written_down(ines, survey):
    before = Change.objects.count()
    save_draft(ines, survey, answered(ace_9=2))
    assert not SafetyCase.objects.exists() and not Event.objects.filter(action__startswith="safety").exists()
    save_draft(ines, survey, answered(ace_9=2, phq9_9=1))
    assert SafetyCase.objects.exists()
    assert Change.objects.count() == before  # partner systems learn nothing of it


def test_no_plan_no_survey_however_it_came_here(program, survey, ines):
    assert not safety.is_closed(survey)
    stray = protocols.load(protocols.DEFAULT)  # its plan is approved by nobody
    assert safety.is_closed(survey, stray)
    assert not safety.is_closed(stray.surveys["Lifestyle"], stray)


@pytest.mark.parametrize(("recent", "taken"), [(safety.RECENT, False), (timedelta(0), True)])
def test_answers_of_these_days_come_in_through_no_door_without_a_plan(ines, survey, monkeypatch, recent, taken):
    at = timezone.now()
    monkeypatch.setattr(safety, "RECENT", recent)  # with no days at all, every answer is history
    monkeypatch.setattr(context, "_folder", lambda home: protocols.DEFAULT)  # its plan is approved by nobody
    document = response_document(survey.questionnaire, answered(phq9_9=0), language="en", authored=at, identifier="1")
    row = {"participant": ines.pk, "questionnaire": survey.code, "version": survey.version, "language": "en"}
    rows = pa.Table.from_pylist([row | {"at": at, "document": json.dumps(document)}])
    told = {"source": "import", "received_time": timezone.now(), "surveys": {survey.code: survey}}
    assert bulk.hand_in(rows, **told) == taken
    expected = nullcontext() if taken else pytest.raises(Refused, match="no plan for that is approved")
    with expected:
        actions.hand_in(ines, survey, answered(phq9_9=1), language="en", source="portal", authored=at)


MOVES = [
    ([("close", "safe")], Refused),  # nobody looks after it
    ([("called", "")], Refused),
    ([("take", ""), ("close", "")], BadInput),
    ([("take", ""), ("close", "all well")], BadInput),
    ([("take", ""), ("close", "safe")], BadInput),  # nobody called
    ([("take", ""), ("dance", "")], BadInput),
    ([("take", ""), ("called", ""), ("close", "safe"), ("take", "")], Refused),
]


@pytest.mark.parametrize(("moves", "refused"), MOVES)
def test_moves_that_cannot_be_made(ines, survey, moves, refused):
    save_draft(ines, survey, answered(phq9_9=1))
    case, staff = SafetyCase.objects.get(), Account.objects.create_user("staff@example.org", "seven quiet herons")
    for move, outcome in moves[:-1]:
        safety_cases.move(case, move, by=staff, outcome=outcome)
    with pytest.raises(refused):
        safety_cases.move(case, moves[-1][0], by=staff, outcome=moves[-1][1])


def test_two_of_the_staff_do_not_overtake_each_other(ines, survey):
    save_draft(ines, survey, answered(phq9_9=1))
    case, staff = SafetyCase.objects.get(), Account.objects.create_user("staff@example.org", "seven quiet herons")
    safety_cases.move(case, "take", by=staff, version=1)
    with pytest.raises(Stale):
        safety_cases.move(case, "take", by=staff, version=1)
    safety_cases.move(case, "no_answer", by=staff, note="  again at five  ", version=2)
    safety_cases.move(case, "close", by=staff, outcome="not_reached", version=3)
    assert [one.move for one in SafetyStep.objects.order_by("id")] == ["take", "no_answer", "close"]
    assert SafetyStep.objects.get(move="no_answer").note == "again at five"
    assert not any("five" in repr(vars(event)) for event in Event.objects.filter(action="safety.move"))


def test_who_leaves_is_called_once_more_only_where_it_cannot_wait(ines, survey):
    save_draft(ines, survey, answered(phq9_9=1))
    urgent = SafetyCase.objects.get()
    quiet = SafetyCase.objects.create(
        **{name: getattr(urgent, name) for name in ("participant", "plan", "who", "language", "opened_at", "due_at")},
        kind="abuse",
        urgency="queue",
    )
    assert safety_cases.leave(ines, urgent_too=False) == (1, 1)
    assert safety_cases.leave(ines, urgent_too=False) == (0, 1)
    quiet.refresh_from_db()
    assert (quiet.state, quiet.outcome) == ("closed", "left")
    assert safety_cases.leave(ines, urgent_too=True) == (1, 0)


def repeated(survey, **more):
    """The survey with its first page as a group that repeats."""
    document = json.loads(json.dumps(survey.document)) | more
    document["item"][0]["repeats"] = True
    return type(survey)(survey.code, document)


def test_danger_in_an_instance_of_a_repeating_group_is_seen_before_it_is_handed_in(program, survey):
    inside = {"page_phq9": [{"answers": answered(phq9_9=0)}, {"answers": answered(phq9_9=2)}]}
    assert rules(safety.signals(repeated(survey), inside)) == [("self-harm", "phq9_9")]
    assert safety.signals(repeated(survey), {"page_phq9": [{"answers": answered(phq9_9=0)}]}) == []


def test_each_of_two_items_with_one_code_is_watched(program, survey):
    document = json.loads(json.dumps(survey.document))
    document["item"][0]["item"].append(document["item"][0]["item"][8] | {"linkId": "again"})
    twice = type(survey)(survey.code, document)
    for link in ("phq9_9", "again"):
        assert rules(safety.signals(twice, {link: danger.chosen("phq9_9", 1)})) == [("self-harm", "phq9_9")]


def test_what_cannot_wait_makes_a_waiting_case_urgent(ines, survey):
    save_draft(ines, survey, answered(phq9_9=1))
    told = timezone.now()
    later = told + timedelta(days=5)
    SafetyCase.objects.update(urgency="queue", who="operator", due_at=later, told_at=told)
    save_draft(ines, survey, answered(phq9_9=1, ss_1=1))
    case = SafetyCase.objects.get()
    assert (case.urgency, case.told_at, case.version) == ("urgent", None, 2)
    assert case.due_at < later and set(case.who.split()) == {"operator", "org_manager", "awardee_manager"}


@pytest.mark.parametrize(("recent", "cases"), [(timedelta(days=3), 1), (timedelta(0), 0)])
def test_what_comes_in_a_file_reaches_the_staff_where_it_was_said_these_days(
    ines, survey, program, home, monkeypatch, recent, cases
):
    monkeypatch.setattr(safety, "RECENT", recent)
    at = timezone.now() + timedelta(seconds=2)  # whole seconds: not before the person agreed
    document = response_document(
        survey.questionnaire, answered(phq9_9=2), language="en", authored=at, identifier=None, skips=True
    )
    path = home.root / "said.ndjson"
    path.write_text(json.dumps(document | {"subject": {"reference": f"Patient/{ines.uuid}"}}))
    assert run.import_files([path], home=home, protocol=program)["accepted"] == 1
    assert SafetyCase.objects.count() == cases
