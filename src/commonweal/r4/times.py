"""FHIR dates and times as the local time of the place of care that OMOP wants (FHIR R4, data types date, dateTime)."""

from datetime import datetime
from functools import lru_cache


@lru_cache(maxsize=65536)
def local_time(text: str | None) -> datetime | None:
    """The wall-clock time that a FHIR date or dateTime names, without its offset; None for None.

    A year or a month alone becomes its first day, as the only day that it surely reaches. Raises ValueError for what is
    no date of FHIR, and for years that cannot be lived in (before 1850).
    """
    if not text:
        return None
    if not isinstance(text, str):
        raise ValueError("not a date")
    if len(text) == 4:
        text += "-01-01"
    elif len(text) == 7:
        text += "-01"
    value = datetime.fromisoformat(text).replace(tzinfo=None)
    if value.year < 1850:
        raise ValueError("a year before 1850")
    return value
