"""Watches read day by day from a provider on this machine: back to what was saved first, on with each day, within its limits."""

from datetime import UTC, date, datetime, timedelta

import duckdb
import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from commonweal.audit.models import Event
from commonweal.vault.consent import actions as consent
from commonweal.vault.linking import room
from commonweal.vault.messages.models import Message
from commonweal.vault.messages.watches import remind
from commonweal.vault.wearables import actions, cutting, store
from commonweal.vault.wearables.models import Connection, SharingCheck, Sync
from commonweal.vault.wearables.room import ROOM
from commonweal.vault.wearables.sync import run
from commonweal.vault.wearables.sync.rules import LATE
from tests import provider as provider_of_tests
from tests import provider_days

pytestmark = pytest.mark.django_db(transaction=True)
BACK = 3  # days between the permission and today


@pytest.fixture(autouse=True)
def own_store(tmp_path, monkeypatch):
    monkeypatch.setattr(type(settings.COMMONWEAL_HOME), "vault_store", property(lambda _: tmp_path))


@pytest.fixture
def fitbit(monkeypatch):
    with provider_of_tests.running() as it:
        for name, value in it.environment.items():
            monkeypatch.setenv(name, value)
        it.zone = "UTC"
        yield it


def say(one, module, answer, protocol, days=0):
    text = protocol.consents[module].current.texts["en"]
    given = {"language": "en", "signed_name": "Inés Rivera", "content_sha256": text.sha256, "source": "test"}
    at = timezone.now() - timedelta(days=days)
    return consent.answer_module(one, module, answer, protocol=protocol, authored=at, **given)


@pytest.fixture
def wearer(person, protocol, fitbit):
    one = person("profile")
    for module in ("primary", "wearables"):
        say(one, module, "yes", protocol, days=BACK)
    tokens = {name: value for name, value in fitbit.fresh().items() if name.endswith("_token")}
    actions.connect(one, "fitbit", tokens, actor=one)
    return one


def due():
    Sync.objects.update(next_at=timezone.now() - timedelta(seconds=1))


def today() -> date:
    return datetime.now(UTC).date()


def rows(table, columns="*"):
    with duckdb.connect() as con:
        return con.execute(
            f"SELECT {columns} FROM {store.current(con, settings.COMMONWEAL_HOME, table)} ORDER BY ALL"
        ).fetchall()


def test_all_days_since_the_permission_come_in_and_say_what_the_provider_says(wearer, fitbit):
    assert run.tick() == 1
    days = [today() - timedelta(days=n) for n in range(BACK, -1, -1)]
    assert rows("activity_summary", "date, steps") == [(day, provider_days.steps_of(day)) for day in days]
    assert rows("steps_intraday", "sum(steps)") == [(sum(map(provider_days.steps_of, days)),)]
    assert rows("heart_rate_minute_level", "count(*)") == [(15 * 60 * len(days),)]
    assert rows("sleep_daily_summary", "sleep_date, minute_asleep, minute_rem") == [(day, 460, 100) for day in days]
    assert rows("sleep_level", "count(*)") == [(5 * len(days),)]
    assert rows("heart_rate_summary", "count(*)") == [(4 * len(days),)]
    assert rows("device", "device_version, battery_level") == [("Charge 5", 65)]
    assert rows("wear_day", "count(*), min(status)") == [(len(days), "worn")]
    sync = Sync.objects.get()
    assert (sync.oldest, sync.newest, sync.last_data, sync.trouble) == (days[0], days[-1], days[-1], "")
    assert sync.next_at - timezone.now() > timedelta(hours=23)
    assert "A Name" not in str(Event.objects.values_list("details", flat=True))


def asked(fitbit):
    return {path.split("/date/")[1][:10] for path in fitbit.read if "/date/" in path}


def ago(number):
    return (today() - timedelta(days=number)).isoformat()


def test_what_the_device_saved_before_the_permission_is_asked_for_too(wearer, fitbit):
    """From the day on which the account was opened, as the consent says."""
    fitbit.since = ago(BACK + 2)
    run.tick()
    assert asked(fitbit) == {ago(number) for number in range(BACK + 3)}
    assert Sync.objects.get().oldest == today() - timedelta(days=BACK + 2)
    assert rows("activity_summary", "min(date), count(*)") == [(today() - timedelta(days=BACK + 2), BACK + 3)]


@pytest.mark.parametrize("since", ["", "long ago", "9999-12-31"])
def test_where_it_is_not_told_how_much_there_is_the_permission_is_the_beginning(wearer, fitbit, since):
    fitbit.since = since
    run.tick()
    assert asked(fitbit) == {ago(number) for number in range(BACK + 1)}


def test_nothing_is_due_until_tomorrow_and_then_the_last_days_are_read_again(wearer, fitbit):
    run.tick()
    fitbit.read.clear()
    assert run.tick() == 0 and fitbit.read == []
    due()
    assert run.tick() == 1
    assert asked(fitbit) == {ago(number) for number in range(min(LATE, BACK) + 1)}


def test_what_a_watch_hands_in_late_takes_the_place_of_what_was_there(wearer, fitbit):
    late = (today() - timedelta(days=1)).isoformat()
    fitbit.not_worn = {late}
    run.tick()
    told = dict(rows("activity_summary", "date::VARCHAR, steps"))
    assert told[late] == 0 and dict(rows("wear_day", "date::VARCHAR, status"))[late] == "not_worn"
    fitbit.not_worn = set()
    due()
    run.tick()
    assert dict(rows("activity_summary", "date::VARCHAR, steps"))[late] == provider_days.steps_of(
        date.fromisoformat(late)
    )
    assert dict(rows("wear_day", "date::VARCHAR, status"))[late] == "worn"
    assert rows("activity_summary", "count(*)") == [(BACK + 1,)]


def test_a_limit_ends_the_round_and_the_next_goes_on_where_it_ended(wearer, fitbit):
    """Profile, devices, four requests for each of two days, and then half a day, which does not count."""
    fitbit.limit = 2 + 2 * 4 + 2
    run.tick()
    sync = Sync.objects.get()
    assert (sync.trouble, sync.newest, sync.oldest) == (Sync.LIMITED, today(), today() - timedelta(days=1))
    assert timedelta(minutes=29) < sync.next_at - timezone.now() <= timedelta(minutes=30)
    assert rows("activity_summary", "count(*)") == [(2,)]
    fitbit.limit = None
    due()
    run.tick()
    assert rows("activity_summary", "count(*)") == [(BACK + 1,)] and Sync.objects.get().trouble == ""


def test_a_provider_that_is_down_is_asked_again_later_and_later(wearer, fitbit):
    fitbit.down = True
    waits = []
    for _ in range(3):
        run.tick()
        waits.append(round((Sync.objects.get().next_at - timezone.now()).total_seconds()))
        due()
    assert Sync.objects.get().trouble == Sync.UNREACHABLE and waits == [60, 120, 240]
    fitbit.down = False
    run.tick()
    assert Sync.objects.get().attempts == 0 and rows("activity_summary", "count(*)") == [(BACK + 1,)]


def test_tokens_that_ran_out_are_renewed_and_the_new_ones_kept(wearer, fitbit):
    connection = Connection.objects.get()
    old = ROOM.unseal(connection)
    fitbit.stale.add(old["access_token"])
    run.tick()
    connection.refresh_from_db()
    new = ROOM.unseal(connection)
    assert new["refresh_token"] in fitbit.tokens and new["refresh_token"] != old["refresh_token"]
    assert rows("activity_summary", "count(*)") == [(BACK + 1,)]


def test_who_ends_it_at_the_provider_is_told_and_can_connect_again(wearer, fitbit, as_person):
    fitbit.ended = True
    run.tick()
    connection = Connection.objects.get()
    assert (connection.state, connection.why, bytes(connection.sealed)) == (Connection.CUT, Connection.ENDED_THERE, b"")
    assert remind() == 1 and remind() == 0
    message = Message.objects.get(template="watch_ended", channel=Message.INBOX)
    assert message.subject == "Your Fitbit is no longer connected"
    assert "ended at Fitbit" in as_person(wearer).get(reverse("wearables")).content.decode()
    assert cutting.tick() == 0 and fitbit.revoked == []


def test_what_a_person_left_out_there_is_left_out_here(wearer, fitbit, as_person):
    fitbit.withheld = ("/sleep/", "/devices")
    run.tick()
    assert rows("sleep_daily_summary") == [] and rows("activity_summary", "count(*)") == [(BACK + 1,)]
    assert len([path for path in fitbit.read if "/sleep/" in path]) == 1
    assert "You left out sleep" in as_person(wearer).get(reverse("wearables")).content.decode()


def test_a_program_without_access_to_minutes_gets_the_days(wearer, fitbit, as_person):
    fitbit.withheld = ("/1min",)
    run.tick()
    assert rows("heart_rate_minute_level") == rows("steps_intraday") == []
    assert rows("heart_rate_summary", "count(*)") == [(4 * (BACK + 1),)]
    assert rows("activity_summary", "count(*)") == [(BACK + 1,)]
    assert len([path for path in fitbit.read if "/1min" in path]) == 2
    assert "You left out" not in as_person(wearer).get(reverse("wearables")).content.decode()


def test_one_day_that_is_no_day_holds_up_no_other(wearer, fitbit):
    fitbit.garbled = ((today() - timedelta(days=1)).isoformat(),)
    run.tick()
    assert rows("activity_summary", "count(*)") == [(BACK,)] and Sync.objects.get().trouble == ""


def test_an_interface_that_changed_is_no_reason_to_go_on_asking(wearer, fitbit):
    fitbit.garbled = ("/activities/",)
    run.tick()
    sync = Sync.objects.get()
    assert sync.trouble == Sync.MALFORMED and len([path for path in fitbit.read if "/date/" in path]) == 3
    assert rows("activity_summary") == []


@pytest.mark.parametrize("broken", ["read", "finish"])
def test_what_goes_wrong_with_one_person_holds_up_nobody(wearer, fitbit, monkeypatch, broken):
    def fails(*args, **more):
        raise OverflowError

    monkeypatch.setattr(run, broken, fails)
    assert run.tick() == 1
    sync = Sync.objects.get()
    assert (sync.trouble, sync.claimed_until, sync.newest) == (Sync.MALFORMED, None, None)
    monkeypatch.undo()


def test_after_a_no_nothing_is_read_even_before_the_connection_is_cut(wearer, fitbit, protocol):
    say(wearer, "wearables", "no", protocol)
    fitbit.read.clear()
    assert run.tick() == 0 and fitbit.read == []


def test_two_workers_at_once_read_each_connection_once(wearer, fitbit, monkeypatch):
    seen = []
    real = run._read

    def while_another_goes_round(job):
        seen.append(run._claimed(timezone.now()))
        return real(job)

    monkeypatch.setattr(run, "_read", while_another_goes_round)
    assert run.tick() == 1 and seen == [[]]


def test_a_round_that_was_killed_is_made_up_for(wearer, fitbit, monkeypatch):
    """Killed after the data were asked for: the claim runs out, and the next round brings them in."""
    monkeypatch.setattr(run, "take_in", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        run.tick()
    monkeypatch.undo()
    for name, value in fitbit.environment.items():
        monkeypatch.setenv(name, value)
    assert run.tick() == 0
    Sync.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    assert run.tick() == 1 and Sync.objects.get().newest == today()


def test_a_watch_that_stays_silent_is_spoken_of_once(wearer, fitbit, as_person):
    fitbit.not_worn = {(today() - timedelta(days=n)).isoformat() for n in range(BACK + 1)}
    run.tick()
    assert remind() == 0
    Connection.objects.update(connected_at=timezone.now() - timedelta(days=20))
    assert remind() == 1 and remind() == 0
    assert Message.objects.filter(template="watch_silent", channel=Message.INBOX).count() == 1
    assert "two weeks or more" in as_person(wearer).get(reverse("wearables")).content.decode()


def test_only_who_changed_is_looked_at_and_everybody_once_an_hour(wearer, fitbit, protocol, monkeypatch):
    asked = []
    real = room.granted_at
    monkeypatch.setattr(
        room, "granted_at", lambda moments, *a, **k: (asked.append(moments.num_rows), real(moments, *a, **k))[1]
    )
    assert cutting.cut_unshared() == 0 and asked == [1]
    assert cutting.cut_unshared() == 0 and asked == [1]
    say(wearer, "wearables", "no", protocol)
    assert cutting.cut_unshared() == 1 and asked == [1, 1]
    SharingCheck.objects.update(everybody_at=timezone.now() - timedelta(hours=2))
    assert cutting.cut_unshared() == 0 and asked == [1, 1]
