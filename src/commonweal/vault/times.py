"""Reading moments and days that people and files give us."""

from datetime import UTC, date, datetime

from commonweal.errors import BadInput


def moment(text: str, where: str) -> datetime:
    """An ISO 8601 moment with an offset (or Z), as UTC. Raises BadInput without an offset: a guess would be wrong."""
    try:
        value = datetime.fromisoformat(text.strip())
        if value.tzinfo is not None:
            return value.astimezone(UTC)
    except (ValueError, OverflowError):  # the first and last hours of the calendar have no UTC
        raise BadInput(f"{where}: not a moment in ISO 8601, such as 2026-03-14T09:30:00-05:00") from None
    raise BadInput(f"{where}: the moment has no offset from UTC; write one, such as -05:00 or Z")


def day(text: str, where: str) -> date:
    """An ISO 8601 day. Raises BadInput."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise BadInput(f"{where}: not a date in ISO 8601, such as 1961-08-27") from None
