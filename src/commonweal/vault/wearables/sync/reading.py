"""What a Fitbit-style Web API is asked for one person and one day (dev.fitbit.com, Web API reference).

The summary of a day's activity, heart rate and steps of each minute, sleep, and once a round the time zone and devices.
Providers give the minutes only to programs that ask for it: without them the day's zones are asked for instead.
"""

from dataclasses import dataclass
from datetime import date, tzinfo
from typing import Any

from commonweal.vault.linking.client import Client, Malformed, Manners, Refused
from commonweal.vault.wearables.normal import Parts, fitbit_api

DEVICES = "devices"
MANNERS = Manners(left="Fitbit-Rate-Limit-Remaining", reset="Fitbit-Rate-Limit-Reset")
_DAY = (  # kind of data, where it is, and what else must have been refused for it to be asked
    ("activity", "/1/user/-/activities/date/{day}.json", ""),
    ("heart_minutes", "/1/user/-/activities/heart/date/{day}/1d/1min.json", ""),
    ("heart", "/1/user/-/activities/heart/date/{day}/1d.json", "heart_minutes"),
    ("steps_minutes", "/1/user/-/activities/steps/date/{day}/1d/1min.json", ""),
    ("sleep", "/1.2/user/-/sleep/date/{day}.json", ""),
)


@dataclass(frozen=True)
class Profile:
    """What is read of the person's account; nothing else of it is kept. `zone`: "" where it is not told.

    `since`: the day on which the account was opened, before which nothing can have been saved; None where it is not told.
    """

    zone: str = ""
    since: date | None = None


def profile(client: Client) -> Profile:
    """The account's settings, as far as they are told and can be understood."""
    try:
        told = client.get("/1/user/-/profile.json")
    except Refused:
        return Profile()
    user = told.get("user") if isinstance(told, dict) else None
    if not isinstance(user, dict):
        return Profile()
    zone = user.get("timezone")
    return Profile(zone if isinstance(zone, str) else "", _day(user.get("memberSince")))


def _day(told: object) -> date | None:
    try:
        return date.fromisoformat(told) if isinstance(told, str) else None
    except ValueError:
        return None


def read_devices(client: Client, parts: Parts, today: date, refused: set[str]) -> None:
    """The devices as they are today."""
    told = _asked(client, DEVICES, "/1/user/-/devices.json", refused)
    if told:
        fitbit_api.read(parts, told, day=today)


def read_day(client: Client, parts: Parts, day: date, zone: tzinfo | None, refused: set[str]) -> None:
    """Add one day to `parts`, whole or not at all; kinds that are refused are added to `refused` and not asked again.

    Raises what `Client.get` raises but for Refused; Malformed where an answer tells nothing of the day.
    """
    found = []
    for kind, path, instead_of in _DAY:
        if not instead_of or instead_of in refused:
            found.append(_asked(client, kind, path.format(day=day.isoformat()), refused))
    found = [payload for payload in found if payload is not None]
    if not all(isinstance(payload, dict) for payload in found):
        raise Malformed("no day")
    for payload in found:
        fitbit_api.read(parts, payload, day=day, zone=zone)


def _asked(client: Client, kind: str, path: str, refused: set[str]) -> Any:
    if kind in refused:
        return None
    try:
        return client.get(path)
    except Refused:
        refused.add(kind)
        return None
