"""What devices tell: only the field's own words, no rare device, and nothing that gives away when the clocks changed.

Days and times of a wearable are those of the wearer's clock. On the night on which clocks change, an hour is missing or is
there twice, and the day has 23 or 25 hours: whoever finds that night in shifted dates has found the shift, for the true
dates are public. It is always a Sunday night, and which Sunday it is cannot be told to somebody who sees every Sunday
alike. Hence these rules treat all Sundays as if clocks had changed (decision record 0019).
"""

import ibis
import ibis.expr.types as ir

from commonweal.curation.rules.base import Rows, Rule, tables

SUNDAY = 6
MINUTES = tables("heart_rate_minute_level", "steps_intraday")
LEVELS = ("awake", "light", "asleep", "deep", "restless", "wake", "rem", "unknown")
WORDS: dict[str, tuple[str, ...]] = {
    "zone_name": ("Out of Range", "Fat Burn", "Cardio", "Peak"),
    "is_main_sleep": ("true", "false"),
    "level": LEVELS,
    "battery": ("High", "Medium", "Low", "Empty"),
    "battery_level": tuple(str(percent) for percent in range(101)),
    "device_type": ("TRACKER", "SCALE"),
}
"""The words that may stand in a column of the class device_word; a word of a person's own making is not among them."""

LONGEST_SILENT = 366  # days; a sync longer ago is a clock that was never set: 1970, 2000
RESTING_ZONE = "Out of Range"
DAY_LENGTH = {
    "activity_summary": ("calories_bmr", "calories_out", "sedentary_minutes"),
    "heart_rate_summary": ("minute_in_zone", "calorie_count"),
}
"""Columns that follow the length of the day; in heart_rate_summary only of the zone in which a day is mostly spent."""


def _levels(rows: Rows) -> Rows:
    return rows.remove(rows.table.level.isnull() | ~rows.table.level.isin(LEVELS))


def _words(rows: Rows) -> Rows:
    cells = {}
    for name in rows.spec.named("device_word"):
        known = rows.table[name].isin(WORDS[name])
        cells[name] = ibis.ifelse(known, rows.table[name], rows.nothing(name))
    return rows.change(cells)


def _models(rows: Rows) -> Rows:
    rare = rows.table.p_rare_model.fill_null(True)
    return rows.change({n: ibis.ifelse(rare, rows.nothing(n), rows.table[n]) for n in rows.spec.named("device_model")})


def _devices(rows: Rows) -> Rows:
    return rows.remove((rows.table.device_date != rows.table.p_newest).fill_null(True))


def _syncs(rows: Rows) -> Rows:
    table = rows.table
    days = table.device_date.delta(table.last_sync_time.cast("date"), unit="day")
    known = ((days >= 0) & (days <= LONGEST_SILENT)).fill_null(False)
    return rows.change({"last_sync_time": ibis.ifelse(known, table.last_sync_time, rows.nothing("last_sync_time"))})


def _sunday(day: ir.DateValue) -> ir.BooleanValue:
    return day.day_of_week.index() == SUNDAY


def _clock_change(rows: Rows) -> Rows:
    sunday = _sunday(rows.day)
    if rows.spec.name in MINUTES:
        return rows.remove(sunday & _in_window(rows, rows.table.datetime))
    if rows.spec.name == "sleep_level":
        start = rows.table.start_datetime
        return rows.remove(
            sunday | (_sunday(start.cast("date")) & (start.hour() < rows.facts.privacy.clock_change_hours[1]))
        )
    if rows.spec.name == "heart_rate_summary":
        sunday = sunday & (rows.table.zone_name == RESTING_ZONE).fill_null(True)
    names = DAY_LENGTH[rows.spec.name]
    return rows.change({name: ibis.ifelse(sunday, rows.nothing(name), rows.table[name]) for name in names})


def _in_window(rows: Rows, moment: ir.TimestampValue) -> ir.BooleanValue:
    """Whether it lies in the hours (local, the last not included) in which clocks are set forward or back."""
    first, last = rows.facts.privacy.clock_change_hours
    return (moment.hour() >= first) & (moment.hour() < last)


RULES = (
    Rule(
        "wearables.sleep_levels",
        1,
        "Reference 2, DropInvalidSleepLevelRecords",
        "Stages of sleep that the field does not know go.",
        _levels,
        tables("sleep_level"),
        reason="A stage that no device knows is an error, or words that somebody typed.",
    ),
    Rule(
        "wearables.words",
        1,
        "House: nothing that someone typed is released",
        "What a device calls a zone, a stage or a battery stays only where it is the field's word for it.",
        _words,
        tables("heart_rate_summary", "sleep_daily_summary", "sleep_level", "device"),
        reason="Zones and devices can be given names by their owners.",
    ),
    Rule(
        "wearables.clock_change",
        1,
        "House: local-time gaps that show daylight saving; decision record 0019",
        "On every Sunday, the hours in which clocks change go, with the stages of sleep of that night, and cells that"
        " follow the length of the day are emptied: so no Sunday shows that clocks changed on it.",
        _clock_change,
        tables("heart_rate_minute_level", "steps_intraday", "sleep_level", "activity_summary", "heart_rate_summary"),
        reason="Whoever finds the night on which clocks changed in shifted dates has found the shift.",
        parameters=("clock_change_hours",),
    ),
    Rule(
        "wearables.devices",
        1,
        "House: a date that everybody knows tells the shift; decision record 0019",
        "Of each device the newest row stays: its first would be the day on which the program began to read devices.",
        _devices,
        tables("device"),
        reason="The day on which the program began to read devices is public, and would tell the shift.",
    ),
    Rule(
        "wearables.syncs",
        1,
        "House: a date that everybody knows tells the shift",
        "A last sync more than a year before the day, such as that of a clock never set, is not told.",
        _syncs,
        tables("device"),
        reason="A clock that was never set shows a day that everybody knows, and would tell the shift.",
    ),
    Rule(
        "wearables.models",
        1,
        "House: rare devices point to a person",
        "A model of device that few people have, or that is newer than the last day of the release, is not told.",
        _models,
        tables("device"),
        reason="Few people have the same rare device.",
        parameters=("small_device_model",),
        others="a model of device is named while enough people have it",
    ),
)

_SHIFT_ALONE = ("wearables.clock_change", "wearables.devices")  # they guard shifted dates, and real dates need no guard
CONTROLLED = tuple(rule for rule in RULES if rule.id not in _SHIFT_ALONE)
