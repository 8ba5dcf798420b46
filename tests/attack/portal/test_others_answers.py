"""How others answered tells nothing of one person: not what few said, not by two months' difference, not after leaving.

Each rule is shown to be needed: without it the attack that it stops would succeed.
"""

from datetime import UTC, datetime, timedelta

import numpy as np
import orjson
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from commonweal.audit.models import Event
from commonweal.disclosure import Policy
from commonweal.ui.context import current_protocol
from commonweal.vault.journey.models import AnswerFigures, AnswerRound
from commonweal.vault.journey.my_data import counting, publishing
from commonweal.vault.people.models import Participant
from commonweal.vault.surveys.models import SurveyResponse

POLICY = Policy(min_cell=20, round_to=20)
OPTIONS = ["a", "b", "c", "d"]
CODE, LINK = "OverallHealth", "self_rated_health"
JANUARY, FEBRUARY = datetime(2026, 1, 10, tzinfo=UTC), datetime(2026, 2, 10, tzinfo=UTC)


def said(*groups):
    """said(("a", 60), ("b", 50)): the count where that many people chose each."""
    people = iter(range(1, 100_000))
    count = counting.Count()
    chosen = [(frozenset([answer] if isinstance(answer, str) else answer), n) for answer, n in groups]
    count.add({next(people): answers for answers, n in chosen for _ in range(n)}, {})
    return count


class TestOnePublication:
    def test_what_few_said_is_withheld_from_them_too(self):
        cells = publishing.shown(said(("a", 100), ("b", 60), ("c", 1)), OPTIONS, False, POLICY)
        assert cells["c"] is None

    def test_too_few_people_give_no_figures(self):
        assert publishing.shown(said(("a", 50), ("b", 49)), OPTIONS, False, POLICY) is None
        assert publishing.shown(said(("a", 50), ("b", 50)), OPTIONS, False, POLICY) is not None

    def test_what_everybody_said_is_not_told_of_each(self):
        assert publishing.shown(said(("a", 500)), OPTIONS, False, POLICY) is None
        assert publishing.shown(said(("a", 500), ("b", 3)), OPTIONS, False, POLICY) is None

    def test_of_several_answers_those_whom_few_did_not_give_are_withheld_too(self):
        people = said((("a", "b"), 197), (("b",), 3), (("a", "b", "c"), 100))
        cells = publishing.shown(people, OPTIONS, True, POLICY)
        assert cells["a"] is None  # 297 of 300 chose it: three did not
        assert cells["c"] == 100
        assert cells["d"] == 0

    def test_shown_numbers_are_rounded_up(self):
        cells = publishing.shown(said(("a", 101), ("b", 61)), OPTIONS, False, POLICY)
        assert (cells["a"], cells["b"]) == (120, 80)


@pytest.fixture
def crowd(transactional_db, monkeypatch):
    """crowd(("Good", 60), …) -> participants who answered in 2025; all of them agree to surveys until they leave."""
    gone: dict[int, datetime] = {}

    def agreed(at):
        left = {pk for pk, when in gone.items() if when <= at}
        return np.array(sorted(set(Participant.objects.filter(is_test=False).values_list("pk", flat=True)) - left))

    monkeypatch.setattr(counting, "_agreed", agreed)
    made = Crowd(gone)
    return made


class Crowd:
    def __init__(self, gone):
        self.gone = gone
        self.options = [o.code for o in current_protocol().surveys[CODE].questionnaire.items[LINK].options]

    def answer(self, option, count, at=datetime(2025, 12, 1, tzinfo=UTC)):
        first = Participant.objects.count() + 1
        people = Participant.objects.bulk_create(
            Participant(participant_id=f"P{n:09d}", biobank_id=f"A{n:09d}", origin="test", registered_at=at)
            for n in range(first, first + count)
        )
        self.say(people, option, at)
        return people

    def say(self, people, option, at):
        item = [{"linkId": LINK, "answer": [{"valueCoding": {"code": self.options[option]}}]}]
        document = orjson.dumps({"resourceType": "QuestionnaireResponse", "item": item}).decode()
        SurveyResponse.objects.bulk_create(
            SurveyResponse(participant=one, questionnaire=CODE, version="1", language="en", document=document, event_time=at,
                           authored_time=at, received_time=at, source="test", idempotency_key=f"{one.pk}-{at}-{option}")
            for one in people
        )  # fmt: skip

    def publish(self, now):
        return publishing.publish(current_protocol(), CODE, now)

    def shown(self):
        found = publishing.latest(CODE, LINK)
        return None if found is None else (found.people, found.cells, found.cutoff)


pytestmark = pytest.mark.django_db(transaction=True)


class TestTwoPublications:
    @pytest.fixture
    def january(self, crowd):
        for option, count in ((0, 100), (1, 119), (2, 60)):
            crowd.answer(option, count)
        crowd.publish(JANUARY)
        assert crowd.shown()[1][crowd.options[1]] == 120
        return crowd

    def test_one_more_answer_changes_nothing_that_is_shown(self, january):
        before = january.shown()
        january.answer(1, 1, at=datetime(2026, 1, 20, tzinfo=UTC))
        january.answer(2, 1, at=datetime(2026, 1, 20, tzinfo=UTC))
        january.publish(FEBRUARY)
        assert january.shown() == before

    def test_without_that_rule_one_answer_would_be_read_off(self, january, monkeypatch):
        monkeypatch.setattr(publishing, "enough_changed", lambda *_: True)
        before = january.shown()[1]
        january.answer(2, 1, at=datetime(2026, 1, 20, tzinfo=UTC))
        january.publish(FEBRUARY)
        after = january.shown()[1]
        changed = [option for option in january.options if before.get(option) != after.get(option)]
        assert changed == [january.options[2]]  # 60 became 80: the one who came said this

    def test_twenty_changes_are_too_few_and_twenty_one_enough(self, january):
        before = january.shown()
        january.answer(1, 20, at=datetime(2026, 1, 20, tzinfo=UTC))
        january.publish(FEBRUARY)
        assert january.shown() == before
        january.answer(1, 1, at=datetime(2026, 2, 20, tzinfo=UTC))
        january.publish(datetime(2026, 3, 10, tzinfo=UTC))
        assert january.shown()[1][january.options[1]] == 140

    def test_who_left_is_no_difference_and_is_in_no_later_count(self, january):
        before = january.shown()
        someone = Participant.objects.first()
        january.gone[someone.pk] = datetime(2026, 1, 15, tzinfo=UTC)
        january.publish(FEBRUARY)
        assert january.shown() == before
        moments = [counting.Moment(at.date().replace(day=1), at) for at in (JANUARY, FEBRUARY)]
        assert [counting.count(CODE, [LINK], at, {})[LINK].people for at in moments] == [279, 278]
        assert counting.count(CODE, [LINK], moments[1], {LINK: moments[0]})[LINK].changed == 1

    def test_a_correction_counts_once_and_as_a_change(self, january):
        moved = Participant.objects.order_by("pk")[:25]
        january.say(moved, 2, datetime(2026, 1, 20, tzinfo=UTC))
        january.publish(FEBRUARY)
        people, cells, _ = january.shown()
        assert people == 280
        assert (cells[january.options[0]], cells[january.options[2]]) == (80, 100)

    def test_a_month_is_looked_at_once_so_that_no_moment_of_a_change_shows(self, january):
        before = january.shown()
        january.answer(1, 50, at=datetime(2025, 12, 5, tzinfo=UTC))
        assert january.publish(JANUARY + timedelta(hours=1)) == 0
        assert january.shown() == before
        assert AnswerRound.objects.count() == 1

    def test_answers_of_this_month_wait_for_the_next(self, january):
        january.answer(1, 50, at=datetime(2026, 2, 3, tzinfo=UTC))
        january.publish(FEBRUARY)
        assert january.shown()[2] == JANUARY.date().replace(day=1)

    def test_when_most_have_left_the_figures_are_taken_down(self, january):
        for one in Participant.objects.order_by("pk")[10:]:
            january.gone[one.pk] = datetime(2026, 1, 15, tzinfo=UTC)
        january.publish(FEBRUARY)
        assert january.shown() is None

    def test_each_publication_is_in_the_ledger_and_names_nobody(self, january):
        event = Event.objects.get(action="answers.published")
        assert orjson.loads(event.details)["people"] == 280
        assert AnswerFigures.objects.count() == 1


def test_people_who_are_made_up_and_non_answers_are_not_counted(crowd):
    crowd.answer(0, 100)
    crowd.answer(1, 100)
    Participant.objects.filter(pk__in=[one.pk for one in crowd.answer(2, 50)]).update(is_test=True)
    crowd.options.append("PMI_Skip")
    crowd.answer(-1, 30)
    moment = counting.Moment(JANUARY.date(), JANUARY)
    assert counting.count(CODE, [LINK], moment, {})[LINK].people == 200


def test_each_response_is_read_once_however_many_questions_and_earlier_counts(crowd, monkeypatch):
    monkeypatch.setattr(counting, "SPAN", 100)
    crowd.answer(0, 250)
    links = current_protocol().privacy.compared[CODE]
    months = [datetime(2026, month, 1, tzinfo=UTC) for month in range(1, len(links) + 1)]
    before = {link: counting.Moment(at.date(), at) for link, at in zip(links, months, strict=True)}
    now = counting.Moment(months[-1].date(), months[-1] + timedelta(days=1))
    assert len(links) > 2
    with CaptureQueriesContext(connection) as queries:
        counts = counting.count(CODE, links, now, before)
    assert (counts[LINK].people, counts[LINK].changed) == (250, 0)
    assert len([one for one in queries if '"document"' in one["sql"]]) == 3


def test_who_rather_said_nothing_is_neither_counted_nor_a_row(crowd):
    own = "OutsideTravel6Month_DontKnow"  # the form's own code for it
    assert not counting._codes([{"valueCoding": {"code": code}} for code in (own, "PMI_PreferNotToAnswer")])
    item = current_protocol().surveys[CODE].questionnaire.items["OverallHealth_OutsideTravel6Month"]
    codes = [option.code for option in item.options]
    count = counting.Count()
    count.add({n: frozenset({codes[n % 2]}) for n in range(300)}, {})
    publishing._publish(CODE, item, count, None, JANUARY.date(), JANUARY, POLICY)
    shown = AnswerFigures.objects.get(question=item.link_id).cells
    assert own in codes and own not in shown and "PMI_PreferNotToAnswer" not in shown and set(codes[:2]) <= set(shown)


def test_only_questions_that_the_program_names_are_ever_counted(crowd):
    protocol = current_protocol()
    crowd.answer(0, 300)
    publishing.publish(protocol, CODE, JANUARY)
    named = set(protocol.privacy.compared[CODE])
    assert set(AnswerFigures.objects.values_list("question", flat=True)) <= named
    assert "Pregnancy_1PregnancyStatus" not in named
