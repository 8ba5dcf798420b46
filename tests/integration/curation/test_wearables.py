"""What devices told, from the store to the release: whose, which days, under which names."""

from datetime import UTC, date, datetime, timedelta

import duckdb
import numpy as np
import pytest

from commonweal.curation import crosswalk
from commonweal.curation.trace import trace
from commonweal.errors import BadInput
from tests.curated import JOINED, NOW

DAY = date(2024, 6, 5)  # a Wednesday
LONG_AGO = datetime(2023, 1, 2, 12, tzinfo=UTC)
WEARABLES = (
    "activity_summary", "heart_rate_summary", "heart_rate_minute_level", "steps_intraday", "sleep_daily_summary", "sleep_level",
    "device",
)  # fmt: skip


def shares(world, name, **more):
    person = world.add(name, joined=LONG_AGO, **more)
    world.consent(person, "wearables", "yes", at=LONG_AGO)
    return person


def active(person, day=DAY, steps=5000, **more):
    return {"participant": person, "date": day, "steps": steps, "sedentary_minutes": 700, "calories_bmr": 1500.0} | more


def test_every_table_reaches_the_release(world):
    ana = shares(world, "ana")
    at = datetime(2024, 6, 5, 14, 30)
    night = {"participant": ana, "sleep_date": DAY, "is_main_sleep": True}
    world.wear("activity_summary", [active(ana)])
    world.wear("heart_rate_summary", [{"participant": ana, "date": DAY, "zone_name": "Fat Burn", "minute_in_zone": 30}])
    world.wear("heart_rate_minute_level", [{"participant": ana, "datetime": at, "heart_rate_value": 71}])
    world.wear("steps_intraday", [{"participant": ana, "datetime": at, "steps": 12}])
    world.wear("sleep_daily_summary", [night | {"minute_asleep": 400}])
    delivery = world.wear(
        "sleep_level", [night | {"level": "deep", "start_datetime": datetime(2024, 6, 5, 1), "duration_in_min": 31.5}]
    )
    world.wear(
        "device",
        [{"participant": ana, "device_id": "4711", "device_date": DAY, "battery": "High", "battery_level": 80}],
    )
    world.build()
    rid, moved = world.research_id(ana), timedelta(days=world.shift(ana))
    rows = {table: world.rows(table) for table in WEARABLES}
    assert all(len(found) == 1 and found[0]["person_id"] == rid for found in rows.values())
    assert {found[0]["src_id"] for found in rows.values()} < {"Wearable source 001", "Wearable source 002"}
    assert rows["activity_summary"][0]["date"] == DAY - moved and rows["activity_summary"][0]["steps"] == 5000
    assert rows["heart_rate_minute_level"][0]["datetime"] == at - moved
    assert rows["sleep_level"][0]["start_datetime"] == datetime(2024, 6, 5, 1) - moved
    assert (rows["sleep_level"][0]["is_main_sleep"], rows["sleep_level"][0]["duration_in_min"]) == ("true", 31.5)
    assert rows["device"][0]["device_id"] != "4711" and rows["device"][0]["battery_level"] == "80"
    assert all(c["outcome"] != "failed" for c in world.manifest()["checks"])
    fact = trace(world.home, "2026Q4R1", "sleep_level", 1)
    assert fact["fact"] == {
        "kind": "wearable",
        "provider": "fitbit",
        "deliveries": [delivery.pk],
        "scope": "wearables:fitbit",
    }
    assert fact["grant"]["module"] == "wearables" and fact["grant"]["answer"] == "yes"
    with pytest.raises(BadInput, match="from 1 to 1"):
        trace(world.home, "2026Q4R1", "sleep_level", 2)
    listed = {t["name"]: t["rows"] for t in world.manifest()["tables"]}
    assert {table: listed[table] for table in WEARABLES} == dict.fromkeys(WEARABLES, 1)


def test_only_the_devices_that_a_person_shares_are_read(world):
    ana, bea, cai, dan = (
        shares(world, "ana"),
        world.add("bea"),
        shares(world, "cai"),
        shares(world, "dan", is_test=True),
    )
    world.consent(cai, "wearables", "no", at=NOW - timedelta(days=3))
    world.consent(ana, "wearables", "no", scopes="wearables:apple", at=NOW - timedelta(days=3))
    world.wear("activity_summary", [active(p) for p in (ana, bea, cai, dan)])
    world.wear("activity_summary", [active(ana)], provider="apple")
    world.extract()
    assert [(r["person_id"], r["_source"]) for r in world.raw("activity_summary")] == [(ana.pk, "wearables:fitbit")]


def test_days_while_sharing_was_stopped_are_not_read_but_those_saved_before_it_began_are(world):
    ana = world.add("ana")
    world.consent(ana, "wearables", "yes", at=JOINED)
    stopped, again = JOINED + timedelta(days=100), JOINED + timedelta(days=110)
    world.consent(ana, "wearables", "no", at=stopped)
    world.consent(ana, "wearables", "yes", at=again)
    days = [(JOINED + timedelta(days=n)).date() for n in (-200, -2, 0, 90, 105, 120)]
    world.wear("activity_summary", [active(ana, day) for day in days])
    world.extract()
    assert sorted(r["date"] for r in world.raw("activity_summary")) == [*days[:4], days[5]]


def test_days_of_a_no_are_not_read_though_a_yes_came_after(world):
    ana = world.add("ana")
    world.consent(ana, "wearables", "no", at=JOINED)
    world.consent(ana, "wearables", "yes", at=JOINED + timedelta(days=100))
    days = [(JOINED + timedelta(days=n)).date() for n in (-2, 50, 120)]
    world.wear("activity_summary", [active(ana, day) for day in days])
    world.extract()
    assert sorted(r["date"] for r in world.raw("activity_summary")) == [days[0], days[2]]


def test_a_day_on_which_the_device_was_not_worn_is_no_day_without_steps(world):
    ana = shares(world, "ana")
    idle = DAY + timedelta(days=1)
    world.wear("activity_summary", [active(ana), active(ana, idle, steps=0)])
    world.wear(
        "wear_day", [{"participant": ana, "date": d, "status": s} for d, s in ((DAY, "worn"), (idle, "not_worn"))]
    )
    world.extract()
    assert [r["date"] for r in world.raw("activity_summary")] == [DAY]


def test_a_day_that_its_person_left_out_is_not_read(world):
    from commonweal.vault.wearables import left_out

    ana = shares(world, "ana")
    other = DAY + timedelta(days=1)
    world.wear("activity_summary", [active(ana), active(ana, other)])
    left_out.say(ana, DAY, left_out=True, reason="not_me", source="portal")
    world.extract()
    assert [r["date"] for r in world.raw("activity_summary")] == [other]
    left_out.say(ana, DAY, left_out=False, source="portal")
    world.extract("2026Q4R2")
    assert {r["date"] for r in world.raw("activity_summary", "2026Q4R2")} == {DAY, other}


def test_the_latest_delivery_that_was_known_counts(world):
    ana = shares(world, "ana")
    world.wear("activity_summary", [active(ana, steps=1)], received=NOW - timedelta(days=9))
    world.wear("activity_summary", [active(ana, steps=2)], received=NOW - timedelta(days=5))
    world.extract()
    world.extract("2026Q4R2", known_at=NOW - timedelta(days=7))
    assert [r["steps"] for r in world.raw("activity_summary")] == [2]
    assert [r["steps"] for r in world.raw("activity_summary", "2026Q4R2")] == [1]


def test_nothing_after_the_cutoff_or_the_deactivation_is_released(world):
    ana, bea = shares(world, "ana"), shares(world, "bea")
    world.deactivate(bea, NOW - timedelta(days=300))
    days = [(NOW - timedelta(days=n)).date() for n in (1, 400, 300, 298)]
    for person in (ana, bea):
        world.wear(
            "steps_intraday",
            [{"participant": person, "datetime": datetime(d.year, d.month, d.day, 12), "steps": 5} for d in days],
        )
    world.build(cutoff=(NOW - timedelta(days=2)).date())
    assert days[0] not in {r["datetime"].date() for r in world.raw("steps_intraday")}
    last = world.manifest()["last_day"]
    assert all(str(r["datetime"].date()) <= last for r in world.rows("steps_intraday"))
    assert all(r["datetime"].date() + timedelta(days=world.shift(bea)) == days[1]
               for r in world.rows("steps_intraday") if r["person_id"] == world.research_id(bea))  # fmt: skip


def test_a_device_keeps_its_research_id_and_a_rare_model_has_no_name(world):
    people = [shares(world, f"p{n}") for n in range(21)]
    rows = [
        {"participant": p, "device_id": "same", "device_date": DAY, "device_version": "Common" if n else "Rare"}
        for n, p in enumerate(people)
    ]
    world.wear("device", rows)
    world.build()
    world.build("2026Q4R2")
    first, second = (
        {r["person_id"]: r["device_id"] for r in world.rows("device", name)} for name in ("2026Q4R1", "2026Q4R2")
    )
    assert first == second and len(set(first.values())) == 21  # one id a device and person
    models = {r["person_id"]: r["device_version"] for r in world.rows("device")}
    assert models.pop(world.research_id(people[0])) is None and set(models.values()) == {"Common"}


def test_a_device_does_not_show_when_we_began_to_read_nor_what_came_after_the_last_day(world, monkeypatch):
    """One row a device; and a model that only large shifts could show stands in no row, also not of those."""
    monkeypatch.setattr(crosswalk, "shifts", lambda count, *_: np.full(count, crosswalk.SHIFT_MAX))
    people = [shares(world, f"p{n}") for n in range(21)]
    late = world.cutoff - timedelta(days=1)
    told = ((DAY, "Common"), (DAY + timedelta(days=3), "Common"), (late, "New"))
    world.wear(
        "device",
        [
            {"participant": p, "device_id": "same", "device_date": d, "device_version": m}
            for p in people
            for d, m in told
        ],
    )
    world.build()
    rows = world.rows("device")
    assert len({r["person_id"] for r in rows}) == len(rows) == 21
    assert {(r["device_date"], r["device_version"]) for r in rows} == {(late - timedelta(days=364), None)}


def test_parts_say_nothing_of_who_joined_when(world, monkeypatch):
    from commonweal.curation import parts

    monkeypatch.setattr(parts, "FEW", 3)
    people = [shares(world, f"p{n}") for n in range(12)]
    days = [DAY + timedelta(days=n) for n in range(10)]
    world.wear("activity_summary", [active(p, d, steps=n) for p in people for n, d in enumerate(days)])
    world.build()
    (listed,) = [t for t in world.manifest()["tables"] if t["name"] == "activity_summary"]
    assert listed["rows"] == 120 and len(listed["files"]) == 4
    together = [
        [r["person_id"] for r in duckdb.sql(f"FROM '{world.folder() / f['path']}'").to_arrow_table().to_pylist()]
        for f in listed["files"]
    ]
    assert sorted({p for part in together for p in part}) == sorted(world.research_id(p) for p in people)
    in_order = [person for part in together for person in part]
    assert in_order == sorted(in_order)
    (rules,) = [r for r in world.manifest()["rules"] if r["id"] == "quality.dates"]
    assert rules["rows_in"] >= 120
