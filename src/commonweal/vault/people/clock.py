"""Participants read times as they pass where they live: in the time zone of their site."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from commonweal.ui.context import current_protocol
from commonweal.vault.people.access import participant_of
from commonweal.vault.people.current import current_site


class LocalTime:
    """Middleware: the pages of a participant are written in their site's time zone; all others in UTC."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with timezone.override(_zone(request)):
            return self.get_response(request)


def _zone(request: HttpRequest) -> tzinfo | None:
    if not request.user.is_authenticated:
        return None
    person = participant_of(request)
    return zone_of(current_site(person)) if person else None


def zone_of(site: str | None) -> tzinfo:
    """The time zone of a site of the program; for who has none, that of most sites, since the night of UTC is nobody's."""
    sites = current_protocol().sites
    if site in sites:
        return ZoneInfo(sites[site].timezone)
    most = Counter(one.timezone for one in sites.values()).most_common(1)
    return ZoneInfo(most[0][0]) if most else UTC
