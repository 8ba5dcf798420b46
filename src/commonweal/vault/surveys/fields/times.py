"""Times of day as people write them: 9:30 and a.m. or p.m., 21:30, 9.30 pm, 930."""

import re
from datetime import datetime, time
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from commonweal.r4.questionnaire import Item
from commonweal.vault.surveys.fields import dates
from commonweal.vault.surveys.fields.unclear import Unclear

_CLOCK = re.compile(r"(\d{1,2})(?:[:.h ]?(\d{2}))?\s*(?:([ap])\.?\s*m\.?)?", re.IGNORECASE)


def clock(text: str, half: str) -> time | None:
    """The time of what was written and of the half of the day that was chosen (am, pm or ""); None for nothing."""
    text = text.strip()
    if not text:
        return None
    match = _CLOCK.fullmatch(text)
    if not match:
        raise Unclear(_("Please write a time, such as 9:30."))
    hour, minute, written = int(match[1]), int(match[2] or 0), (match[3] or "").lower()
    half = f"{written}m" if written else half
    if hour > 23 or minute > 59 or (half and written and not 1 <= hour <= 12):
        raise Unclear(_("There is no such time. Please check it."))
    if 1 <= hour <= 12 and half not in ("am", "pm"):
        raise Unclear(_("Please choose whether it is morning (a.m.) or afternoon and evening (p.m.)."))
    if 1 <= hour <= 12:
        hour = hour % 12 + (12 if half == "pm" else 0)
    return time(hour, minute)


def split(value: str) -> dict[str, str]:
    """A FHIR time as the fields hold it: clock and half."""
    if not value:
        return {"clock": "", "half": ""}
    hour, minute = int(value[:2]), value[3:5]
    return {"clock": f"{(hour - 1) % 12 + 1}:{minute}", "half": "pm" if hour > 11 else "am"}


def read(item: Item, text: str, half: str) -> list[dict[str, Any]]:
    found = clock(text, half)
    if found is None:
        return []
    value = found.isoformat()
    for limit, wrong in ((item.min_value, lambda a, b: a < b), (item.max_value, lambda a, b: a > b)):
        if isinstance(limit, str) and wrong(value, limit):
            raise Unclear(_("This time is outside of what the question asks for. Please check it."))
    return [{"valueTime": value}]


def read_moment(item: Item, parts: dict[str, str], text: str, half: str, entry_format: str) -> list[dict[str, Any]]:
    """A FHIR dateTime: a day as far as it is known, and the time with the offset of the person's own clock."""
    day, found = dates.joined(parts, entry_format), clock(text, half)
    if not day:
        if found:
            raise Unclear(_("Please write the date too."))
        return []
    dates.check_limits(item, day)
    if found is None:
        return [{"valueDateTime": day}]
    if len(day) < 10:
        raise Unclear(_("A time needs a whole date. Please write month, day and year, or leave the time open."))
    local = datetime.combine(datetime.fromisoformat(day), found, timezone.get_current_timezone())
    return [{"valueDateTime": local.isoformat(timespec="seconds")}]


def split_moment(value: str) -> dict[str, str]:
    """The fields of a FHIR dateTime, in the person's own clock where it has a time."""
    if "T" in value:
        moment = datetime.fromisoformat(value)
        value = timezone.localtime(moment).isoformat() if timezone.is_aware(moment) else moment.isoformat()
        return dates.split(value[:10]) | split(value[11:19])
    return dates.split(value) | split("")
