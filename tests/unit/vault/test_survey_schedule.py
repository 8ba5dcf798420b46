"""Which surveys are open now: each row is a person's history, and how the survey stands."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from commonweal.protocol.survey_settings import BySurvey, SurveySettings
from commonweal.vault.surveys import schedule
from commonweal.vault.surveys.schedule import Answered, Known, standings

START = datetime(2026, 1, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
BASE = {"A": SurveySettings(baseline=True), "B": SurveySettings(baseline=True, after=("A",))}


def on(day, version="1"):
    return Answered(START + day * DAY, version)


def stands(now, answered=(), begun=(), closed=(), zone=UTC, code="C", **settings):
    """How survey C stands `now` days after START, of a person who said yes then."""
    rules = BySurvey(BASE | {"C": SurveySettings(**settings)})
    known = Known(START, dict(answered), begun, closed, zone)
    return standings(rules, ["A", "B", "C"], known, START + now * DAY)[code]


BOTH = {"A": [on(0)], "B": [on(1)]}

STATES = [
    # days since the yes, what was answered, settings of C, state, when it opened or opens (days)
    (0, {}, {}, "later", None),
    (5, {"A": [on(0)]}, {}, "later", None),
    (5, BOTH, {}, "open", 1),
    (5, BOTH | {"C": [on(4)]}, {}, "done", None),
    (5, {"C": [on(4)]}, {}, "done", None),  # answered before the rule was made
    (5, BOTH, {"open": date(2026, 1, 11)}, "later", 9.5),
    (10, BOTH, {"open": date(2026, 1, 11)}, "open", 9.5),
    (10, BOTH, {"open": date(2025, 12, 1)}, "open", 1),
    (5, BOTH, {"wait": 90}, "later", 91),
    (91, BOTH, {"wait": 90}, "open", 91),
    (5, BOTH, {"until": date(2026, 1, 6)}, "ended", None),
    (5, BOTH | {"C": [on(4)]}, {"until": date(2026, 1, 6)}, "done", None),
    (4, BOTH, {"until": date(2026, 1, 6)}, "open", 1),
    (89.9, BOTH | {"C": [on(2)]}, {"every": 90}, "done", 92),
    (92, BOTH | {"C": [on(2)]}, {"every": 90}, "due", 92),
    (100, BOTH | {"C": [on(2)]}, {"every": 90, "window": 8}, "missed", 182),
    (99.9, BOTH | {"C": [on(2)]}, {"every": 90, "window": 8}, "due", 92),
    (183, BOTH | {"C": [on(2)]}, {"every": 90, "window": 8}, "due", 182),
    (500, BOTH | {"C": [on(2), on(95)]}, {"every": 90}, "due", 455),
    (120, BOTH | {"C": [on(2), on(95)]}, {"every": 90}, "done", 185),
    (93, BOTH | {"C": [on(2), on(80)]}, {"every": 90}, "due", 92),  # a second answer in a wave moves nothing
    (400, BOTH | {"C": [on(2)]}, {"every": 90, "until": date(2026, 6, 1)}, "done", None),
    (5, BOTH | {"C": [on(4)]}, {"ask_again_before": "2"}, "due", 1),
    (5, BOTH | {"C": [on(2), on(4, "2")]}, {"ask_again_before": "2"}, "done", None),
    (5, BOTH | {"C": [on(4, "10")]}, {"ask_again_before": "9.1"}, "done", None),
    (5, BOTH | {"C": [on(4, "1.9")]}, {"ask_again_before": "1.10"}, "due", 1),
    (5, {}, {"baseline": True}, "open", 0),
    (5, {"A": [on(3)]}, {"baseline": True, "after": ("A",)}, "open", 3),
]


@pytest.mark.parametrize(("now", "answered", "settings", "state", "when"), STATES)
def test_how_it_stands(now, answered, settings, state, when):
    found = stands(now, answered, **settings)
    assert found.state == state
    told = found.opened_at if state in ("open", "due") else found.next_at
    assert told == (None if when is None else START + when * DAY)


def test_what_it_waits_for():
    assert stands(1).waits_for == ("A", "B")
    assert stands(1, {"A": [on(0)]}).waits_for == ("B",)
    assert stands(1, code="B").waits_for == ("A",)
    assert stands(1, code="A").state == "open"


def test_a_draft_is_begun_while_it_may_be_answered_and_is_never_lost_to_a_window():
    assert stands(5, BOTH, begun=("C",)).state == "begun"
    assert stands(5, BOTH | {"C": [on(4)]}, begun=("C",)).state == "done"
    assert stands(105, BOTH | {"C": [on(2)]}, begun=("C",), every=90, window=8).state == "begun"


def test_one_that_must_stay_closed_is_closed_whatever_else():
    assert stands(5, BOTH, closed=("C",)).state == "closed"
    assert not stands(5, BOTH, closed=("C",)).answerable


def test_waves_are_numbered_with_those_that_nobody_answered():
    assert schedule.waves([on(0).at, on(10).at, on(95).at, on(300).at], 90) == [1, 1, 2, 4]
    assert schedule.waves([], 90) == []
    assert [stands(now, BOTH | {"C": [on(2)]}, every=90).wave for now in (3, 92, 182)] == [1, 2, 3]


def test_a_day_begins_at_midnight_where_the_person_is():
    chicago = ZoneInfo("America/Chicago")
    assert stands(9.6, BOTH, open=date(2026, 1, 11)).state == "open"
    found = stands(9.6, BOTH, zone=chicago, open=date(2026, 1, 11))
    assert (found.state, found.next_at) == ("later", datetime(2026, 1, 11, 6, tzinfo=UTC))


REMINDERS = [(1, None), (7.9, None), (8, 0), (21.9, 0), (22, 1), (29, 1), (40, None)]


@pytest.mark.parametrize(("now", "number"), REMINDERS)
def test_which_reminder_is_due(now, number):
    settings = SurveySettings(remind=(7, 21))
    assert schedule.reminder(settings, stands(now, BOTH, remind=(7, 21)), START + now * DAY, late=14 * DAY) == number


def test_no_reminder_of_what_is_answered_or_waits_itself():
    settings = SurveySettings(remind=(7,))
    for answered in ({}, BOTH | {"C": [on(2)]}):
        assert schedule.reminder(settings, stands(9, answered), START + 9 * DAY, late=14 * DAY) is None
