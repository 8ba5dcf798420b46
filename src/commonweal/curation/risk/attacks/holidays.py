"""Days on which clinics in the United States are closed to whoever has no emergency: weekends and six holidays."""

from datetime import date, timedelta

THURSDAY, MONDAY = 3, 0


def closed(first: date, last: date) -> list[bool]:
    """For each day from `first` to `last`, whether clinics are closed."""
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    feasts = {day for year in range(first.year, last.year + 1) for day in holidays(year)}
    return [day.weekday() >= 5 or day in feasts for day in days]


def holidays(year: int) -> list[date]:
    """New Year, Memorial Day, Independence Day, Labor Day, Thanksgiving, Christmas; a Sunday's is kept on the Monday."""
    fixed = [date(year, 1, 1), date(year, 7, 4), date(year, 12, 25)]
    kept = [day + timedelta(days=1) if day.weekday() == 6 else day for day in fixed]
    return [*kept, _last_monday_of_may(year), nth(year, 9, MONDAY, 1), nth(year, 11, THURSDAY, 4)]


def nth(year: int, month: int, weekday: int, number: int) -> date:
    """The `number`-th `weekday` (Monday 0) of a month."""
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (number - 1))


def _last_monday_of_may(year: int) -> date:
    last = date(year, 5, 31)
    return last - timedelta(days=last.weekday())
