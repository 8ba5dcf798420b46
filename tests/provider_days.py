"""What a provider of watches says about one person's days: made up, the same each time, in the shape of its Web API."""

from datetime import date, timedelta


def steps_of(day: date) -> int:
    return 4_000 + day.toordinal() * 37 % 6_000


def activity(day: date, worn: bool) -> dict:
    steps = steps_of(day) if worn else 0
    minutes = (30, 20, 200, 1_190) if worn else (0, 0, 0, 1_440)
    names = ("veryActiveMinutes", "fairlyActiveMinutes", "lightlyActiveMinutes", "sedentaryMinutes")
    summary = {
        "steps": steps,
        "caloriesOut": 1_600 + steps // 20,
        "caloriesBMR": 1_600,
        "activityCalories": steps // 20,
    }
    summary |= {"marginalCalories": steps // 40, "floors": 3 * worn, "elevation": 9.1 * worn, "distances": []}
    return {"activities": [], "goals": {"steps": 10_000}, "summary": summary | dict(zip(names, minutes, strict=True))}


def heart(day: date, worn: bool) -> dict:
    zones = [
        ("Out of Range", 30, 95, 1_200),
        ("Fat Burn", 95, 133, 60),
        ("Cardio", 133, 162, 10),
        ("Peak", 162, 220, 0),
    ]
    told = [
        {"name": name, "min": low, "max": high, "minutes": minutes if worn else 0, "caloriesOut": 2.5 * minutes * worn}
        for name, low, high, minutes in zones
    ]
    value = {"customHeartRateZones": [], "heartRateZones": told} | ({"restingHeartRate": 62} if worn else {})
    series = [{"time": clock(n), "value": 58 + (n + day.day) % 40} for n in range(7 * 60, 22 * 60)] if worn else []
    return {
        "activities-heart": [{"dateTime": day.isoformat(), "value": value}],
        "activities-heart-intraday": {"dataset": series, "datasetInterval": 1, "datasetType": "minute"},
    }


def steps(day: date, worn: bool) -> dict:
    total = steps_of(day) if worn else 0
    series = [{"time": clock(n), "value": 0} for n in range(24 * 60)]
    for n in range(0, total, 100):
        series[8 * 60 + n // 100]["value"] = min(100, total - n)
    return {
        "activities-steps": [{"dateTime": day.isoformat(), "value": str(total)}],
        "activities-steps-intraday": {"dataset": series, "datasetInterval": 1, "datasetType": "minute"},
    }


def sleep(day: date, worn: bool) -> dict:
    if not worn:
        return {"sleep": [], "summary": {"totalMinutesAsleep": 0, "totalSleepRecords": 0, "totalTimeInBed": 0}}
    evening = f"{day - timedelta(days=1)}T23:00:00.000"
    parts = [("light", 0, 120), ("deep", 120, 90), ("rem", 210, 100), ("wake", 310, 20), ("light", 330, 150)]
    data = [{"dateTime": at(day, start), "level": level, "seconds": 60 * minutes} for level, start, minutes in parts]
    minutes = {level: sum(m for one, _, m in parts if one == level) for level in ("deep", "light", "rem", "wake")}
    night = {
        "dateOfSleep": day.isoformat(),
        "startTime": evening,
        "endTime": f"{day}T07:00:00.000",
        "duration": 480 * 60_000,
        "isMainSleep": True,
        "type": "stages",
        "logId": day.toordinal(),
        "minutesAsleep": 460,
        "minutesAwake": 20,
        "minutesAfterWakeup": 0,
        "minutesToFallAsleep": 0,
        "timeInBed": 480,
        "levels": {
            "data": data,
            "shortData": [],
            "summary": {k: {"count": 1, "minutes": v} for k, v in minutes.items()},
        },
    }
    return {"sleep": [night], "summary": {"totalMinutesAsleep": 460, "totalSleepRecords": 1, "totalTimeInBed": 480}}


def devices() -> list:
    band = {"id": "5656888", "type": "TRACKER", "deviceVersion": "Charge 5", "battery": "High", "batteryLevel": 65}
    return [band | {"lastSyncTime": "2026-03-10T13:38:13.000", "mac": "FE1111111111"}]


def profile(zone: str, since: str) -> dict:
    told = {"encodedId": "26FWFL", "timezone": zone, "fullName": "A Name", "dateOfBirth": "1970-01-28"}
    return {"user": told | ({"memberSince": since} if since else {})}


def clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}:00"


def at(day: date, minutes: int) -> str:
    """So many minutes after eleven in the evening before `day`."""
    late = 23 * 60 + minutes
    return f"{day - timedelta(days=1) if late < 1_440 else day}T{clock(late % 1_440)}.000"


KINDS = {
    "/activities/date/": activity,
    "/activities/heart/date/": heart,
    "/activities/steps/date/": steps,
    "/sleep/date/": sleep,
}


def answer(path: str, not_worn: set[str], zone: str, since: str = "") -> object | None:
    """What the Web API answers at a path; None where there is nothing."""
    if path.endswith("/profile.json"):
        return profile(zone, since)
    if path.endswith("/devices.json"):
        return devices()
    for part, made in KINDS.items():
        if part in path:
            told = path.split(part)[1].removesuffix(".json").split("/")[0]
            found = made(date.fromisoformat(told), told not in not_worn)
            return {k: v for k, v in found.items() if "/1min" in path or not k.endswith("-intraday")}
    return None
