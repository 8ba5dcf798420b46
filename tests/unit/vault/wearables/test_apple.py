"""Apple Health's export: sources that overlap, nights, and files that are cut off or made to harm."""

from datetime import date

import pyarrow as pa
import pytest

from commonweal.vault.wearables.normal import Parts, apple, apple_records, finish

TODAY = date(2026, 12, 1)


def record(kind, start, end, value, source="Watch", day="2026-03-14", offset=" -0400"):
    def day_of(t):
        return t if "-" in t else f"{day} {t}"

    return (
        f'<Record type="{kind}" sourceName="{source}" startDate="{day_of(start)}{offset}" '
        f'endDate="{day_of(end)}{offset}" value="{value}"/>'
    )


def taken(*records, tail="</HealthData>"):
    parts = Parts()
    text = ('<?xml version="1.0"?><HealthData>' + "".join(records) + tail).encode()
    me = apple.read(parts, [text[n : n + 100] for n in range(0, len(text), 100)])
    return finish(parts, today=TODAY), me


def test_phone_and_watch_count_the_same_steps_once():
    found, _ = taken(
        record(apple.STEPS, "10:00:00", "10:10:00", 1000),
        record(apple.STEPS, "10:00:00", "10:05:00", 300, "Phone"),
        record(apple.STEPS, "11:00:00", "11:01:00", 50, "Phone"),
    )
    assert found.tables["activity_summary"]["steps"].to_pylist() == [1050]
    assert found.tables["steps_intraday"].num_rows == 11


def test_steps_are_spread_over_minutes_and_none_is_lost():
    found, _ = taken(record(apple.STEPS, "10:00:00", "10:07:00", 100))
    steps = found.tables["steps_intraday"]["steps"].to_pylist()
    assert len(steps) == 7 and sum(steps) == 100 and set(steps) == {14, 15}


def test_heart_rates_are_means_of_a_minute_and_0_is_none():
    found, _ = taken(
        *(record(apple.HEART, f"10:00:{s:02}", f"10:00:{s:02}", v) for s, v in ((1, 60), (9, 80), (30, 0)))
    )
    assert found.tables["heart_rate_minute_level"]["heart_rate_value"].to_pylist() == [70]
    assert found.faults == {"implausible_heart_rate": 1}


def night(level, start, end, source="Watch"):
    return record(apple.SLEEP, start, end, f"HKCategoryValueSleepAnalysis{level}", source)


def test_a_night_of_stages_and_a_nap():
    found, _ = taken(
        night("AsleepCore", "2026-03-13 23:00:00", "2026-03-14 01:00:00"),
        night("AsleepDeep", "01:00:00", "02:00:00"),
        night("Awake", "02:00:00", "02:15:00"),
        night("AsleepREM", "02:15:00", "03:00:00"),
        night("InBed", "2026-03-13 22:00:00", "07:00:00", "Phone"),
        night("AsleepUnspecified", "14:00:00", "14:30:00"),
        night("Dreaming", "15:00:00", "15:30:00"),
    )
    nap, main = found.tables["sleep_daily_summary"].to_pylist()
    assert (nap["is_main_sleep"], nap["minute_asleep"]) == (False, 30)
    assert {k: main[k] for k in main if k.startswith("minute_") and main[k] is not None} == {
        "minute_in_bed": 240, "minute_asleep": 225, "minute_awake": 15, "minute_deep": 60, "minute_light": 120,
        "minute_rem": 45, "minute_wake": 15,
    }  # fmt: skip
    assert main["sleep_date"] == date(2026, 3, 14)
    levels = [(row["level"], row["duration_in_min"]) for row in found.tables["sleep_level"].to_pylist()]
    assert sorted(levels) == [("asleep", 30), ("deep", 60), ("light", 120), ("rem", 45), ("wake", 15)]
    assert found.faults == {"unknown_sleep_level": 1}


def across(kind, start, end, value, before, after):
    """A record whose end stands on a clock that was changed since its start."""
    return record(kind, start, end, value, offset=before).replace(f'{before}" value', f'{after}" value')


def test_a_night_on_which_clocks_change_is_as_long_as_it_was():
    """In spring the wall clock shows an hour more than was slept, in autumn one less; the repeated hour is no gap."""
    level = "HKCategoryValueSleepAnalysisAsleepCore"
    spring, _ = taken(across(apple.SLEEP, "2026-03-08 01:00:00", "2026-03-08 05:00:00", level, " -0500", " -0400"))
    autumn, _ = taken(
        across(apple.SLEEP, "2026-11-01 00:30:00", "2026-11-01 01:15:00", level, " -0400", " -0500"),
        record(apple.SLEEP, "2026-11-01 01:15:00", "2026-11-01 05:00:00", level, offset=" -0500"),
    )
    (short,), (long,) = (found.tables["sleep_daily_summary"].to_pylist() for found in (spring, autumn))
    assert (short["minute_in_bed"], short["minute_asleep"]) == (180, 180)
    assert (long["minute_in_bed"], long["minute_asleep"]) == (330, 330)
    assert autumn.tables["sleep_level"]["duration_in_min"].to_pylist() == [105, 225]


def test_a_stretch_within_the_repeated_hour_is_kept():
    """From 1:50 to 1:10 on the clock: twenty minutes."""
    found, _ = taken(across(apple.STEPS, "2026-11-01 01:50:00", "2026-11-01 01:10:00", 200, " -0400", " -0500"))
    steps = found.tables["steps_intraday"].to_pylist()
    assert len(steps) == 20 and sum(row["steps"] for row in steps) == 200
    assert len({(row["datetime"], row["utc_offset_minutes"]) for row in steps}) == 20


def test_a_file_cut_off_is_read_up_to_there():
    found, _ = taken(record(apple.STEPS, "10:00:00", "10:01:00", 7), tail="<Record type=")
    assert found.tables["activity_summary"]["steps"].to_pylist() == [7]
    assert found.faults == {"cut_off": 1}


def test_a_time_without_offset_keeps_none():
    found, _ = taken(record(apple.STEPS, "10:00:00", "10:01:00", 7, offset=""))
    assert found.tables["steps_intraday"]["utc_offset_minutes"].to_pylist() == [None]


def test_who_the_export_is_of():
    assert taken('<Me HKCharacteristicTypeIdentifierDateOfBirth="1961-08-27"/>')[1] == {
        "HKCharacteristicTypeIdentifierDateOfBirth": "1961-08-27"
    }


@pytest.mark.parametrize("entity", ['<!ENTITY a "aaaa">', '<!ENTITY a SYSTEM "file:///etc/passwd">'])
def test_entities_are_not_read(entity):
    parts = Parts()
    record_ = record(apple.STEPS, "10:00:00", "10:01:00", 7)
    text = f"<!DOCTYPE HealthData [{entity}]><HealthData>{record_}&a;</HealthData>"
    apple.read(parts, [text.encode()])
    assert parts.faults == {"cut_off": 1}
    assert not finish(parts, today=TODAY).tables


def test_what_is_held_is_as_long_as_the_days_and_not_as_the_records(monkeypatch):
    held = []
    monkeypatch.setattr(apple_records, "MERGED", 2)
    monkeypatch.setattr(apple, "_AT_ONCE", 500)

    def blocks():
        yield b"<HealthData>"
        for _ in range(20):
            for kind in (apple.HEART, apple.STEPS):
                yield "".join(record(kind, f"10:0{n % 5}:00", f"10:0{n % 5}:59", 60) for n in range(500)).encode()
            held.append(pa.total_allocated_bytes())
        yield b"</HealthData>"

    add = apple_records.Records.add
    rows = []
    monkeypatch.setattr(apple_records.Records, "add", lambda self, batch: add(self, batch) or rows.append(self.minutes))
    parts = Parts()
    apple.read(parts, blocks())
    assert max(rows) <= 3 * 2 * 5  # of 20,000 records in five minutes
    assert max(held) - min(held) < 500_000
    found = finish(parts, today=TODAY).tables
    assert found["heart_rate_minute_level"]["heart_rate_value"].to_pylist() == [60] * 5
    assert "steps_intraday" not in found  # 120,000 in a minute are none


def test_batches_add_up_to_what_one_would_be(monkeypatch):
    records = [
        record(apple.STEPS, f"10:{n:02}:00", f"10:{n + 3:02}:00", 7 * n, ("Phone", "Watch")[n % 2]) for n in range(40)
    ]
    records += [record(apple.HEART, f"10:{n % 9:02}:30", f"10:{n % 9:02}:30", 50 + n) for n in range(40)]
    records += [record(apple.RESTING, "09:00:00", "09:00:00", 50 + n) for n in range(5)]
    whole, _ = taken(*records)
    monkeypatch.setattr(apple, "_AT_ONCE", 1)
    monkeypatch.setattr(apple_records, "MERGED", 3)
    parts, _ = taken(*records)
    assert parts.tables == whole.tables and parts.tables["resting_heart_rate"]["heart_rate_value"].to_pylist() == [54]


def test_a_tag_without_end_is_not_held_in_memory(monkeypatch):
    monkeypatch.setattr(apple, "_LONGEST", 1000)
    read = []

    def endless():
        yield b'<HealthData><Record type="'
        for n in range(1000):
            read.append(n)
            yield b"x" * 500

    parts = Parts()
    apple.read(parts, endless())
    assert parts.faults == {"cut_off": 1} and len(read) < 10
