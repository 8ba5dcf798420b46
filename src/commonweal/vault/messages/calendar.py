"""One appointment as a calendar file (iCalendar, RFC 5545): UTC, lines folded at 75 octets, nothing about health."""

from datetime import UTC, datetime, timedelta

from commonweal.vault.messages.models import Appointment

MEDIA_TYPE = "text/calendar; charset=utf-8"


def event(appointment: Appointment, title: str, place: str, now: datetime) -> str:
    """The file. `title` says no more than the person wants others at home to read: the program's name."""
    assert appointment.starts_at is not None
    ends = appointment.starts_at + timedelta(minutes=appointment.minutes)
    status = "CANCELLED" if appointment.state == Appointment.CANCELLED else "CONFIRMED"
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Commonweal//Appointments//EN",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        f"UID:{appointment.uuid}@commonweal",
        f"SEQUENCE:{appointment.version}",
        f"DTSTAMP:{_utc(now)}",
        f"DTSTART:{_utc(appointment.starts_at)}",
        f"DTEND:{_utc(ends)}",
        f"SUMMARY:{escaped(title)}",
        f"LOCATION:{escaped(place)}",
        f"STATUS:{status}",
        "CLASS:PRIVATE",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(folded(line) + "\r\n" for line in lines)


def escaped(text: str) -> str:
    """Text as RFC 5545, 3.3.11 writes it."""
    for mark in ("\\", ";", ","):
        text = text.replace(mark, f"\\{mark}")
    return text.replace("\r\n", "\\n").replace("\n", "\\n")


def folded(line: str) -> str:
    """A line in parts of at most 75 octets, no letter cut, each further part begun with a space (RFC 5545, 3.1)."""
    parts, part, size = [], "", 0
    for letter in line:
        octets = len(letter.encode())
        if size + octets > 75:
            parts.append(part)
            part, size = " ", 1
        part, size = part + letter, size + octets
    return "\r\n".join([*parts, part])


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
