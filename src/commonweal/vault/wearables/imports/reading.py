"""What is in an archive: each file by what it is, whoever's it is, and what it says of its owner."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, tzinfo
from typing import Any

import duckdb

from commonweal.vault.wearables.imports.archive import Member
from commonweal.vault.wearables.imports.refusals import NotTaken
from commonweal.vault.wearables.normal import Parts, apple, cells, fitabase, fitbit_api, takeout

FITBIT, APPLE = "fitbit", "apple"
_DAY = re.compile(r"(?<!\d)(\d{4}-\d{2}-\d{2})(?!\d)")
_EXPORT = "export.xml"  # Apple's, also where the phone's language names the folder otherwise


@dataclass
class Said:
    """What an archive says of its owner: accounts at the provider, birth dates, and the time zone of the account."""

    accounts: set[str] = field(default_factory=set)
    birth_dates: set[date] = field(default_factory=set)
    zone: tzinfo | None = None


@dataclass
class Reading:
    """What was read: rows by provider, and what the archive says of its owner."""

    parts: dict[str, Parts] = field(default_factory=dict)
    said: Said = field(default_factory=Said)
    known: int = 0  # files of a kind that is known

    def of(self, provider: str) -> Parts:
        return self.parts.setdefault(provider, Parts())


def read(members: Iterable[Member], *, zone: tzinfo | None) -> Reading:
    """Read every file; `zone`: the person's, where the archive names none. What cannot be read is counted.

    Raises NotTaken where the archive is more than can be taken.
    """
    reading, rest = Reading(), []
    for member in members:
        if not _is_profile(reading, member):
            rest.append(member)
    for member in rest:
        _read(reading, member, reading.said.zone or zone)
    return reading


def _is_profile(reading: Reading, member: Member) -> bool:
    """Whether a file is the account's profile, which is read before all others: it names the time zone."""
    if member.base.lower() != "profile.csv":
        return False
    try:
        told = takeout.profile(member.read())
    except (EOFError, ValueError):
        reading.of(FITBIT).fault("unreadable_file")
        return True
    _note(reading.said, told.get("id"), told.get("date_of_birth"))
    reading.said.zone = takeout.zone_named(told.get("timezone"))
    return True


def _note(said: Said, account: Any, born: Any) -> None:
    if cells.text(account):
        said.accounts.add(str(account))
    day = cells.day(born)
    if day:
        said.birth_dates.add(day)


def _read(reading: Reading, member: Member, zone: tzinfo | None) -> None:
    ending = member.base.rsplit(".", 1)[-1].lower()
    if ending == "xml" and member.base.lower() == _EXPORT:
        try:
            me = apple.read(reading.of(APPLE), member.blocks())
        except duckdb.OutOfMemoryException:
            raise NotTaken("too_large") from None
        _note(reading.said, None, me.get("HKCharacteristicTypeIdentifierDateOfBirth"))
        reading.known += 1
    elif ending in ("json", "csv"):
        try:
            text = member.read()
            kept = _json(reading, member, text, zone) if ending == "json" else _csv(reading, text, zone)
        except (EOFError, ValueError):
            reading.of(FITBIT).fault("unreadable_file")
        else:
            reading.known += kept
            reading.of(FITBIT).fault("not_kept", not kept)


def _csv(reading: Reading, text: bytes, zone: tzinfo | None) -> bool:
    return fitabase.read(reading.of(FITBIT), text, zone=zone)


def _json(reading: Reading, member: Member, text: bytes, zone: tzinfo | None) -> bool:
    told, kind = fitbit_api.parsed(text), takeout.kind_of(member.base)
    if kind:
        takeout.read(reading.of(FITBIT), kind, told, zone=zone)
        return True
    if isinstance(told, dict) and isinstance(told.get("user"), dict) and "encodedId" in told["user"]:
        _note(reading.said, told["user"]["encodedId"], told["user"].get("dateOfBirth"))
        return True
    found = _DAY.search(member.base)
    return fitbit_api.read(reading.of(FITBIT), told, day=cells.day(found[1]) if found else None, zone=zone)
