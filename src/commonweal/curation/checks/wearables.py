"""Wearables of a release: nothing in the hours in which clocks change, devices under research ids only, each day once."""

from commonweal.curation.checks.base import Check, Subject
from commonweal.curation.checks.scan import Question
from commonweal.curation.rules.wearables import DAY_LENGTH, MINUTES, RESTING_ZONE
from commonweal.omop.tables import Table
from commonweal.protocol.privacy import TierPrivacy

_UUID = "^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"
_ONCE = {  # what names a row
    "activity_summary": "person_id, date, src_id",
    "heart_rate_summary": "person_id, date, zone_name, src_id",
}


def asked(spec: Table, privacy: TierPrivacy) -> list[Question]:
    """What shows the true Sundays of a tier whose dates are moved (they are worked out from the shifts, as only the bridge can), and who made a device."""
    return [Question(name, sql) for name, sql in _asked(spec, privacy).items()]


def _asked(spec: Table, privacy: TierPrivacy) -> dict[str, str]:
    if spec.name == "device":
        return {"device": f"NOT regexp_matches(coalesce(t.device_id, ''), '{_UUID}')"}
    if not privacy.shifted:
        return {}
    first, last = privacy.clock_change_hours
    if spec.name in MINUTES:
        return {"clock:hours": f"{_sunday('datetime')} AND hour(t.datetime) >= {first} AND hour(t.datetime) < {last}"}
    if spec.name == "sleep_level":  # of the sleep that ended on a Sunday, or begun on one before clocks had changed
        early = f"{_sunday('start_datetime')} AND hour(t.start_datetime) < {last}"
        return {"clock:nights": f"{_sunday('sleep_date')} OR ({early})"}
    resting = (
        f" AND coalesce(t.zone_name, '{RESTING_ZONE}') = '{RESTING_ZONE}'" if spec.name == "heart_rate_summary" else ""
    )
    return {f"clock:{n}": f"t.{n} IS NOT NULL AND {_sunday('date')}{resting}" for n in DAY_LENGTH.get(spec.name, ())}


def _sunday(column: str) -> str:
    return f"dayofweek(t.{column}::DATE + x.shift::INTEGER) = 0"


def wearables(subject: Subject) -> list[Check]:
    """Rows or cells at fault, each 0."""
    return [
        Check("wearables.clock_change", subject.faults("clock:")),
        Check("wearables.devices", subject.faults("device")),
        Check("wearables.days", sum(_twice(subject, table) for table in _ONCE)),
    ]


def _twice(subject: Subject, table: str) -> int:
    if table not in subject.tables:
        return 0
    return subject.number(f"SELECT count(*) - count(DISTINCT ({_ONCE[table]})) FROM rel_{table}")
