"""Exported archives: whose they are, what is new in them, and everything that can be wrong with one."""

import json
import multiprocessing
import struct
import zipfile
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from .conftest import NOW

TODAY = NOW.date()
BERLIN = ZoneInfo("Europe/Berlin")
PROFILE = (
    "id,full_name,first_name,last_name,date_of_birth,timezone\n{id},Ana Prueba,Ana,Prueba,{born},America/New_York\n"
)


def day_file(ago, steps):
    day = TODAY - timedelta(days=ago)
    payload = {"activities-steps": [{"dateTime": day.isoformat(), "value": str(steps)}]}
    return f"export/steps-of-{ago}.json", json.dumps(payload)


def zipped(path, *files, profile=None, born="1961-08-27"):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files:
            archive.writestr(name, text)
        if profile:
            archive.writestr("Takeout/Fitbit/Your Profile/Profile.csv", PROFILE.format(id=profile, born=born))
    return path


@pytest.fixture
def take(home):
    from commonweal.vault.wearables.imports import taking

    return lambda path, person, **how: taking.take(home, Path(path), person, source="archive", zone=BERLIN, **how)


def test_the_same_archive_twice_and_a_newer_one(people, take, read, tmp_path):
    ana = people.add()
    first = zipped(tmp_path / "a.zip", day_file(3, 100), day_file(2, 200))
    assert take(first, ana).counts == {"accepted": 2, "unchanged": 0, "rejected": 0, "unmatched": 0}
    again = take(first, ana)
    assert (again.state, again.counts["unchanged"]) == ("known", 2)
    newer = take(zipped(tmp_path / "b.zip", day_file(3, 100), day_file(2, 250), day_file(1, 300)), ana)
    assert newer.counts == {"accepted": 2, "unchanged": 1, "rejected": 0, "unmatched": 0}
    assert [row["steps"] for row in read("activity_summary")] == [100, 250, 300]


def test_two_years_of_missing_days_make_no_rows(people, take, read, tmp_path):
    ana = people.add()
    people.consent(ana, "wearables", "yes", NOW - timedelta(days=1200))
    people.consent(ana, "primary", "yes", NOW - timedelta(days=1200))
    take(zipped(tmp_path / "a.zip", day_file(1000, 100), day_file(1, 200)), ana)
    assert len(read("activity_summary")) == len(read("wear_day")) == 2


def test_a_takeout_with_profile_is_read_on_the_clock_of_its_owner(people, take, read, tmp_path):
    day = TODAY - timedelta(days=5)
    entries = [{"dateTime": f"{day:%m/%d/%y} 01:0{n}:00", "value": "7"} for n in range(3)]
    rates = [
        {"dateTime": f"{day:%m/%d/%y} 12:00:0{n}", "value": {"bpm": bpm, "confidence": 3}}
        for n, bpm in enumerate((60, 0, 400))
    ]
    take(
        zipped(
            tmp_path / "a.zip",
            (f"Takeout/Fitbit/Global Export Data/steps-{day}.json", json.dumps(entries)),
            (f"Takeout/Fitbit/Global Export Data/heart_rate-{day}.json", json.dumps(rates)),
            ("Takeout/Fitbit/Global Export Data/badge.json", "[]"),
            profile="ABC",
        ),
        people.add(),
    )
    (row,) = read("activity_summary")
    assert (row["date"], row["steps"]) == (
        day - timedelta(days=1),
        21,
    )  # one in the morning in UTC is the evening before
    (minute,) = read("heart_rate_minute_level")
    assert minute["heart_rate_value"] == 60 and minute["utc_offset_minutes"] in (-240, -300)
    assert [row["status"] for row in read("wear_day")] == ["worn", "worn"]


def test_faults_are_told_and_nothing_else_is_lost(people, take, read, tmp_path):
    broken = ("export/cut.json", day_file(1, 5)[1][:20])
    taken = take(
        zipped(tmp_path / "a.zip", day_file(2, -4), day_file(3, 9), broken, ("x/food.json", '{"foods": []}')),
        people.add(),
    )
    assert taken.faults == {"unreadable_file": 1, "negative": 1, "not_kept": 1}
    assert [row["steps"] for row in read("activity_summary")] == [9, None]


def test_an_archive_cut_off_is_told(people, take, read, tmp_path):
    path = zipped(tmp_path / "a.zip", *(day_file(n, n) for n in range(2, 60)))
    path.write_bytes(path.read_bytes()[:-400])
    taken = take(path, people.add())
    assert (taken.state, taken.reason) == ("refused", "cut_off")
    assert read("activity_summary") == []


def test_a_damaged_file_within_is_told_and_the_others_stay(people, take, read, tmp_path):
    path = zipped(tmp_path / "a.zip", day_file(2, 200), day_file(3, 300))
    raw = bytearray(path.read_bytes())
    raw[raw.index(b"steps-of-2.json") + 20] ^= 0xFF
    path.write_bytes(raw)
    taken = take(path, people.add())
    assert (taken.state, taken.faults) == ("done", {"unreadable_file": 1})
    assert [row["steps"] for row in read("activity_summary")] == [300]


@pytest.mark.parametrize(
    ("account", "born", "code"),
    [("OTHER", "1961-08-27", "another_account"), ("MINE", "1975-01-01", "another_person")],
)
def test_an_archive_of_another_is_refused(people, take, read, tmp_path, account, born, code):
    ana = people.add()
    take(zipped(tmp_path / "a.zip", day_file(3, 100), profile="MINE"), ana)
    taken = take(zipped(tmp_path / "b.zip", day_file(2, 100), profile=account, born=born), ana)
    assert (taken.state, taken.reason) == ("refused", code)
    assert len(read("activity_summary")) == 1


def test_an_account_of_one_person_is_not_taken_for_another(people, take, tmp_path):
    ana, bea = people.add(), people.add()
    take(zipped(tmp_path / "a.zip", day_file(3, 100), profile="MINE"), ana)
    assert take(zipped(tmp_path / "b.zip", day_file(2, 1), profile="MINE"), bea).reason == "another_person"


def test_of_two_people_with_one_account_at_the_same_moment_only_the_first_has_it(people, take, tmp_path, monkeypatch):
    from commonweal.vault.wearables import bulk

    ana, bea = people.add(), people.add()
    one, other = (zipped(tmp_path / f"{ago}.zip", day_file(ago, 100), profile="MINE") for ago in (3, 2))
    told = []

    def meanwhile(*tables, take_in=bulk.take_in, **how):
        with monkeypatch.context() as inner:
            inner.setattr(bulk, "take_in", take_in)
            told.append(take(other, bea))
        return take_in(*tables, **how)

    with monkeypatch.context() as patched:
        patched.setattr(bulk, "take_in", meanwhile)
        told.append(take(one, ana))
    assert [(one.state, one.reason) for one in told] == [("refused", "interrupted"), ("done", "")]
    assert take(other, bea).reason == "another_person"
    assert take(other, ana).state == "done"


def test_one_and_the_same_archive_without_an_account_is_of_one_person(people, take, tmp_path):
    ana, bea = people.add(), people.add()
    path = zipped(tmp_path / "a.zip", day_file(3, 100))
    assert take(path, ana).state == "done"
    assert take(path, bea).reason == "another_person"


def test_what_was_refused_claims_nothing(people, take, tmp_path):
    ana, bea = people.add(), people.add()
    assert take(zipped(tmp_path / "a.zip", profile="MINE"), ana).reason == "nothing_known"
    assert take(zipped(tmp_path / "b.zip", day_file(3, 100), profile="MINE"), bea).state == "done"
    assert take(zipped(tmp_path / "c.zip", day_file(3, 100), profile="MINE"), ana).reason == "another_person"


def test_an_archive_of_another_account_than_is_connected(people, take, tmp_path):
    from commonweal.vault.wearables import actions

    ana = people.add()
    actions.connect(ana, "fitbit", {"access_token": "a", "user_id": "CONNECTED"}, actor=ana)
    assert take(zipped(tmp_path / "a.zip", day_file(3, 1), profile="OTHER"), ana).reason == "another_account"
    assert take(zipped(tmp_path / "b.zip", day_file(3, 1), profile="CONNECTED"), ana).state == "done"


def test_no_word_of_a_refusal_names_anybody():
    from commonweal.vault.wearables.imports.refusals import WORDS

    assert all("{" not in words and "%" not in words for words in WORDS.values())


def test_what_is_no_export_is_refused(people, take, tmp_path):
    assert take(zipped(tmp_path / "a.zip", ("letter.txt", "Dear")), people.add()).reason == "nothing_known"


def test_a_locked_archive_is_refused(people, take, tmp_path):
    path = zipped(tmp_path / "a.zip", day_file(2, 1))
    raw = bytearray(path.read_bytes())
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):  # the flag of a password, in both headers
        at = raw.index(mark) + place
        raw[at : at + 2] = struct.pack("<H", raw[at] | 1)
    path.write_bytes(raw)
    assert take(path, people.add()).reason == "encrypted"


def test_an_archive_packed_in_another_way_is_not_called_locked(people, take, tmp_path):
    path = zipped(tmp_path / "a.zip", day_file(2, 1))
    raw = bytearray(path.read_bytes())
    for mark, place in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):  # the method, in both headers
        at = raw.index(mark) + place
        raw[at : at + 2] = struct.pack("<H", 97)
    path.write_bytes(raw)
    assert take(path, people.add()).reason == "packed_otherwise"


def test_a_bomb_is_refused_by_what_it_says_and_by_what_it_is(people, take, tmp_path, monkeypatch):
    from commonweal.vault.wearables.imports import archive

    ana = people.add()
    path = zipped(tmp_path / "a.zip", ("export/steps.json", b"0" * (60 * 2**20)))
    monkeypatch.setattr(archive, "MOST_RATIO", 500)
    assert take(path, ana).reason == "too_large"
    monkeypatch.setattr(archive, "MOST_RATIO", 5000)
    monkeypatch.setattr(archive, "MOST_BYTES", 100 * 2**20)
    assert take(path, ana).state == "done"  # within bounds it is only a file that cannot be read
    monkeypatch.setattr(archive.Budget, "spend", _stingy)
    assert take(zipped(tmp_path / "b.zip", ("export/steps.json", b"1" * 5000)), ana).reason == "too_large"


def _stingy(self, count):
    from commonweal.vault.wearables.imports.refusals import NotTaken

    raise NotTaken("too_large")


def test_names_that_lead_out_of_an_archive_are_left_out(people, take, read, tmp_path):
    files = [(name, day_file(n, n)[1]) for n, name in enumerate(("../../a.json", "/etc/b.json", "c/../../d.json"), 2)]
    take(zipped(tmp_path / "a.zip", *files, day_file(9, 900)), people.add())
    assert [row["steps"] for row in read("activity_summary")] == [900]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.zip", "home"]


def test_an_apple_export_cut_off_within_a_whole_zip(people, take, read, tmp_path):
    day = TODAY - timedelta(days=2)
    one = (
        f'<Record type="HKQuantityTypeIdentifierStepCount" sourceName="W" startDate="{day} 10:00:00 -0500" '
        f'endDate="{day} 10:01:00 -0500" value="42"/>'
    )
    taken = take(zipped(tmp_path / "a.zip", ("apple_health_export/export.xml", f"<HealthData>{one}<Rec")), people.add())
    assert taken.faults == {"cut_off": 1}
    (row,) = read("activity_summary")
    assert (row["provider"], row["steps"]) == ("apple", 42)


def test_days_that_are_not_shared_stay_out_until_they_are(people, take, read, tmp_path):
    bea = people.add(wearables=False)
    path = zipped(tmp_path / "a.zip", day_file(2, 200))
    taken = take(path, bea)
    assert (taken.counts["rejected"], taken.not_shared, read("activity_summary")) == (1, 1, [])
    people.consent(bea, "wearables", "yes", NOW - timedelta(days=30))
    assert take(path, bea).counts["accepted"] == 1


@pytest.fixture
def command(home, transactional_db):
    from commonweal.cli.console import Console
    from commonweal.vault.wearables.imports.actions import import_paths

    return lambda *paths, **how: import_paths(
        [Path(p) for p in paths], home=home, console=Console(json=True), zone=BERLIN, **how
    )


def test_a_folder_of_archives_named_by_address(people, command, read, tmp_path):
    ana, bea = people.add(), people.add()
    folder = tmp_path / "given"
    folder.mkdir()
    zipped(folder / f"{ana.uuid}.zip", day_file(2, 1))
    zipped(folder / f"{bea.uuid}.zip", day_file(2, 2), day_file(3, 3))
    zipped(folder / "00000000-0000-4000-8000-000000000000.zip", day_file(2, 4))
    answer = command(folder)
    assert {k: answer[k] for k in ("accepted", "unchanged", "rejected", "archives", "refused")} == {
        "accepted": 3, "unchanged": 0, "rejected": 0, "archives": 3, "refused": 0,
    }  # fmt: skip
    assert answer["unmatched"] == 2  # a day, and whether the device was worn on it
    report = Path(answer["report"])
    assert report.stat().st_mode & 0o777 == 0o600
    assert not {str(ana.uuid), ana.participant_id, "zip"} & set(report.read_text().replace('"', " ").split())


def test_a_participant_file_says_whose_each_archive_is(people, command, tmp_path):
    ana = people.add()
    zipped(tmp_path / "one.zip", day_file(2, 1))
    zipped(tmp_path / "two.zip", day_file(2, 1))
    file = tmp_path / "whose.csv"
    file.write_text(f"participant_id,path\n{ana.participant_id},one.zip\nP999999999,two.zip\n")
    answer = command(tmp_path, file=file)
    assert (answer["accepted"], answer["unmatched"]) == (1, 2)


def test_a_study_of_thirty_three_users(people, command, read, shared_data, tmp_path):
    real = shared_data / "wearables" / "furberg_fitbit_33users"
    ana, bea = people.add(), people.add()
    for one in (ana, bea):
        for module in ("primary", "wearables"):
            people.consent(one, module, "yes", NOW.replace(year=2016, month=1))
    file = tmp_path / "whose.csv"
    file.write_text(f"participant_id,account\n{ana.participant_id},1503960366\n{bea.participant_id},1624580081\n")
    answer = command(real, file=file)
    assert answer["accepted"] == len(
        [1 for t in ("activity_summary", "steps_intraday", "sleep_daily_summary") for _ in read(t)]
    )
    assert answer["accepted"] + answer["unmatched"] == 940 + 22_099 + 410
    assert len(read("activity_summary", participants=[ana.pk])) == 31
    assert command(real, file=file)["accepted"] == 0


@pytest.mark.parametrize(
    "text", ["", "participant_id\nP1\n", "participant_id,path\nP1\n", "participant_id,path\nP1,missing.zip\n"]
)
def test_a_participant_file_that_is_not_right(command, home, tmp_path, text):
    from commonweal.errors import BadInput

    file = tmp_path / "whose.csv"
    file.write_text(text)
    with pytest.raises(BadInput, match="--participant-file"):
        command(tmp_path, file=file)


def test_where_nothing_can_be_taken_the_command_says_why(people, command, tmp_path):
    from commonweal.errors import BadInput

    (tmp_path / "a.zip").write_bytes(b"PK nothing")
    with pytest.raises(BadInput, match="cut off"):
        command(tmp_path / "a.zip", participant=people.add().participant_id)


def test_killed_before_it_is_done_nothing_counts_and_again_all_does(people, take, read, tmp_path, monkeypatch):
    from commonweal.vault.wearables import bulk

    ana, path = people.add(), zipped(tmp_path / "a.zip", day_file(2, 200))

    def killed(*args, **how):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(bulk, "_finish", killed)
        with pytest.raises(KeyboardInterrupt):
            take(path, ana)
    assert read("activity_summary") == []
    assert take(path, ana).counts["accepted"] == 1
    assert len(read("activity_summary")) == 1


def test_two_at_once_take_it_once(people, home, tmp_path, read):
    from django.db import connection

    ana, path = people.add(), zipped(tmp_path / "a.zip", *(day_file(n, n) for n in range(2, 30)))
    connection.close()
    context = multiprocessing.get_context("fork")
    with context.Pool(2) as pool:
        states = pool.starmap(_take_apart, [(home, path, ana.pk)] * 2)
    assert sorted(states) == ["done", "known"]
    assert len(read("activity_summary")) == 28


def _take_apart(home, path, number):
    from commonweal.vault.people.models import Participant
    from commonweal.vault.wearables.imports.taking import take

    return take(home, path, Participant.objects.get(pk=number), source="archive", zone=BERLIN).state
