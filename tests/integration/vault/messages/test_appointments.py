"""Appointments: asked for, booked, changed, cancelled, kept; what the person is told; who comes too late."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from commonweal.errors import BadInput, Refused
from commonweal.vault.consent import leaving
from commonweal.vault.messages import appointments, calendar, reminders
from commonweal.vault.messages.models import Appointment, Message

pytestmark = pytest.mark.django_db(transaction=True)
SITE = "lakeshore-chicago"


@pytest.fixture
def staff(transactional_db):
    from commonweal.vault.people.models import Account

    return Account.objects.create_user("staff@example.org", "seven quiet herons")


def soon(hours=48):
    return timezone.now() + timedelta(hours=hours)


def told(person):
    found = Message.objects.filter(participant=person, channel="inbox").order_by("pk")
    return list(found.values_list("template", flat=True))


def test_from_a_wish_to_a_visit(person, staff):
    one = person()
    wish = appointments.ask(one, SITE, "Tuesdays after five")
    assert (wish.state, wish.starts_at) == ("asked", None)
    appointments.settle(wish, soon(), version=wish.version, actor=staff)
    appointments.settle(wish, soon(72), version=wish.version, actor=staff)
    Appointment.objects.filter(pk=wish.pk).update(starts_at=timezone.now() - timedelta(hours=1))
    wish.refresh_from_db()
    appointments.close(wish, "kept", version=wish.version, actor=staff)
    assert (wish.state, wish.version) == ("kept", 4)
    assert told(one) == ["appointment_booked", "appointment_changed"]


def test_the_time_is_written_by_the_clock_of_the_place(person, staff):
    one = person()
    at = datetime(timezone.now().year + 1, 1, 11, 20, 30, tzinfo=UTC)
    appointments.book(one, SITE, min(at, soon(24 * 300)), actor=staff)
    body = Message.objects.get(participant=one, channel="inbox").body
    assert "Lakeshore Clinic, Chicago" in body
    if at < soon(24 * 300):
        assert "2:30 p.m." in body


def test_two_staff_change_one_appointment_and_the_second_is_told(person, staff):
    made = appointments.book(person(), SITE, soon(), actor=staff)
    mine, other = (Appointment.objects.get(pk=made.pk) for _ in range(2))
    appointments.settle(mine, soon(50), version=mine.version, actor=staff)
    with pytest.raises(appointments.Stale):
        appointments.cancel(other, version=other.version, actor=staff)
    assert Appointment.objects.get(pk=made.pk).state == "booked"


@pytest.mark.parametrize("state", appointments.MOVES)
def test_only_the_moves_of_the_table(person, staff, state):
    made = appointments.book(person(), SITE, soon(), actor=staff)
    Appointment.objects.filter(pk=made.pk).update(state=state, starts_at=timezone.now() - timedelta(hours=1))
    tries = {
        "booked": lambda one: appointments.settle(one, soon(), version=one.version, actor=staff),
        "kept": lambda one: appointments.close(one, "kept", version=one.version, actor=staff),
        "missed": lambda one: appointments.close(one, "missed", version=one.version, actor=staff),
        "cancelled": lambda one: appointments.cancel(one, version=one.version, actor=staff),
    }
    for goal, act in tries.items():
        one = Appointment.objects.get(pk=made.pk)
        if goal in appointments.MOVES[state]:
            act(one)
            Appointment.objects.filter(pk=made.pk).update(state=state, starts_at=timezone.now() - timedelta(hours=1))
        else:
            with pytest.raises(Refused):
                act(one)
            assert Appointment.objects.get(pk=made.pk).state == state


def test_a_visit_to_come_is_not_kept_yet(person, staff):
    made = appointments.book(person(), SITE, soon(), actor=staff)
    with pytest.raises(Refused, match="to come"):
        appointments.close(made, "kept", version=made.version, actor=staff)


def test_bad_input_is_refused(person, staff):
    one = person()
    for site, starts, minutes in (
        ("nowhere", soon(), 60),
        (SITE, soon(-1), 60),
        (SITE, soon(24 * 500), 60),
        (SITE, soon(), 2),
    ):
        with pytest.raises(BadInput):
            appointments.book(one, site, starts, actor=staff, minutes=minutes)
    with pytest.raises(BadInput):
        appointments.ask(one, SITE, "   ")
    with pytest.raises(Refused):
        appointments.ask(person(email="b@example.org", consent="no"), SITE, "any time")
    assert not Appointment.objects.exists()


def test_wishes_are_few_and_the_same_one_is_one(person):
    one = person()
    first = appointments.ask(one, SITE, "Mondays")
    assert appointments.ask(one, SITE, "Mondays ").pk == first.pk
    for number in range(appointments.MOST_OPEN - 1):
        appointments.ask(one, SITE, f"wish {number}")
    with pytest.raises(Refused, match="already"):
        appointments.ask(one, SITE, "one more")


def test_who_cancels_is_not_written_to_about_it(person, staff):
    one = person()
    for tell in (False, True):
        made = appointments.book(one, SITE, soon(), actor=staff)
        appointments.cancel(made, version=made.version, actor=one, tell=tell)
        assert ("appointment_cancelled" in told(one)) is tell


def test_whoever_leaves_has_no_appointments_to_come(person, staff):
    one = person()
    appointments.book(one, SITE, soon(), actor=staff)
    appointments.ask(one, SITE, "Mondays")
    past = appointments.book(one, SITE, soon(60), actor=staff)
    Appointment.objects.filter(pk=past.pk).update(starts_at=timezone.now() - timedelta(days=3))
    leaving.withdraw(one, source="test")
    assert appointments.cancel_all(one) == 2
    with pytest.raises(Refused):
        appointments.book(one, SITE, soon(), actor=staff)


def test_one_reminder_the_day_before(person, staff):
    one = person()
    made = appointments.book(one, SITE, soon(48), actor=staff)
    assert reminders.remind() == 0
    day_before = made.starts_at - timedelta(hours=20)
    assert reminders.remind(day_before) == 1
    assert reminders.remind(day_before + timedelta(hours=1)) == 0
    assert told(one).count("appointment_reminder") == 1


def test_who_is_to_be_called_is_expected_nowhere(person, staff):
    one = person()
    made = appointments.book(one, SITE, soon(48), actor=staff, kind="call")
    appointments.settle(made, soon(72), version=made.version, actor=staff)
    assert reminders.remind(made.starts_at - timedelta(hours=20)) == 1
    appointments.cancel(made, version=made.version, actor=staff)
    bodies = one.messages.filter(channel="inbox", template__startswith="appointment").values_list("body", flat=True)
    assert len(bodies) == 4
    assert all("call you" in body and "Lakeshore" not in body for body in bodies)


def test_no_reminder_of_what_was_just_booked_cancelled_or_gone_by(person, staff):
    one = person()
    appointments.book(one, SITE, soon(5), actor=staff)
    cancelled = appointments.book(one, SITE, soon(48), actor=staff)
    appointments.cancel(cancelled, version=cancelled.version, actor=staff)
    assert reminders.remind(timezone.now() + timedelta(hours=30)) == 0


def test_a_changed_appointment_is_reminded_of_anew(person, staff):
    made = appointments.book(person(), SITE, soon(48), actor=staff)
    assert reminders.remind(made.starts_at - timedelta(hours=20)) == 1
    appointments.settle(made, soon(100), version=made.version, actor=staff)
    assert reminders.remind(made.starts_at - timedelta(hours=20)) == 1


def test_a_calendar_file_by_rfc_5545(person, staff):
    at = datetime(2027, 3, 14, 15, 0, tzinfo=UTC)
    made = appointments.book(person(), SITE, soon(), actor=staff)
    made.starts_at, made.minutes = at, 90
    text = calendar.event(made, "Programa de Demostración; “Commonweal”, todos " * 4, "Lakeshore, Chicago\nIL", at)
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert "\n" not in text.replace("\r\n", "")
    lines = text.replace("\r\n ", "").split("\r\n")
    assert "DTSTART:20270314T150000Z" in lines
    assert "DTEND:20270314T163000Z" in lines
    assert "LOCATION:Lakeshore\\, Chicago\\nIL" in lines
    assert any(line.startswith("SUMMARY:Programa de Demostración\\; “Commonweal”\\, todos") for line in lines)
    assert lines[0] == "BEGIN:VCALENDAR"
    assert lines[-2:] == ["END:VCALENDAR", ""]


class TestFinishingToJoin:
    def days(self, person, *days):
        counts = []
        for day in days:
            counts.append(reminders.finish_joining(person.registered_at + timedelta(days=day)))
        return counts

    def test_three_reminders_and_no_more(self, person, monkeypatch):
        one = person(consent=None, days=0)
        moments = {}

        def at(days):
            now = one.registered_at + timedelta(days=days)
            monkeypatch.setattr("commonweal.vault.messages.actions.timezone.now", lambda: now)
            moments[days] = reminders.finish_joining(now)

        for day in range(0, 170):
            at(day)
        assert [day for day, count in moments.items() if count] == [3, 10, 30]

    def test_a_worker_that_slept_does_not_send_them_all_at_once(self, person):
        one = person(consent=None, days=100)
        assert self.days(one, 100, 100, 101) == [1, 0, 0]

    @pytest.mark.parametrize(("said", "reminded"), [("yes", 0), ("no", 0), ("later", 1), ("not_sure", 1), (None, 1)])
    def test_it_stops_when_the_person_has_decided(self, person, said, reminded):
        assert self.days(person(consent=said), 30) == [reminded]

    def test_nobody_who_has_left_or_came_another_way(self, person):
        gone, imported = person(consent=None), person(email="b@example.org", consent=None)
        leaving.withdraw(gone, source="test")
        type(imported).objects.filter(pk=imported.pk).update(origin="import")
        assert reminders.finish_joining(timezone.now()) == 0
