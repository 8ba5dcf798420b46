"""The night on which clocks change is public knowledge: whoever finds it in shifted data has found the shift."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.curated import without

SPRING, AUTUMN = date(2024, 3, 10), date(2024, 11, 3)  # in the United States, as anyone can look up
BEFORE, AFTER = date(2024, 2, 11), date(2024, 12, 1)
AGREED = datetime(2024, 1, 2, 12, tzinfo=UTC)
BMR = 1440.0  # what a body spends in a day of 24 hours


def days():
    return [BEFORE + timedelta(days=n) for n in range((AFTER - BEFORE).days + 1)]


def hours_of(day):
    return {SPRING: 23, AUTUMN: 25}.get(day, 24)


def minutes(day):
    """A value every half hour from midnight to 5:00 on the wearer's clock, with its offset from UTC."""
    for half in range(10):
        moment = datetime(day.year, day.month, day.day, half // 2, 30 * (half % 2))
        summer = SPRING < day < AUTUMN or (day == SPRING and moment.hour >= 3) or (day == AUTUMN and moment.hour < 2)
        if not (day == SPRING and moment.hour == 2):
            yield moment, -300 if summer else -360
        if day == AUTUMN and moment.hour == 1:
            yield moment, -360


def night(day):
    """Three stages; each ends, on a clock that does not change, where the next one begins."""
    start = datetime(day.year, day.month, day.day) - timedelta(hours=1)
    after = timedelta(hours={SPRING: 1, AUTUMN: -1}.get(day, 0))
    return [
        (start, "light", 90.0),
        (start + timedelta(minutes=90), "deep", 120.0),
        (start + timedelta(minutes=210) + after, "rem", 60.0),
    ]


def wearing(world, count=4):
    people = [world.add(f"p{n}", joined=AGREED) for n in range(count)]
    for person in people:
        world.consent(person, "wearables", "yes", at=AGREED)
    offset = [
        {"participant": p, "datetime": m, "utc_offset_minutes": o}
        for p in people
        for d in days()
        for m, o in minutes(d)
    ]
    world.wear("heart_rate_minute_level", [row | {"heart_rate_value": 60} for row in offset])
    world.wear(
        "activity_summary",
        [{"participant": p, "date": d, "calories_bmr": BMR * hours_of(d) / 24, "sedentary_minutes": 60 * hours_of(d) - 300}
         for p in people for d in days()],
    )  # fmt: skip
    world.wear(
        "sleep_level",
        [{"participant": p, "sleep_date": d, "is_main_sleep": True, "level": level, "start_datetime": start, "duration_in_min": long}
         for p in people for d in days() for start, level, long in night(d)],
    )  # fmt: skip
    return people


def the_one(found, known):
    """The shift, where the night can only be one of those seen."""
    return (known - found[0]).days if len(found) == 1 else None


def by_person(rows):
    found = {}
    for row in rows:
        found.setdefault(row["person_id"], []).append(row)
    return found


def missing_hour(rows):
    """Days with values around two o'clock and none in that hour."""
    seen = {(r["datetime"].date(), r["datetime"].hour) for r in rows}
    return the_one(sorted(d for d, hour in seen if hour == 3 and (d, 2) not in seen), SPRING)


def doubled_hour(rows):
    many = [moment.date() for moment, n in Counter(r["datetime"] for r in rows).items() if n > 1]
    return the_one(sorted(set(many)), AUTUMN)


def short_day(rows):
    return the_one([r["date"] for r in rows if r["calories_bmr"] is not None and r["calories_bmr"] < BMR], SPRING)


def long_day(rows):
    usual = Counter(r["sedentary_minutes"] for r in rows if r["sedentary_minutes"]).most_common(1)[0][0]
    return the_one([r["date"] for r in rows if (r["sedentary_minutes"] or 0) > usual], AUTUMN)


def broken_night(rows):
    """Nights in which a stage does not begin where the one before it ended."""
    odd, last = set(), {}
    for r in sorted(rows, key=lambda r: r["start_datetime"]):
        ended = last.get(r["sleep_date"])
        if ended is not None and r["start_datetime"] > ended:
            odd.add(r["sleep_date"])
        last[r["sleep_date"]] = r["start_datetime"] + timedelta(minutes=r["duration_in_min"])
    return the_one(sorted(odd), SPRING)


ATTACKS = {
    "heart_rate_minute_level": (missing_hour, doubled_hour),
    "activity_summary": (short_day, long_day),
    "sleep_level": (broken_night,),
}


@pytest.mark.parametrize("defended", [True, False])
def test_the_shift_cannot_be_read_off_the_night_clocks_change(world, monkeypatch, defended):
    people = wearing(world)
    if not defended:
        without(monkeypatch, "wearables.clock_change")
    world.build()
    shifts = {world.research_id(p): world.shift(p) for p in people}
    for table, attacks in ATTACKS.items():
        rows = by_person(world.rows(table))
        for attack in attacks:
            guessed = {person: attack(rows[person]) for person in shifts}
            assert guessed == (dict.fromkeys(shifts) if defended else shifts), attack.__name__
    (check,) = [c for c in world.manifest()["checks"] if c["id"] == "wearables.clock_change"]
    assert check["outcome"] == ("passed" if defended else "failed")


def test_a_stage_early_on_a_sunday_is_found_under_whatever_day_its_provider_counts_it(world, monkeypatch):
    """The check does not rely on the rule."""
    without(monkeypatch, "wearables.clock_change")
    (ana,) = wearing_nothing(world)
    night = {"participant": ana, "sleep_date": SPRING + timedelta(days=1), "is_main_sleep": True, "level": "rem"}
    starts = [datetime(SPRING.year, SPRING.month, SPRING.day, hour) for hour in (1, 4)]
    world.wear("sleep_level", [night | {"start_datetime": start, "duration_in_min": 30.0} for start in starts])
    world.build()
    (check,) = [c for c in world.manifest()["checks"] if c["id"] == "wearables.clock_change"]
    assert (check["figure"], check["outcome"]) == (1, "failed")


def wearing_nothing(world):
    person = world.add("ana", joined=AGREED)
    world.consent(person, "wearables", "yes", at=AGREED)
    return [person]
