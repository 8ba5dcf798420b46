"""How a connection stands, in words for the person whose it is: what has come in, what is to come, what is in the way."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from commonweal.vault.wearables.models import Connection, Sync
from commonweal.vault.wearables.sync.rules import SILENT


@dataclass(frozen=True)
class Standing:
    """`newest`: the last day that was read; `worn`: the last day on which the device was worn; `lines`: what to know."""

    newest: date | None
    worn: date | None
    read_at: datetime | None
    lines: tuple[str, ...]
    silent: bool


def of(connection: Connection, name: str) -> Standing | None:
    """None while it is not connected."""
    if connection.state != Connection.CONNECTED:
        return None
    sync = Sync.objects.filter(connection=connection).first()
    if sync is None:
        return Standing(None, None, None, (_("We read its data soon. The first days can take an hour."),), False)
    return Standing(sync.newest, sync.last_data, sync.last_read_at, tuple(_lines(sync, name)), _silent(sync))


def _silent(sync: Sync) -> bool:
    since = (timezone.now() - SILENT).date()
    return (sync.last_data or sync.connection.connected_at.date()) < since and not sync.trouble


def _lines(sync: Sync, name: str) -> list[str]:
    said: list[str] = []
    if sync.trouble in (Sync.UNREACHABLE, Sync.MALFORMED, Sync.LOCKED):
        said.append(_("%(provider)s did not answer as it should. We try again by ourselves.") % {"provider": name})
    if sync.trouble == Sync.LIMITED:
        said.append(_("%(provider)s lets us read only so much an hour. We go on soon.") % {"provider": name})
    if sync.newest is None and not said:
        said.append(_("We read its data soon. The first days can take an hour."))
    if _silent(sync):
        said.append(
            _(
                "We have seen no day with it on for two weeks or more. Open its own app once, so that it hands over its data."
            )
        )
    said += [line for kind, line in _left_out().items() if kind in sync.refused.split()]
    return said


def _left_out() -> dict[str, Any]:
    """What the person did not want to share there, by the kinds of `sync.reading`."""
    return {
        "activity": _("You left out steps and activity when you connected it."),
        "heart": _("You left out the heart rate when you connected it."),
        "sleep": _("You left out sleep when you connected it."),
    }
