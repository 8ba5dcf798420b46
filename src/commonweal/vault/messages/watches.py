"""Who is told that nothing comes from a watch any more: it has been silent, or the connection was ended at the provider."""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from commonweal.vault.messages.actions import send
from commonweal.vault.messages.models import Message
from commonweal.vault.wearables.models import Connection, Sync
from commonweal.vault.wearables.providers import name_of
from commonweal.vault.wearables.sync.rules import SILENT

AGAIN = timedelta(days=90)  # a watch that stays silent is spoken of once in this time
NEW = timedelta(days=7)  # an end that is older is no news
AT_ONCE = 500


def remind(now: datetime | None = None) -> int:
    """Tell them; answers how many."""
    now = now or timezone.now()
    silent, ended = list(_silent(now)[:AT_ONCE]), list(_ended(now)[:AT_ONCE])
    for one in silent:
        _tell(one.connection, "watch_silent", str(one.last_data or ""))
    for connection in ended:
        _tell(connection, "watch_ended", "")
    return len(silent) + len(ended)


def _tell(connection: Connection, template: str, key: str) -> None:
    device, link = name_of(connection.provider), reverse("wearables")
    send(connection.participant, template, key=f"{connection.pk}:{key}", link=link, device=device)


def _silent(now: datetime) -> QuerySet[Sync]:
    """Connections that are read without trouble, and show no day on which the device was worn."""
    since = (now - SILENT).date()
    quiet = Q(last_data__lt=since) | Q(last_data__isnull=True, connection__connected_at__lt=now - SILENT)
    syncs = Sync.objects.filter(quiet, connection__state=Connection.CONNECTED, last_read_at__isnull=False, trouble="")
    told = _told("watch_silent", OuterRef("connection__participant"), now - AGAIN)
    return syncs.filter(~Exists(told)).select_related("connection__participant__account").order_by("pk")


def _ended(now: datetime) -> QuerySet[Connection]:
    """Ends at the provider of which nothing was said, and after which the person has not connected again."""
    ended = Connection.objects.filter(why=Connection.ENDED_THERE, cut_at__gte=now - NEW)
    again = Connection.objects.filter(
        participant=OuterRef("participant"), provider=OuterRef("provider"), connected_at__gt=OuterRef("cut_at")
    )
    told = _told("watch_ended", OuterRef("participant"), OuterRef("cut_at"))
    return ended.filter(~Exists(again), ~Exists(told)).select_related("participant__account").order_by("pk")


def _told(template: str, participant: OuterRef, since: datetime | OuterRef) -> QuerySet[Message]:
    return Message.objects.filter(participant=participant, template=template, made_at__gte=since)
