"""How often links are opened: a number for each day and way, and nothing about who did it."""

from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from commonweal.vault.partners.models import LinkOpenings, OutreachLink
from commonweal.vault.people.models import Invitation


def note(invitation: Invitation, way: str, **_signal: Any) -> None:
    """Signal of `people.invitations`: an open invitation was come in by. Those of no outreach are not counted."""
    link = OutreachLink.objects.filter(invitation=invitation).only("pk").first()
    if link is not None:
        count(link, way)


def count(link: OutreachLink, way: str, more: int = 1) -> None:
    counted = LinkOpenings.objects.filter(link=link, day=timezone.localdate(), way=way)
    with transaction.atomic():
        if not counted.update(opened=F("opened") + more):
            LinkOpenings.objects.get_or_create(link=link, day=timezone.localdate(), way=way)
            counted.update(opened=F("opened") + more)
