"""Wearables of a release: nothing in the hours in which clocks change, devices under research ids only, each day once."""

from commonweal.curation.checks.base import Check, Subject
from commonweal.curation.rules.wearables import DAY_LENGTH, MINUTES, RESTING_ZONE
from commonweal.protocol.privacy import TierPrivacy

_UUID = "^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"
_ONCE = {  # what names a row
    "activity_summary": "person_id, date, src_id",
    "heart_rate_summary": "person_id, date, zone_name, src_id",
}


def wearables(subject: Subject, privacy: TierPrivacy) -> list[Check]:
    """Rows or cells at fault, each 0. True days are worked out from the shifts, as only the bridge can."""
    subject.con.register("xw", subject.crosswalk.select(["research_id", "shift"]))
    found = [
        Check(
            "wearables.clock_change", _in_window(subject, privacy) + _day_length(subject) + _nights(subject, privacy)
        ),
        Check("wearables.devices", _no_research_id(subject)),
        Check("wearables.days", sum(_twice(subject, table) for table in _ONCE)),
    ]
    subject.con.unregister("xw")
    return found


def _sundays(table: str, column: str) -> str:
    """Rows whose true day is a Sunday."""
    return (
        f"rel_{table} t JOIN xw ON xw.research_id = t.person_id"
        f" WHERE dayofweek(t.{column}::DATE + xw.shift::INTEGER) = 0"
    )


def _in_window(subject: Subject, privacy: TierPrivacy) -> int:
    first, last = privacy.clock_change_hours
    window = f"hour(t.datetime) >= {first} AND hour(t.datetime) < {last}"
    return sum(
        subject.number(f"SELECT count(*) FROM {_sundays(table, 'datetime')} AND {window}")
        for table in sorted(MINUTES)
        if table in subject.tables
    )


def _day_length(subject: Subject) -> int:
    total = 0
    for table, names in DAY_LENGTH.items():
        if table in subject.tables:
            zone = (
                f" AND coalesce(zone_name, '{RESTING_ZONE}') = '{RESTING_ZONE}'"
                if table == "heart_rate_summary"
                else ""
            )
            cells = " + ".join(f"count({name})" for name in names)
            total += subject.number(f"SELECT {cells} FROM {_sundays(table, 'date')}{zone}")
    return total


def _nights(subject: Subject, privacy: TierPrivacy) -> int:
    """Stages of the sleep that ended on a Sunday, and of any other that began on one before clocks had changed."""
    if "sleep_level" not in subject.tables:
        return 0
    began = "t.start_datetime + to_days(xw.shift::INTEGER)"
    early = f"dayofweek({began}) = 0 AND hour(t.start_datetime) < {privacy.clock_change_hours[1]}"
    return subject.number(
        "SELECT count(*) FROM rel_sleep_level t JOIN xw ON xw.research_id = t.person_id"
        f" WHERE dayofweek(t.sleep_date::DATE + xw.shift::INTEGER) = 0 OR ({early})"
    )


def _no_research_id(subject: Subject) -> int:
    if "device" not in subject.tables:
        return 0
    return subject.number(
        f"SELECT count(*) FROM rel_device WHERE NOT regexp_matches(coalesce(device_id, ''), '{_UUID}')"
    )


def _twice(subject: Subject, table: str) -> int:
    if table not in subject.tables:
        return 0
    return subject.number(f"SELECT count(*) - count(DISTINCT ({_ONCE[table]})) FROM rel_{table}")
