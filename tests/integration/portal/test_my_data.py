"""My data: every kind of thing that is held has its page, only its person opens it, and what is wrong is corrected by a new fact."""

import re
from datetime import timedelta

import pytest
from django.template import Context, Template
from django.urls import reverse
from django.utils import timezone

from commonweal.errors import BadInput, Refused
from commonweal.ui.series import OFF, Chart, Point, draw
from commonweal.vault.consent import leaving
from commonweal.vault.journey.my_data import days, health, measured, wrong
from commonweal.vault.support.models import HelpRequest
from commonweal.vault.surveys import actions as surveys
from commonweal.vault.surveys.models import SurveyDraft
from commonweal.vault.wearables import left_out
from commonweal.vault.wearables.models import DayLeftOut
from tests import my_data as made

pytestmark = pytest.mark.django_db(transaction=True)
PAGES = ("data", "data_about", "data_consents", "data_answers", "data_activity", "data_sleep", "data_heart",
         "data_measurements", "data_between", "data_take", "data_record_wrong")  # fmt: skip


@pytest.fixture
def one(transactional_db, home, settings):
    settings.COMMONWEAL_HOME = home
    return made.somebody()


@pytest.fixture
def client(one):
    return made.log_in(one.account)


@pytest.fixture
def worn(one, shared_data):
    made.wear(one, shared_data, minutes=1)
    return one


def text_of(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_pages_with_nothing_say_what_would_fill_them(client):
    for name in PAGES:
        assert client.get(reverse(name)).status_code == 200, name
    assert "connect a watch" in text_of(client.get(reverse("data_activity")))
    assert "No results yet" in text_of(client.get(reverse("data_measurements")))


def test_a_chart_holds_no_style_and_no_script_and_its_figures_as_a_table():
    drawing = draw([Point("<Mon>", (3,)), Point("Tue", (), OFF)])
    chart = Chart("Three & more", "Steps", drawing, ["Day", ("Steps", "number")], [["<Mon>", "3"], ["Tue", "–"]])
    page = Template("{% series chart %}").render(Context({"chart": chart}))
    assert "style=" not in page
    assert "<script" not in page
    assert "&lt;Mon&gt;" in page
    assert "<Mon>" not in page
    assert page.count("<td") == 2
    assert "Not worn" in page


class TestDevices:
    def test_the_overview_says_how_much_since_when_and_from_whom(self, worn, client):
        said = text_of(client.get(reverse("data")))
        assert "Steps and movement 31 days" in said
        assert "from: Fitbit" in said

    def test_the_title_tells_the_finding_of_days_worn_alone(self, worn, client):
        last = timezone.localdate() - timedelta(days=1)
        found = days.read(worn, days.ACTIVITY, last - timedelta(days=6), last)
        steps = [day.get("steps") for day in found if day.get("steps") is not None]
        assert len(steps) == 6  # one day of the week was not worn
        said = text_of(client.get(reverse("data_activity"), {"range": "week"}))
        assert f"You took about {round(sum(steps) / 6, -2):,.0f} steps a day" in said
        assert "6 of 7 days have it; not worn: 1" in said

    def test_a_day_not_worn_is_said_and_not_zero(self, worn, client):
        page = client.get(reverse("data_activity"), {"range": "week"}).content.decode()
        assert page.count('class="off"') >= 2  # in the drawing and in the legend
        row = re.search(
            r"<tr><th scope=\"row\">[^<]*</th>(<td[^>]*>[^<]*</td>)+</tr>", page[page.index("not worn</td>") - 300 :]
        )
        assert ">0<" not in row[0]

    @pytest.mark.parametrize(
        "query", [{}, {"range": "year"}, {"range": "week", "until": "2020-01-01"}, {"range": "x", "until": "yesterday"}]
    )
    def test_any_stretch_can_be_asked_for(self, worn, client, query):
        for name in ("data_activity", "data_sleep", "data_heart"):
            assert client.get(reverse(name), query).status_code == 200

    def test_one_day_of_heartbeats_minute_by_minute(self, worn, client):
        last = timezone.localdate() - timedelta(days=1)
        said = text_of(client.get(reverse("data_heart")))
        assert "1,380 minutes of 1,440" in said  # an hour off the wrist is a gap
        assert re.search(r"\d+ days have no bar: the device sent only the rate at rest", said)
        assert "No heart rate on" in text_of(client.get(reverse("data_heart"), {"day": last - timedelta(days=9)}))

    @pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "2026-02-30"])
    def test_a_day_that_no_calendar_goes_past_is_no_error(self, worn, client, day):
        assert client.get(reverse("data_heart"), {"day": day}).status_code == 200

    def test_since_when_nothing_came_in_is_said(self, one, client, shared_data):
        made.wear(one, shared_data, last=timezone.localdate() - timedelta(days=60), minutes=0)
        said = text_of(client.get(reverse("data_sleep")))
        assert "Nothing new has come in since" in said
        assert "No device is connected now" in said

    def test_a_day_left_out_is_used_for_nothing_and_can_be_taken_back(self, worn, client):
        day = timezone.localdate() - timedelta(days=2)
        client.post(reverse("data_day", args=["activity"]), {"day": day.isoformat(), "reason": "not_me"})
        assert used_days(worn) == 30
        week = {"range": "week"}
        page = client.get(reverse("data_activity"), week)
        assert "left out by you" in text_of(page)
        assert 'class="out"' in page.content.decode()
        client.post(reverse("data_use_again", args=["activity"]), {"day": day.isoformat()})
        assert used_days(worn) == 31
        first, second = DayLeftOut.objects.order_by("pk")
        assert second.supersedes == first
        assert (first.left_out, second.left_out) == (True, False)

    def test_what_cannot_be_left_out(self, one, client):
        address = reverse("data_day", args=["activity"])
        tomorrow = timezone.localdate() + timedelta(days=2)
        for said in (
            {"day": "31/31/2026", "reason": "not_me"},
            {"day": str(tomorrow), "reason": "not_me"},
            {"day": "2026-01-01"},
        ):
            assert client.post(address, said).status_code == 200
        assert client.get(reverse("data_day", args=["shoes"])).status_code == 404
        assert client.post(reverse("data_use_again", args=["sleep"]), {"day": "x"}).status_code == 404
        with pytest.raises(BadInput):
            left_out.say(one, timezone.localdate(), left_out=True, reason="because", source="test")
        assert not DayLeftOut.objects.exists()

    def test_the_same_day_twice_is_one_fact(self, one):
        day = timezone.localdate() - timedelta(days=2)
        assert wrong.leave_out(one, day, "broken", source="test")
        assert wrong.leave_out(one, day, "broken", source="test") is None
        assert DayLeftOut.objects.count() == 1


def used_days(person):
    import duckdb
    from django.conf import settings

    from commonweal.vault.wearables import store

    with duckdb.connect() as con:
        view = store.current(con, settings.COMMONWEAL_HOME, "activity_summary", participants=[person.pk])
        used = left_out.without(con, view, "activity_summary", participants=[person.pk])
        return con.execute(f"SELECT count(*) FROM {used}").fetchone()[0]


class TestRecords:
    @pytest.fixture
    def shared(self, one, shared_data):
        made.share_records(one, shared_data)
        return one

    def test_results_have_plain_names_units_and_the_range_of_the_record_alone(self, shared, client):
        found = {one.name: one for one in health.measures(shared)}
        glucose = found["Blood sugar (glucose)"]
        assert glucose.unit == "mg/dL"
        assert {measured.range_words(glucose, r) for r in glucose.readings} == {"70–99 mg/dL"}
        assert measured.place_words(glucose.latest)
        weight = found["Weight"]
        assert {measured.range_words(weight, r) for r in weight.readings} == {""}
        said = text_of(client.get(reverse("data_measurements")))
        assert "range on the record: 70–99 mg/dL" in said
        assert "ask your doctor" in said

    def test_one_result_over_time_with_every_number_in_its_table(self, shared, client):
        glucose = next(m for m in health.measures(shared) if m.name == "Blood sugar (glucose)")
        page = client.get(reverse("data_measurement", args=[glucose.key])).content.decode()
        assert 'class="reference"' in page
        for reading in glucose.readings[-60:]:
            assert measured.value(glucose, reading) in page
        assert client.get(reverse("data_measurement", args=["nothing"])).status_code == 404

    @pytest.mark.parametrize("page", list(health.LISTED))
    def test_lists_say_how_many_they_hold(self, shared, client, page):
        said = text_of(client.get(reverse("data_list", args=[page])))
        found = health.entries(shared, page)
        assert (f"{len(found)} entr" in said) == bool(found)
        assert client.get(reverse("data_list", args=["secrets"])).status_code == 404

    def test_what_is_in_error_or_refuted_is_not_shown(self, one, client):
        import pyarrow as pa

        from commonweal.vault.records import bulk

        base = {"participant": one.pk, "resource_type": "Condition", "part": 0, "code_system": "http://snomed.info/sct"}
        rows = [
            base | {"resource_id": "a", "code": "1", "code_text": "Asthma", "status": "active"},
            base | {"resource_id": "b", "code": "2", "code_text": "Plague", "status": "entered-in-error"},
        ]
        bulk.deposit(pa.Table.from_pylist(rows), site=made.SITE, received_time=timezone.now())
        said = text_of(client.get(reverse("data_list", args=["diagnoses"])))
        assert "Asthma" in said
        assert "Plague" not in said

    def test_a_record_that_is_not_mine_reaches_the_help_desk(self, one, client):
        answer = client.post(reverse("data_record_wrong"), {"what": "Plague", "text": "I never had it."})
        asked = HelpRequest.objects.get()
        assert answer["Location"] == reverse("my_help_request", args=[asked.uuid])
        assert asked.topic == "records"
        assert "Plague" in asked.text
        assert "I never had it." in asked.text
        assert client.post(reverse("data_record_wrong"), {"what": "", "text": ""}).status_code == 200


class TestAnswers:
    def test_a_correction_begins_at_the_question_with_all_that_was_answered(self, one, client):
        response = made.answer(one, health="Good")
        address = reverse("data_correct", args=[response.uuid])
        answer = client.post(address, {"question": "self_rated_health"})
        draft = SurveyDraft.objects.get()
        assert draft.corrects == response
        assert draft.answers["self_rated_health"]
        assert answer["Location"].startswith(reverse("survey", args=["OverallHealth"]))
        assert client.post(address, {"question": "self_rated_health"})["Location"] == answer["Location"]

    def test_both_are_shown_with_what_changed(self, one, client, protocol):
        response = made.answer(one, health="Good", at=timezone.now() - timedelta(days=9))
        survey = protocol.surveys["OverallHealth"]
        other = survey.questionnaire.items["self_rated_health"].options[0]
        corrected = surveys.hand_in(
            one,
            survey,
            {"self_rated_health": [{"valueCoding": other.value}]},
            language="en",
            source="test",
            corrects=response,
        )
        before = text_of(client.get(reverse("data_response", args=[response.uuid])))
        assert "You corrected these answers on" in before
        assert "Correct this" not in before
        after = text_of(client.get(reverse("data_response", args=[corrected.uuid])))
        assert "This corrects your answers of" in after
        assert "you answered: Good" in after
        with pytest.raises(Refused):
            wrong.correct_answer(one, response, "self_rated_health", protocol)

    def test_a_draft_that_was_begun_is_not_overwritten(self, one, client, protocol):
        response = made.answer(one)
        SurveyDraft.objects.create(participant=one, questionnaire="OverallHealth", version="1", answers={})
        answer = client.post(reverse("data_correct", args=[response.uuid]), {"question": "self_rated_health"})
        assert answer["Location"] == reverse("data_response", args=[response.uuid])
        assert SurveyDraft.objects.get().corrects is None

    def test_how_others_answered_stands_beside_ones_own_answer(self, one, client):
        response = made.answer(one)
        made.publish_others()
        said = text_of(client.get(reverse("data_response", args=[response.uuid])))
        assert "How others answered" in said
        assert "(your answer)" in said
        assert "few" in said
        assert "About 2,000 people answered" in said


def test_nobody_opens_what_is_anothers(one, client):
    other = made.somebody(email="b@example.org")
    response = made.answer(other)
    assert client.get(reverse("data_response", args=[response.uuid])).status_code == 404
    assert client.post(reverse("data_correct", args=[response.uuid]), {"question": "x"}).status_code == 404


def test_who_has_left_sees_everything_and_corrects_nothing(one, client):
    response = made.answer(one)
    leaving.withdraw(one, source="test")
    for name in PAGES:
        expected = 302 if name == "data_record_wrong" else 200
        assert client.get(reverse(name)).status_code == expected, name
    assert "Correct this" not in text_of(client.get(reverse("data_response", args=[response.uuid])))
    answer = client.post(reverse("data_correct", args=[response.uuid]), {"question": "self_rated_health"})
    assert answer["Location"] == reverse("leaving_receipt")
    assert not SurveyDraft.objects.exists()
