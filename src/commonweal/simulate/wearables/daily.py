"""Summaries of each day: activity, heart rate by zone, and the night that ended on it."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from commonweal.simulate.draws import Draws
from commonweal.simulate.population import FEMALE, People
from commonweal.simulate.wearables.calendar import Days

ZONES = ("Out of Range", "Fat Burn", "Cardio", "Peak")


@dataclass(frozen=True)
class Body:
    """What stays the same of a person, by position in the chunk."""

    steps: np.ndarray  # on an ordinary day
    resting: np.ndarray  # beats a minute
    highest: np.ndarray
    calories: np.ndarray  # kcal of a day at rest
    sleep: np.ndarray  # minutes in bed
    bedtime: np.ndarray  # minutes before (negative) or after midnight


def body(draws: Draws, folk: People) -> Body:
    """Steps fall with age and weight (Tudor-Locke 2011), resting rates lie about 66 (Quer 2020), rest by Mifflin-St Jeor."""
    index, age = folk.index, folk.age
    slow = 0.008 * (age - 45) + 0.02 * (folk.weight - 28) + 0.25 * folk.disability[:, 3]
    tall = np.where(folk.sex == FEMALE, 163.0, 177.0) + 6.5 * draws.normal("height", index)
    kilos = folk.weight * (tall / 100) ** 2
    return Body(
        steps=np.clip(8000 * np.exp(0.32 * draws.normal("walks", index) - slow), 600, 26_000),
        resting=np.clip(66 + 6 * draws.normal("resting rate", index) + 0.15 * (folk.weight - 28), 45, 95),
        highest=208 - 0.7 * age,  # Tanaka 2001
        calories=10 * kilos + 6.25 * tall - 5 * age + np.where(folk.sex == FEMALE, -161.0, 5.0),
        sleep=np.clip(455 + 35 * draws.normal("sleeps", index), 330, 600),
        bedtime=-60 + 55 * draws.normal("goes to bed", index),
    )


def activity(draws: Draws, days: Days, own: Body) -> pa.Table:
    """activity_summary. A day in the drawer is told as its providers do: 1,440 minutes without moving."""
    key = days.index, days.day
    busy = np.where(days.weekend, 1 + 0.25 * draws.normal("weekends", days.index), 1.0)
    year = 1 + 0.08 * np.sin(2 * np.pi * (days.day - 110) / 365.25)
    steps = own.steps[days.person] * busy * year * np.exp(0.35 * draws.normal("steps", *key) - 0.06)
    steps = np.where(days.worn, np.clip(np.round(steps), 50, 60_000), 0).astype(np.int64)
    very = np.where(draws.chance("exercise", 0.35, *key), steps / 250 * draws.exponential("very", *key), 0)
    very, fairly = (
        np.minimum(np.floor(m), 240).astype(np.int64) for m in (very, steps / 500 * draws.uniform("fairly", *key))
    )
    lightly = np.minimum(np.floor(steps / 40 + 40 * draws.uniform("lightly", *key)), 600).astype(np.int64) * days.worn
    asleep = np.where(days.worn, np.round(own.sleep[days.person] * 0.95), 0).astype(np.int64)
    rest = np.round(own.calories[days.person] * days.length / 1440)
    moved = np.round(0.04 * steps + 6 * very + 3 * fairly)
    floors = np.floor(steps / 900 * draws.exponential("floors", *key)).astype(np.int64)
    return pa.table(
        {
            "participant": days.person,
            "date": _dates(days.day),
            "activity_calories": moved * 1.6,
            "calories_bmr": rest,
            "calories_out": rest + moved,
            "elevation": floors * 3.048,
            "fairly_active_minutes": fairly,
            "floors": floors,
            "lightly_active_minutes": lightly,
            "marginal_calories": moved,
            "sedentary_minutes": np.maximum(days.length - very - fairly - lightly - asleep, 0),
            "steps": steps,
            "very_active_minutes": very,
        }
    )


def hearts(draws: Draws, days: Days, own: Body) -> pa.Table:
    """heart_rate_summary: four zones by share of the highest rate, as long as the device was on the wrist."""
    days = days.take(days.worn)
    key = days.index, days.day
    minutes = days.length - 20 - np.floor(90 * draws.exponential("charging", *key)).astype(np.int64)
    minutes = np.clip(minutes, 200, None)
    hard = own.steps[days.person] / 8000 * draws.exponential("effort", *key)
    peak = np.floor(np.clip(2 * (hard - 1.2), 0, 60)).astype(np.int64)
    cardio = np.floor(np.clip(9 * (hard - 0.5), 0, 120)).astype(np.int64)
    fat = np.floor(np.clip(60 * hard, 0, 400)).astype(np.int64)
    high = own.highest[days.person]
    bounds = [np.full(len(days), 30.0), 0.5 * high, 0.7 * high, 0.85 * high, np.full(len(days), 220.0)]
    spent = [np.maximum(minutes - fat - cardio - peak, 60), fat, cardio, peak]
    rate = own.calories[days.person] / 1440
    tables = [
        pa.table(
            {
                "participant": days.person,
                "date": _dates(days.day),
                "zone_name": pa.repeat(zone, len(days)),
                "min_heart_rate": np.round(bounds[k]).astype(np.int64),
                "max_heart_rate": np.round(bounds[k + 1]).astype(np.int64),
                "minute_in_zone": spent[k],
                "calorie_count": np.round(spent[k] * rate * (1.1, 3.0, 6.0, 9.0)[k], 1),
            }
        )
        for k, zone in enumerate(ZONES)
    ]
    return pa.concat_tables(tables)


@dataclass(frozen=True)
class Nights:
    """One row a night that was recorded, named by the day on which it ended. Minutes, whole."""

    days: Days
    start: np.ndarray  # minutes after midnight of the day; negative: the evening before
    bed: np.ndarray
    deep: np.ndarray
    rem: np.ndarray
    wake: np.ndarray


def nights(draws: Draws, days: Days, own: Body) -> Nights:
    """Nights of days on which the device was worn, one in ten of them not in bed; longer at weekends."""
    days = days.take(days.worn & ~draws.chance("off at night", 0.1, days.index, days.day))
    key = days.index, days.day
    bed = own.sleep[days.person] + np.where(days.weekend, 28, 0) + 50 * draws.normal("in bed", *key)
    bed = np.clip(np.round(bed), 120, 780).astype(np.int64)
    shares = [
        np.clip(mean + spread * draws.normal(f"{name} sleep", *key), 0.02, 0.35)
        for name, mean, spread in (("deep", 0.15, 0.04), ("rem", 0.21, 0.04), ("wake", 0.11, 0.03))
    ]
    start = own.bedtime[days.person] + np.where(days.weekend, 25, 0) + 35 * draws.normal("bedtime", *key)
    return Nights(days, np.round(start).astype(np.int64), bed, *(np.round(bed * s).astype(np.int64) for s in shares))


def sleep(night: Nights) -> pa.Table:
    """sleep_daily_summary."""
    asleep = night.bed - night.wake
    none = np.zeros(len(night.bed), np.int64)
    return pa.table(
        {
            "participant": night.days.person,
            "sleep_date": _dates(night.days.day),
            "is_main_sleep": np.ones(len(night.bed), bool),
            "minute_in_bed": night.bed,
            "minute_asleep": asleep,
            "minute_after_wakeup": none + 2,
            "minute_awake": night.wake,
            "minute_restless": none,
            "minute_deep": night.deep,
            "minute_light": asleep - night.deep - night.rem,
            "minute_rem": night.rem,
            "minute_wake": night.wake,
        }
    )


def _dates(day: np.ndarray) -> pa.Array:
    return pa.array(day.astype(np.int32), pa.int32()).cast(pa.date32())
