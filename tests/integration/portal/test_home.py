"""The participant's home and what is around it: inbox, contact preferences, appointments, the outbox of a demonstration."""

import re
from datetime import timedelta

import pytest
from django.core import signing
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from commonweal.vault.messages import actions, appointments, delivery, outbox
from commonweal.vault.messages.models import Appointment, ContactPreference, Message
from commonweal.vault.messages.reach import preference_of
from tests.integration.portal.conftest import say

pytestmark = pytest.mark.django_db(transaction=True)


def text_of(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_home_tells_the_next_step_the_standing_and_the_story(person, as_person):
    said = text_of(as_person(person()).get(reverse("home")))
    for words in ("What is next", "You have joined and share your health records.", "The survey The Basics"):
        assert words in said
    story = said[said.index("What I gave") :]
    assert (
        story.index("you said yes") < story.index("You told us about yourself") < story.index("Your account was made")
    )


def test_home_of_somebody_who_has_only_an_account(person, as_person):
    said = text_of(as_person(person("account")).get(reverse("home")))
    assert "You have not joined yet" in said
    assert "Can I join?" in said


def test_home_of_somebody_who_said_no_to_joining_thanks_for_nothing_that_was_not_done(person, as_person, protocol):
    one = person("profile")
    say(one, "primary", "no", protocol)
    page = as_person(one).get(reverse("home")).content.decode()
    assert "You said no to joining" in page and "You have done everything" not in page
    assert f'href="{reverse("consent", args=["primary"])}">Read and answer again' in page


def test_one_minute_is_one_minute(person, as_person):
    assert "About 1 minute." in text_of(as_person(person("account")).get(reverse("home")))


def test_each_consent_can_be_read_again_and_changed_from_home(person, as_person, protocol):
    page = as_person(person()).get(reverse("home")).content.decode()
    for module in ("primary", "ehr"):
        assert f'href="{reverse("consent", args=[module])}"' in page


def test_every_link_of_home_leads_somewhere(person, as_person):
    client = as_person(person())
    page = client.get(reverse("home")).content.decode()
    links = {link for link in re.findall(r'href="(/[^"#]*)', page) if not link.startswith("/static/")}
    assert len(links) > 12
    for link in links:
        assert client.get(link).status_code in (200, 302), link


def test_a_new_message_is_counted_until_it_is_read(person, as_person):
    one = person()
    client = as_person(one)
    message = actions.send(one, "welcome", key="1", link="/next/")[0]
    assert "1 new message" in text_of(client.get(reverse("home")))
    page = client.get(reverse("inbox_message", args=[message.uuid])).content.decode()
    assert "We are glad that you are here" in page
    assert 'href="/next/"' in page
    assert "1 new message" not in text_of(client.get(reverse("home")))
    assert Message.objects.get(pk=message.pk).state == "opened"


def test_nobody_reads_anothers_message(person, as_person):
    one, other = person(), person(email="b@example.org")
    inside, email = actions.send(one, "welcome", key="1")
    client = as_person(other)
    assert client.get(reverse("inbox_message", args=[inside.uuid])).status_code == 404
    assert client.get(reverse("post_open", args=[token(email)])).status_code == 404
    assert Message.objects.get(pk=email.pk).state == "queued"


def token(message, salt=delivery.SALT_OPEN):
    return signing.dumps(str(message.uuid), salt=salt, compress=True)


def test_the_link_in_an_email_leads_to_the_message_after_logging_in(person, as_person):
    one = person()
    inside, email = actions.send(one, "welcome", key="1")
    link = reverse("post_open", args=[token(email)])
    visitor = Client().get(link)
    assert visitor.status_code == 302
    assert visitor["Location"].startswith(reverse("account_login"))
    assert Message.objects.get(pk=email.pk).state == "queued"  # who has the link alone has opened nothing
    answer = as_person(one).get(link)
    assert answer["Location"] == reverse("inbox_message", args=[inside.uuid])
    assert Message.objects.get(pk=email.pk).state == "opened"
    assert as_person(one).get(reverse("post_open", args=["forged"])).status_code == 404


def test_what_is_held_is_not_in_the_inbox(person, as_person):
    one = person()
    message = actions.send(one, "welcome", key="1", due=timezone.now() + timedelta(days=1))[0]
    client = as_person(one)
    assert "No messages yet" in text_of(client.get(reverse("inbox")))
    assert client.get(reverse("inbox_message", args=[message.uuid])).status_code == 404


def test_how_i_am_reached_is_mine_to_say(person, as_person):
    one = person()
    client = as_person(one)
    said = {"email": "on", "news": "on", "quiet_from": "20:00", "quiet_until": "09:00", "language": "es"}
    assert client.post(reverse("contact_preferences"), said).status_code == 302
    holds = preference_of(one)
    assert (holds.email, holds.reminders, holds.news, holds.language) == (True, False, True, "es")
    assert (holds.quiet_from.hour, holds.quiet_until.hour) == (20, 9)
    assert client.post(reverse("contact_preferences"), said | {"quiet_from": "25:00"}).status_code == 200
    assert ContactPreference.objects.count() == 1


def test_one_click_in_a_mail_program_stops_that_kind_of_mail(person):
    one = person()
    email = actions.send(one, "finish_joining", key="1")[1]
    link = reverse("post_stop", args=[token(email, delivery.SALT_STOP)])
    visitor = Client(enforce_csrf_checks=True)
    assert "No more of these e-mails?" in text_of(visitor.get(link))
    assert preference_of(one).reminders  # to look is not to choose: mail programs look at links by themselves
    assert visitor.post(link, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert not preference_of(one).reminders
    assert preference_of(one).email
    assert visitor.post(reverse("post_stop", args=[token(email)])).status_code == 404  # the other link's token


def test_asking_for_an_appointment_and_taking_it_into_ones_calendar(person, as_person, sites):
    one = person()
    client = as_person(one)
    said = {"kind": "visit", "site": sites[0], "wish": "Tuesdays"}
    assert client.post(reverse("appointments"), said).status_code == 302
    assert "You asked for an appointment" in text_of(client.get(reverse("home")))
    wish = Appointment.objects.get()
    assert client.get(reverse("appointment_calendar", args=[wish.uuid])).status_code == 404
    appointments.settle(wish, timezone.now() + timedelta(days=2), version=1, actor=one.account)
    file = client.get(reverse("appointment_calendar", args=[wish.uuid]))
    assert file["Content-Type"].startswith("text/calendar")
    assert b"BEGIN:VEVENT" in file.content
    stale = client.post(reverse("appointment_cancel", args=[wish.uuid]), {"version": 1}, follow=True)
    assert "changed meanwhile" in text_of(stale)
    assert Appointment.objects.get().state == "booked"
    client.post(reverse("appointment_cancel", args=[wish.uuid]), {"version": 2})
    assert Appointment.objects.get().state == "cancelled"


def test_nobody_touches_anothers_appointment(person, as_person, sites):
    wish = appointments.ask(person(), sites[0], "Mondays")
    client = as_person(person(email="b@example.org"))
    assert client.post(reverse("appointment_cancel", args=[wish.uuid]), {"version": 1}).status_code == 404
    assert client.get(reverse("appointment_calendar", args=[wish.uuid])).status_code == 404


class TestStaff:
    def test_book_change_and_close(self, person, as_staff, sites):
        one, client = person(), as_staff("site_staff")
        day = (timezone.now() + timedelta(days=3)).date()
        said = {"kind": "visit", "site": sites[0], "day": str(day), "clock": "14:30", "minutes": "45"}
        answer = client.post(reverse("staff_book", args=[one.uuid]), said)
        made = Appointment.objects.get()
        assert answer["Location"] == reverse("staff_appointment", args=[made.uuid])
        listed = text_of(client.get(reverse("staff_appointments"), {"site": sites[0], "day": str(day)}))
        assert "14:30" in listed
        assert "Rivera, Inés" in listed
        page = reverse("staff_appointment", args=[made.uuid])
        changed = said | {"clock": "15:00", "do": "settle", "version": "1"}
        assert client.post(page, changed).status_code == 302
        assert client.post(page, changed).status_code == 409  # another tab, the old version
        assert client.post(page, {"do": "kept", "version": "2"}).status_code == 400
        Appointment.objects.update(starts_at=timezone.now() - timedelta(hours=1))
        assert client.post(page, {"do": "kept", "version": "2"}).status_code == 302
        assert Appointment.objects.get().state == "kept"

    def test_only_their_own_people(self, person, as_staff, sites):
        other = person(site=sites[1])
        wish = appointments.ask(other, sites[1], "Mondays")
        client = as_staff("site_staff", sites[0])
        for name, uuid in (("staff_book", other.uuid), ("staff_appointment", wish.uuid)):
            assert client.get(reverse(name, args=[uuid])).status_code == 404
        assert "Rivera" not in text_of(client.get(reverse("staff_appointments"), {"site": sites[1]}))

    def test_who_is_left_in_peace_gets_no_appointment(self, person, as_staff):
        from commonweal.vault.consent import leaving

        one = person()
        leaving.deactivate(one, source="test")
        assert as_staff("site_staff").get(reverse("staff_book", args=[one.uuid])).status_code == 404

    def test_a_time_that_the_clock_jumps_over_is_explained(self, person, as_staff, sites):
        said = {"kind": "visit", "site": sites[0], "day": "2027-03-14", "clock": "02:30", "minutes": "45"}
        answer = as_staff("site_staff").post(reverse("staff_book", args=[person().uuid]), said)
        assert "jumps over" in text_of(answer)
        assert not Appointment.objects.exists()


def test_a_demonstration_shows_what_it_would_send_and_nobody_else_does(settings):
    outbox.put("sms", "+13125550142", "your code is 123456")
    settings.DEMONSTRATION = False
    assert Client().get(reverse("demo_outbox")).status_code == 404
    settings.DEMONSTRATION = True
    answer = Client().get(reverse("demo_outbox"))
    assert "123456" in text_of(answer)
    assert answer["Cache-Control"] == "no-store"


def test_account_mails_are_in_the_log_without_what_they_said(settings, mailoutbox):
    from commonweal.vault.people.models import Account

    Account.objects.create_user("known@example.org", "seven quiet herons")
    for address in ("known@example.org", "unknown@example.org"):
        Client().post(reverse("account_reset_password"), {"email": address})
    assert len(mailoutbox) == 2
    rows = list(Message.objects.order_by("pk"))
    assert [(m.template, m.state, m.subject, m.body) for m in rows] == [("account", "sent", "", "")] * 2
    assert [m.account_id is not None for m in rows] == [True, False]
    assert "help@commonweal.example" in mailoutbox[0].from_email


def test_a_mail_server_that_is_down_says_the_same_to_everybody(settings):
    from commonweal.vault.people.models import Account

    Account.objects.create_user("known@example.org", "seven quiet herons")
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = (
        "django.core.mail.backends.smtp.EmailBackend",
        "127.0.0.1",
        9,
    )
    answers = [
        Client().post(reverse("account_reset_password"), {"email": address})
        for address in ("known@example.org", "unknown@example.org")
    ]
    assert {(a.status_code, a.get("Location")) for a in answers} == {
        (answers[0].status_code, answers[0].get("Location"))
    }
    assert set(Message.objects.values_list("state", flat=True)) == {"failed"}
