"""A dangerous answer on the pages: help at once for the person, a case for the staff, and nobody else learns of it."""

import logging
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from commonweal import protocol as protocols
from commonweal.audit.models import Event
from commonweal.ui import context
from commonweal.vault.consent import leaving
from commonweal.vault.journey.leaving import finish_open
from commonweal.vault.messages import reach
from commonweal.vault.messages.models import Message
from commonweal.vault.staff import safety_alerts
from commonweal.vault.surveys.models import SafetyCase, SurveyDraft
from tests import danger
from tests.integration.portal.conftest import logged_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return danger.program(tmp_path_factory.mktemp("danger") / "protocol", "phq9", "ace")


@pytest.fixture
def program(folder, monkeypatch):
    monkeypatch.setattr(context, "_folder", lambda home: folder)
    return protocols.load(folder)


@pytest.fixture
def ines(person, program):
    one = person("primary")
    danger.hand_in_baseline(one, program)
    return one


def post(client, page, **values):
    sent = {code: f"{code}_{value}" for code, value in values.items()}
    return client.post(f"/surveys/ehhwb/{page}/", {"shown": list(sent), "go": "next", **sent}, follow=True)


def text_of(answer):
    return answer.content.decode()


def raise_case(one, **values):
    answer = post(logged_in(one.account), 1, **(values or {"phq9_9": 2}))
    assert answer.status_code == 200
    return SafetyCase.objects.get()


def test_help_is_there_on_the_page_that_follows_and_until_the_end(ines, as_person):
    client = as_person(ines)
    assert "help-now" not in text_of(client.get("/surveys/ehhwb/1/")).replace('id="help-now"', "")
    said = text_of(post(client, 1, phq9_9=1))
    assert 'class="help-now"' in said and 'href="tel:988"' in said and "open><summary>" in said
    again = text_of(client.get("/surveys/ehhwb/1/"))
    assert 'class="help-now"' in again and "open><summary>" not in again  # one press away, and not in the way
    assert "open><summary>" in text_of(client.get("/surveys/ehhwb/review/"))
    thanks = text_of(client.post("/surveys/ehhwb/review/", follow=True))
    assert "open><summary>" in thanks and "Someone from our team may call you" in thanks
    assert "(555) 010-0142" in thanks.split("</details>")[0]  # the program's own line stands there too


def test_help_opens_again_for_a_worse_answer_and_not_for_a_lesser_one(ines, as_person):
    client = as_person(ines)
    shown = [text_of(post(client, 1, phq9_9=value)) for value in (2, 1, 3)]
    assert ["open><summary>" in said for said in shown] == [True, False, True]
    assert all('class="help-now"' in said for said in shown)


def test_in_the_persons_language(ines, as_person):
    client = as_person(ines)
    client.cookies["portal_language"] = "es"
    said = text_of(post(client, 1, phq9_9=1))
    assert "Línea de Prevención del Suicidio" in said and "Llamar al 988" in said and "Enviar AYUDA al 741741" in said


def test_the_way_out_ends_the_session_and_shows_the_weather(ines, as_person):
    client = as_person(ines)
    said = text_of(post(client, 2, ace_9=2))
    assert 'action="/surveys/leave-now/"' in said and 'href="tel:1-800-799-7233"' in said
    assert not SafetyCase.objects.exists()
    gone = client.post("/surveys/leave-now/")
    assert gone.status_code == 200 and b"weather.gov" in gone.content
    assert gone.headers["Clear-Site-Data"] == '"cache"' and "no-store" in gone.headers["Cache-Control"]
    assert client.get("/home/").status_code == 302
    assert SurveyDraft.objects.get(participant=ines).answers["ace_9"]
    assert client.get("/surveys/leave-now/").status_code in (302, 405)


def test_without_a_plan_the_page_does_not_open(ines, as_person, tmp_path, monkeypatch):
    without = danger.program(tmp_path / "protocol", "phq9")
    program = protocols.load(without)
    object.__setattr__(program, "safety", protocols.load(protocols.DEFAULT).safety)  # as if nobody had approved it
    object.__setattr__(program, "digest", "another")
    monkeypatch.setattr(context, "_folder", lambda home: without)
    client = as_person(ines)
    for page in ("", "1/", "review/"):
        answer = client.get(f"/surveys/ehhwb/{page}", follow=True)
        assert answer.redirect_chain[0][0] == "/surveys/" and b"How you feel" not in answer.content.split(b"<main")[1]
    assert not SafetyCase.objects.exists()


def test_the_queue_is_for_the_roles_of_the_plan(ines, as_staff, program):
    case = raise_case(ines)
    home = program.sites[next(iter(program.sites))].organisation
    sees = {
        ("operator", ""): True,
        ("org_manager", home): True,
        ("org_manager", "gulf-coast-care"): False,
        ("site_staff", ""): False,  # the plan does not name them
    }
    for (role, scope), may in sees.items():
        client = as_staff(role, scope=scope)
        listing = client.get("/staff/safety/")
        assert listing.status_code == 200
        assert (f"/staff/safety/{case.uuid}/" in text_of(listing)) is may, role
        assert client.get(f"/staff/safety/{case.uuid}/").status_code == (200 if may else 404)
        assert "Rivera" not in text_of(listing)
    assert as_staff("steward").get("/staff/safety/").status_code == 403


def test_a_case_from_the_call_to_its_end(ines, as_staff):
    case = raise_case(ines, **{f"phq9_{n}": 3 for n in range(1, 10)})
    client = as_staff("operator")
    page = text_of(client.get(f"/staff/safety/{case.uuid}/"))
    assert "312-555-0142" in page and "Are you thinking about ending your life?" in page
    assert "Depression (PHQ-9)" in page and "27: severe" in page and "phq9_9_3" not in page
    assert Event.objects.filter(action="staff.opened", subject=str(ines.uuid)).exists() or Event.objects.filter(
        action="staff.opened"
    )

    def move(what, **more):
        case.refresh_from_db()
        return client.post(f"/staff/safety/{case.uuid}/move/", {"move": what, "version": case.version, **more})

    assert move("take").status_code == 302
    assert b"note that first" in move("close", outcome="safe").content
    assert b"Say what came of it" in move("close").content
    assert move("no_answer", note="Again at five").status_code == 302
    assert move("called").status_code == 302
    assert move("close", outcome="helped").status_code == 302
    stale = client.post(f"/staff/safety/{case.uuid}/move/", {"move": "reopen", "version": 1, "note": "mine"})
    assert stale.status_code == 409 and b"mine" in stale.content
    case.refresh_from_db()
    assert (case.state, case.outcome) == ("closed", "helped")
    assert "help is arranged" in text_of(client.get(f"/staff/safety/{case.uuid}/"))
    assert f"{case.uuid}" not in text_of(client.get("/staff/safety/"))
    assert f"{case.uuid}" in text_of(client.get("/staff/safety/?state=closed"))


def test_nobody_sees_their_own_case(ines, as_staff):
    from commonweal.vault.staff import roles

    case = raise_case(ines)
    roles.give(ines.account, "operator")
    client = logged_in(ines.account)
    from tests.integration.portal.conftest import give_second_step

    give_second_step(ines.account)
    assert client.get(f"/staff/safety/{case.uuid}/").status_code == 404


def test_the_staff_are_told_that_something_waits_and_no_more(ines, as_staff, caplog):
    as_staff("operator")
    as_staff("site_staff")
    case = raise_case(ines)
    mail.outbox.clear()
    with caplog.at_level(logging.DEBUG):
        assert [safety_alerts.tick(), safety_alerts.tick()] == [1, 0]
    (sent,) = mail.outbox
    assert sent.to == ["operator@example.org"] and "/staff/safety/" in sent.body
    for word in ("Rivera", "ines", "phq9", "survey", "harm", "suicid", str(case.uuid), str(ines.uuid)):
        assert word not in (sent.subject + sent.body).lower() and word not in caplog.text
    assert Message.objects.filter(account__email="operator@example.org", channel="email").count() == 1


def test_an_overdue_case_is_told_again_each_day_until_somebody_calls(ines, as_staff):
    client = as_staff("operator")
    case = raise_case(ines)
    safety_alerts.tick()
    mail.outbox.clear()
    late = case.due_at + timedelta(minutes=1)
    assert [safety_alerts.tick(late), safety_alerts.tick(late), safety_alerts.tick(late + timedelta(hours=25))] == [
        1,
        0,
        1,
    ]
    SafetyCase.objects.filter(pk=case.pk).update(due_at=timezone.now() - timedelta(hours=1))
    page = text_of(client.get("/staff/safety/"))
    assert "1 person should have been called by now." in page
    SafetyCase.objects.filter(pk=case.pk).update(state="called")
    assert safety_alerts.tick(late + timedelta(days=9)) == 0


def test_where_no_mail_leaves_it_is_tried_again(ines, as_staff, monkeypatch):
    as_staff("operator")
    raise_case(ines)
    monkeypatch.setattr("django.core.mail.EmailMessage.send", lambda self: (_ for _ in ()).throw(OSError("down")))
    assert safety_alerts.tick() == 0
    monkeypatch.undo()


def test_leaving_is_told_on_the_receipt(ines):
    case = raise_case(ines)
    leaving.withdraw(ines, source="portal")
    finish_open()
    case.refresh_from_db()
    assert case.state == "open"
    line = ines.leaving_receipts.get().lines.get(store="safety")
    assert (line.state, line.detail["waiting"]) == ("done", 1)


def test_where_the_roles_of_the_plan_have_no_address_the_operators_are_told(ines, as_staff, monkeypatch):
    as_staff("site_staff")
    operator = as_staff("operator")
    address = reach.email_of
    monkeypatch.setattr(reach, "email_of", lambda one: address(one) if one.pk == operator.account.pk else "")
    monkeypatch.setattr(reach, "phone_of", lambda one: "")
    case = raise_case(ines)
    SafetyCase.objects.filter(pk=case.pk).update(who="site_staff")
    mail.outbox.clear()
    assert safety_alerts.tick() == 1
    assert [one.to for one in mail.outbox] == [["operator@example.org"]]
