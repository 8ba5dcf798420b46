"""Leaving through the one door: every store, the receipt, interruptions, what is left of the portal afterwards."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import orjson
import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from pyroaring import BitMap

from commonweal.audit.models import Event
from commonweal.errors import BadInput, Refused
from commonweal.vault.consent import actions as consent
from commonweal.vault.consent import leaving as facts
from commonweal.vault.consent.grants import scopes_in_force, withdrawn_at
from commonweal.vault.consent.leaving_rules import REDUCED_FIELDS, State, in_effect_at, is_reduced, visible_fields
from commonweal.vault.consent.models import Ceremony, Deactivation, Withdrawal
from commonweal.vault.journey import leaving
from commonweal.vault.journey.leaving import destruction, many, stores, words
from commonweal.vault.journey.models import LeavingReceipt, ReceiptLine
from commonweal.vault.messages import actions as messages
from commonweal.vault.messages.models import Appointment, Message
from commonweal.vault.people.models import AccountLink, Participant
from commonweal.vault.support.models import HelpRequest
from commonweal.vault.surveys.models import SurveyDraft, SurveyResponse
from commonweal.vault.voice.models import ReleaseRoll
from commonweal.vault.wearables import actions as wearables
from commonweal.vault.wearables.models import Connection

pytestmark = pytest.mark.django_db(transaction=True)
HOUR = timedelta(hours=1)


def lines(receipt):
    return {line.store: line for line in receipt.lines.all()}


def say(one, module, answer, protocol):
    text = protocol.consents[module].current.texts["en"]
    given = {"language": "en", "signed_name": "Inés Rivera", "content_sha256": text.sha256, "source": "test"}
    return consent.answer_module(one, module, answer, protocol=protocol, **given)


def respond(one, *codes, days=0):
    """TheBasics handed in, with these codes as answers."""
    at = timezone.now() - timedelta(days=days)
    answers = [{"valueCoding": {"code": code}} for code in codes]
    document = {"item": [{"linkId": "Race_WhatRaceEthnicity", "answer": answers}]}
    return SurveyResponse.objects.create(
        participant=one, questionnaire="TheBasics", version="1", language="en", document=orjson.dumps(document).decode(),
        event_time=at, authored_time=at, received_time=at, source="test", idempotency_key=f"r{one.pk}{at}",
    )  # fmt: skip


def roll(release, members, **more):
    fields = {"tier": "registered", "data_cutoff": date(2026, 1, 1), "published_at": timezone.now()} | more
    return ReleaseRoll.objects.create(release=release, members=BitMap(members).serialize(), **fields)


@pytest.fixture
def furnished(person, protocol, sites):
    """Somebody who has something in every store."""
    one = person()
    say(one, "wearables", "yes", protocol)
    say(one, "results", "yes", protocol)
    wearables.connect(one, "fitbit", {"access_token": "a", "refresh_token": "b"}, actor=one)
    now = timezone.now()
    Appointment.objects.create(
        participant=one, site=sites[0], state="booked", starts_at=now + HOUR, made_at=now, changed_at=now
    )
    HelpRequest.objects.create(
        participant=one, channel="portal", topic="other", text="?", language="en", made_at=now, changed_at=now
    )
    SurveyDraft.objects.create(participant=one, questionnaire="Lifestyle", version="1", answers={"a": []})
    respond(one, "WhatRaceEthnicity_White")
    AccountLink.objects.create(participant=one, kind="helper", started_at=now)
    messages.send(one, "reconsent", key="before", due=now + HOUR, title="x")
    roll("2026Q1R1", [one.pk, 7], published_at=now - timedelta(days=30))
    roll("2026Q2R1", [7], published_at=now - timedelta(days=10))
    return one


def test_every_store_is_driven_and_the_receipt_says_so(furnished):
    receipt = leaving.withdraw(furnished, source="portal")
    now, told = timezone.now(), lines(receipt)
    assert set(told) == {store.id for store in stores.of_kind("withdrawal")}
    assert scopes_in_force(furnished, now, now) == frozenset() and told["consent"].count >= 8
    assert not Message.objects.filter(participant=furnished, template="reconsent", state="queued").exists()
    assert not Appointment.objects.exclude(state="cancelled").exists() and told["appointments"].count == 1
    assert HelpRequest.objects.get().state == "closed" and HelpRequest.objects.get().notes.get().internal
    assert not SurveyDraft.objects.exists() and (told["surveys"].count, told["surveys"].detail["drafts"]) == (1, 1)
    assert not AccountLink.objects.filter(ended_at=None).exists()
    assert Connection.objects.get().state == Connection.CUTTING
    assert (told["wearables"].state, told["wearables"].detail["waiting"]) == ("pending", ["Fitbit"])
    assert [one["name"] for one in told["releases"].detail["releases"]] == ["2026Q1R1"]
    assert told["biobank"].state == "done" and told["results"].count >= 1
    assert (told["next_release"].state, told["next_release"].done_at) == ("pending", None)
    assert Message.objects.filter(participant=furnished, template="left").exists()
    open_ones = {store for store, line in told.items() if line.state in ("pending", "failed")}
    assert open_ones == {"wearables", "next_release"} and receipt.finished_at is None


def test_a_second_withdrawal_answers_the_first(furnished):
    first = leaving.withdraw(furnished, source="portal")
    again = leaving.withdraw(furnished, source="staff", reason="test", justification="a test account")
    assert again.pk == first.pk and Withdrawal.objects.get().reason == "self"
    assert LeavingReceipt.objects.count() == 1
    assert Message.objects.filter(template="left", channel="inbox").count() == 1
    assert Event.objects.filter(action="consent.withdraw").count() == 1


def test_leaving_twice_at_the_very_same_moment_is_leaving_once(furnished):
    """Two tabs, or a person and the worker: one fact, one receipt, each store once, one last message."""
    together = threading.Barrier(3)

    def leave(act):
        try:
            together.wait()
            return act()
        finally:
            connection.close()

    ways = [lambda: leaving.withdraw(furnished, source="portal").pk] * 2 + [leaving.finish_open]
    with ThreadPoolExecutor(3) as at_once:
        first, second, _ = at_once.map(leave, ways)
    assert first == second and Withdrawal.objects.count() == LeavingReceipt.objects.count() == 1
    told = lines(leaving.latest(furnished))
    assert {store for store, line in told.items() if line.state not in ("done", "nothing")} == {
        "wearables",
        "next_release",
    }
    assert told["appointments"].count == told["support"].count == told["surveys"].detail["drafts"] == 1
    assert Message.objects.filter(template="left", channel="inbox").count() == 1
    ended = Event.objects.filter(action="leaving.store", details__contains="appointments")
    assert ended.count() == 1


def test_leaving_cannot_be_undone_through_any_door(furnished, protocol):
    leaving.withdraw(furnished, source="portal")
    for answer in ("yes", "no"):
        with pytest.raises(Refused):
            say(furnished, "primary", answer, protocol)
    with pytest.raises(Refused):
        leaving.deactivate(furnished, source="portal")
    with pytest.raises(TypeError):
        Withdrawal.objects.all().delete()
    with pytest.raises(TypeError):
        Withdrawal.objects.update(reason="test")
    assert withdrawn_at(furnished)


def test_kind_no_use_after_consent_and_early_out_before(person):
    leaving.withdraw(person("ehr"), source="portal")
    early = leaving.withdraw(person("profile", email="early@example.org"), source="portal")
    kinds = dict(Withdrawal.objects.values_list("participant__account__email", "kind"))
    assert kinds == {"ines@example.org": "no_use", "early@example.org": "early_out"}
    told = lines(early)
    assert {told[one].state for one in ("biobank", "next_release", "results", "releases")} == {"nothing"}
    assert early.finished_at is not None


@pytest.mark.parametrize("reason", ["fraudulent", "duplicate", "test"])
def test_a_reason_of_the_staff_needs_a_justification(person, reason):
    one = person()
    for why in ("", "   "):
        with pytest.raises(BadInput, match="justification"):
            leaving.withdraw(one, source="staff", reason=reason, justification=why)
    assert not LeavingReceipt.objects.exists() and withdrawn_at(one) is None
    leaving.withdraw(one, source="staff", reason=reason, justification="Two signatures do not match.")
    assert Withdrawal.objects.get().justification == "Two signatures do not match."


def test_an_unknown_reason_is_refused(person):
    with pytest.raises(BadInput, match="reason"):
        leaving.withdraw(person(), source="staff", reason="bored", justification="x")


def test_deactivation_keeps_what_was_given_and_stops_the_rest(furnished):
    receipt = leaving.deactivate(furnished, source="portal")
    now, told = timezone.now(), lines(receipt)
    assert "surveys" in scopes_in_force(furnished, now, now)
    assert scopes_in_force(furnished, now, now, new_data=True) == frozenset()
    assert set(told) == {store.id for store in stores.of_kind("deactivation")}
    assert {"releases", "next_release", "biobank", "helpers", "sessions"}.isdisjoint(told)
    assert Connection.objects.get().state == Connection.CUTTING
    assert not Appointment.objects.exclude(state="cancelled").exists()
    assert leaving.deactivate(furnished, source="portal").pk == receipt.pk
    assert Deactivation.objects.count() == 1
    shown = {line.store: line.text for line in words.lines(receipt)}
    assert "stay in use" in shown["surveys"]


def test_who_was_left_in_peace_can_still_leave(furnished):
    leaving.deactivate(furnished, source="portal")
    receipt = leaving.withdraw(furnished, source="portal")
    assert leaving.latest(furnished) == receipt and LeavingReceipt.objects.count() == 2


def test_a_store_that_fails_holds_up_no_other_and_is_finished_later(furnished, monkeypatch, caplog):
    secret = f"{furnished.participant_id} broke it"

    def broken(leave):
        raise RuntimeError(secret)

    whole = stores.BY_ID["support"]
    monkeypatch.setitem(stores.BY_ID, "support", stores.Store("support", whole.kinds, broken))
    receipt = leaving.withdraw(furnished, source="portal")
    now, told = timezone.now(), lines(receipt)
    assert scopes_in_force(furnished, now, now) == frozenset()
    assert (told["support"].state, told["support"].attempts) == ("failed", 1)
    assert told["notice"].state == "done" and HelpRequest.objects.get().state == "open"
    assert secret not in caplog.text and "RuntimeError" in caplog.text
    assert "tried again" in {line.store: line.text for line in words.lines(receipt)}["support"]
    monkeypatch.setitem(stores.BY_ID, "support", whole)
    leaving.finish_open()
    assert lines(receipt)["support"].state == "done" and HelpRequest.objects.get().state == "closed"
    assert Message.objects.filter(template="left", channel="inbox").count() == 1


def test_a_step_that_fails_half_way_leaves_nothing_half_done(furnished, monkeypatch):
    whole = stores.BY_ID["appointments"]

    def half(leave):
        whole.step(leave)
        raise RuntimeError

    monkeypatch.setitem(stores.BY_ID, "appointments", stores.Store("appointments", whole.kinds, half))
    leaving.withdraw(furnished, source="portal")
    assert Appointment.objects.get().state == "booked"


def test_facts_that_came_by_another_door_get_their_receipt(furnished, person):
    made_up = person(email="made@example.org")
    Participant.objects.filter(pk=made_up.pk).update(origin="simulation")
    for one in (furnished, made_up):
        facts.withdraw(one, source="import")
    leaving.finish_open()
    assert list(LeavingReceipt.objects.values_list("participant", flat=True)) == [furnished.pk]
    assert lines(leaving.latest(furnished))["appointments"].state == "done"
    before = ReceiptLine.objects.count()
    leaving.finish_open()
    assert ReceiptLine.objects.count() == before


def test_the_next_release_is_waited_for_and_checked(furnished):
    receipt = leaving.withdraw(furnished, source="portal")
    assert leaving.mark_releases() == 0
    roll("2026Q3R1", [7])
    assert leaving.mark_releases() == 1
    line = lines(receipt)["next_release"]
    assert (line.state, line.detail["release"]) == ("done", "2026Q3R1")
    assert "you are not in it" in {one.store: one.text for one in words.lines(receipt)}["next_release"]


def test_a_release_that_still_holds_who_left_is_never_called_done(furnished):
    receipt = leaving.withdraw(furnished, source="portal")
    roll("2026Q3R1", [7, furnished.pk])
    assert leaving.mark_releases() == 0
    assert lines(receipt)["next_release"].state == "failed"
    roll("2026Q4R1", [7])
    assert leaving.mark_releases() == 0
    ReleaseRoll.objects.filter(release="2026Q3R1").update(retracted_at=timezone.now())
    assert leaving.mark_releases() == 1


def test_who_became_known_after_a_release_waits_for_the_next(person):
    """A letter of last month, typed in today: the release of last week proves nothing, and is not looked at each time."""
    one = person()
    roll("2026Q3R1", [one.pk], published_at=timezone.now() - timedelta(days=7))
    receipt = leaving.withdraw(one, source="staff", authored=timezone.now() - timedelta(days=30))
    attempts = lines(receipt)["next_release"].attempts
    assert leaving.mark_releases() == 0
    line = lines(receipt)["next_release"]
    assert (line.state, line.attempts) == ("pending", attempts)
    roll("2026Q4R1", [7])
    assert leaving.mark_releases() == 1


def test_the_receipt_says_which_provider_is_still_waited_for(furnished):
    """Two watches: one provider confirms at once, the other does not."""
    wearables.connect(furnished, "apple", {"access_token": "c"}, actor=furnished)
    receipt = leaving.withdraw(furnished, source="portal")
    assert lines(receipt)["wearables"].detail["waiting"] == ["Apple Health", "Fitbit"]
    Connection.objects.filter(provider="fitbit").update(state=Connection.CUT)
    leaving.finish_open()
    line = lines(receipt)["wearables"]
    assert (line.state, line.detail["waiting"]) == ("pending", ["Apple Health"])
    leaving.finish_open()
    assert lines(receipt)["wearables"].attempts > line.attempts


def test_a_provider_described_badly_does_not_spoil_leaving(furnished, as_person, monkeypatch):
    monkeypatch.setenv("COMMONWEAL_WEARABLES_FITBIT_CLIENT_ID", "us")
    monkeypatch.setenv("COMMONWEAL_WEARABLES_FITBIT_REVOKE_URL", "http://fitbit.example/revoke")
    answer = as_person(furnished).post(reverse("withdraw"), {"sure": "on"})
    assert (answer.status_code, answer.url) == (302, reverse("leaving_receipt"))
    assert lines(leaving.latest(furnished))["wearables"].state == "pending"


def test_the_page_leads_to_the_receipt_and_closes_everything_else(furnished, as_person):
    client, elsewhere = as_person(furnished), as_person(furnished)
    assert "Tick the box" in client.post(reverse("withdraw")).content.decode()
    assert withdrawn_at(furnished) is None
    answer = client.post(reverse("withdraw"), {"sure": "on"}, follow=True)
    page = answer.content.decode()
    assert answer.redirect_chain[-1][0] == reverse("leaving_receipt")
    assert "You have left the program" in page and "2026Q1R1" in page
    for name in ("home", "next", "about_you", "eligibility", "wearables", "withdraw", "leaving", "leaving_quiet"):
        shut = client.get(reverse(name))
        assert (shut.status_code, shut.url) == (302, reverse("leaving_receipt")), name
    for name in ("data", "data_download", "leaving_receipt", "leaving_receipt_file", "landing", "learn"):
        assert client.get(reverse(name)).status_code == 200, name
    assert client.get(reverse("consent", args=["ehr"])).url == reverse("leaving_receipt")
    assert elsewhere.get(reverse("data")).status_code in (200, 302)


def test_other_log_ins_end_and_this_one_stays(furnished, client):
    from django.test import Client

    other = Client()
    for one in (client, other):
        shown = one.post(reverse("account_login"), {"login": "ines@example.org", "password": "seven quiet herons"})
        assert shown.status_code == 302
    client.post(reverse("withdraw"), {"sure": "on"})
    assert client.get(reverse("leaving_receipt")).status_code == 200
    assert reverse("account_login") in other.get(reverse("leaving_receipt")).url
    assert other.post(
        reverse("account_login"), {"login": "ines@example.org", "password": "seven quiet herons"}
    ).status_code == 302  # fmt: skip
    assert other.get(reverse("leaving_receipt")).status_code == 200


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_receipt_can_be_kept_in_both_languages(furnished, as_person, language):
    client = as_person(furnished)
    client.cookies["portal_language"] = language
    client.post(reverse("withdraw"), {"sure": "on"})
    answer = client.get(reverse("leaving_receipt_file"))
    told = json.loads(answer.content)
    assert {line["store"] for line in told["lines"]} == {store.id for store in stores.of_kind("withdrawal")}
    assert all(line["text"] and line["title"] for line in told["lines"])
    for secret in (furnished.participant_id, furnished.biobank_id, "ines@example.org"):
        assert secret not in answer.content.decode()


def test_every_line_has_words_for_every_kind_and_state(furnished):
    """Nothing raises, nothing is empty, whatever a store answers."""
    for kind in words.KINDS:
        receipt = LeavingReceipt(kind=kind, participant=furnished, asked_at=timezone.now())
        for store in stores.of_kind(kind):
            for state in words.STATES:
                for count in (None, 0, 1, 2):
                    line = ReceiptLine(receipt=receipt, store=store.id, state=state, count=count, attempts=1)
                    line.detail = {"release": "2026Q3R1"} if store.id == "next_release" else {}
                    assert words._line(kind, line).text


def test_the_three_ways_are_told_apart(furnished, as_person):
    page = as_person(furnished).get(reverse("leaving")).content.decode()
    for title in ("Say no to one part", "Stop contacting me", "Leave the program"):
        assert title in page


def test_being_left_in_peace_by_the_page(furnished, as_person):
    client = as_person(furnished)
    assert "Tick the box" in client.post(reverse("leaving_quiet")).content.decode()
    page = client.post(reverse("leaving_quiet"), {"sure": "on"}, follow=True).content.decode()
    assert "We leave you in peace" in page and Deactivation.objects.count() == 1
    home = client.get(reverse("home")).content.decode()
    assert "What is next" not in home and "take in nothing new" in home
    assert client.get(reverse("next")).url == reverse("home")


def test_the_ceremony_is_asked_of_american_indian_and_alaska_native_participants(person, as_person):
    one, other = person(), person(email="other@example.org")
    respond(one, "WhatRaceEthnicity_White", days=2)
    respond(one, "WhatRaceEthnicity_AIAN", "WhatRaceEthnicity_White")
    respond(other, "WhatRaceEthnicity_AIAN", days=2)
    respond(other, "WhatRaceEthnicity_White")
    client = as_person(one)
    assert "with a ceremony" in client.get(reverse("withdraw")).content.decode()
    assert "with a ceremony" not in as_person(other).get(reverse("withdraw")).content.decode()
    assert as_person(other).get(reverse("leaving_ceremony")).status_code == 404
    client.post(reverse("withdraw"), {"sure": "on", "ceremony": "requested"})
    assert Ceremony.objects.get().answer == "requested"
    assert "with a ceremony as you asked" in client.get(reverse("leaving_receipt")).content.decode()


def test_the_ceremony_can_be_answered_after_leaving(person, as_person):
    one = person()
    respond(one, "WhatRaceEthnicity_AIAN")
    client = as_person(one)
    client.post(reverse("withdraw"), {"sure": "on"})
    assert [row.ceremony for row in destruction.due()] == ["not_asked"]
    assert "Choose one" in client.post(reverse("leaving_ceremony")).content.decode()
    for said, row in (("declined", "no"), ("requested", "yes"), ("requested", "yes")):
        client.post(reverse("leaving_ceremony"), {"ceremony": said})
        assert [one.ceremony for one in destruction.due()] == [row]
    assert Ceremony.objects.count() == 2


def test_after_48_hours_only_the_list_of_the_reference_is_visible(person):
    leaving.withdraw(person(), source="portal")
    left = Withdrawal.objects.get()
    everything = REDUCED_FIELDS | {"email", "phoneNumber", "sampleStatus1ED10", "questionnaireOnTheBasics"}
    state = State(left, everything)
    at = in_effect_at(left)
    assert at == left.authored_time + timedelta(hours=48)
    before = visible_fields(state, at - timedelta(microseconds=1))
    assert before == everything - {"email", "phoneNumber"}
    assert visible_fields(state, at) == REDUCED_FIELDS
    assert visible_fields(State(None, everything), at) == everything
    assert (is_reduced(left, at - timedelta(seconds=1)), is_reduced(left, at), is_reduced(None, at)) == (
        False, True, False,
    )  # fmt: skip


def test_the_destruction_list_holds_who_left_and_ever_agreed_to_samples(person, tmp_path, protocol):
    gave, never, stays = person(), person("profile", email="n@example.org"), person(email="s@example.org")
    leaving.withdraw(never, source="portal")
    between = timezone.now()
    leaving.withdraw(gave, source="portal")
    out = tmp_path / "list.csv"
    assert destruction.write_file(out, None, actor="command-line") == 1
    assert out.read_text().splitlines() == ["biobank_id,ceremony", f"{gave.biobank_id},not_asked"]
    assert out.stat().st_mode & 0o777 == 0o600
    with pytest.raises(BadInput, match="there already"):
        destruction.write_file(out, None, actor="command-line")
    assert [len(destruction.due(since)) for since in (between, timezone.now())] == [1, 0]
    event = Event.objects.filter(action="leaving.destruction_list").get()
    assert event.count == 1 and gave.biobank_id not in event.details
    assert stays.biobank_id not in out.read_text()


def test_many_leave_from_the_command_line_and_it_can_be_repeated(person):
    one, other = person(), person(email="other@example.org")
    ids = [one.participant_id, "", f"  {other.participant_id.lower()} ", "P000000000", "nonsense"]
    assert many.withdraw(ids, "test", "made for training") == {
        "accepted": 2, "unchanged": 0, "rejected": 0, "unmatched": 2,
    }  # fmt: skip
    assert many.withdraw(ids, "test", "made for training")["unchanged"] == 2
    assert many.deactivate(ids) == {"accepted": 0, "unchanged": 0, "rejected": 2, "unmatched": 2}
    for wrong in (("test", ""), ("bored", "x")):
        with pytest.raises(BadInput):
            many.withdraw(ids, *wrong)
    with pytest.raises(BadInput, match="empty"):
        many.withdraw([" "], "self", "")
    assert set(Event.objects.filter(action="consent.withdraw").values_list("actor", flat=True)) == {"command-line"}


def test_no_identifier_stands_in_the_audit_of_leaving(furnished):
    leaving.withdraw(furnished, source="staff", reason="fraudulent", justification="signed by another hand")
    told = " ".join(Event.objects.values_list("details", flat=True))
    assert not re.search(r"[A-Z]\d{9}|@|another hand", told)


KILLED = """
import os, signal
import django
django.setup()
from commonweal.vault.journey import leaving
from commonweal.vault.journey.leaving import stores
from commonweal.vault.people.models import Participant
store = stores.BY_ID["surveys"]
def killed(leave):
    store.step(leave)
    os.kill(os.getpid(), signal.SIGKILL)
stores.BY_ID["surveys"] = stores.Store("surveys", store.kinds, killed)
leaving.withdraw(Participant.objects.get(uuid=os.environ["WHO"]), source="portal")
"""


def test_killed_in_the_middle_it_is_finished_by_the_worker(furnished, settings):
    """kill -9 inside a step: the fact holds, earlier stores are done, the step is undone; the worker ends it once."""
    database = settings.DATABASES["default"]
    name = connection.settings_dict["NAME"]
    environment = dict(os.environ) | {"WHO": str(furnished.uuid)}
    if database["ENGINE"].endswith("sqlite3"):
        environment["COMMONWEAL_VAULT_DATABASE_URL"] = f"sqlite:///{name}"
    else:
        s = connection.settings_dict
        address = f"{s['USER']}:{s['PASSWORD']}@{s['HOST']}:{s['PORT']}/{name}"
        environment["COMMONWEAL_VAULT_DATABASE_URL"] = f"postgres://{address}"
    dead = subprocess.run([sys.executable, "-c", KILLED], env=environment, capture_output=True, timeout=120)
    assert dead.returncode == -signal.SIGKILL, dead.stderr.decode()[-2000:]
    now = timezone.now()
    assert scopes_in_force(furnished, now, now) == frozenset()
    receipt = leaving.latest(furnished)
    told = lines(receipt)
    assert told["appointments"].state == "done" and told["surveys"].state == "pending"
    assert SurveyDraft.objects.count() == 1
    leaving.finish_open()
    told = lines(receipt)
    assert told["surveys"].state == "done" and told["surveys"].detail["drafts"] == 1
    assert {line.state for store, line in told.items() if store not in ("wearables", "next_release")} <= {
        "done", "nothing",
    }  # fmt: skip
    assert Message.objects.filter(template="left", channel="inbox").count() == 1


def test_a_moment_to_come_is_refused_and_nothing_is_begun(person):
    one = person()
    with pytest.raises(BadInput, match="future"):
        leaving.withdraw(one, source="staff", authored=datetime(2999, 1, 1, tzinfo=UTC))
    assert not LeavingReceipt.objects.exists()
