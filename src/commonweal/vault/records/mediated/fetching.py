"""Reading one person's records from their clinic, page by page, until all is read, a limit is met, or the time is up.

Before each page it is asked whether it may still be read. Each page is sealed into the inbox together with the note of
where the next one is, so that a reader that was killed goes on from there.
"""

import time
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from commonweal.protocol.clinics import Clinic
from commonweal.vault.linking.client import Client, Ended, Limited, Malformed, Refused, Unreachable
from commonweal.vault.linking.sealing import Broken, seal_bytes, unseal_bytes
from commonweal.vault.records.mediated import inbox, pages, searches
from commonweal.vault.records.mediated.pages import Page
from commonweal.vault.records.mediated.room import ROOM
from commonweal.vault.records.mediated.scopes import granted
from commonweal.vault.records.mediated.searches import Search
from commonweal.vault.records.models import ClinicConnection, ClinicFetch

PATIENCE = 60.0  # seconds for one person in one round of the worker
MOST_PAGES = 200  # of one person in one round of the worker, so that others have their turn
LONGEST = 20_000  # pages of one round, however often the worker comes back to it; beyond, a server goes in a circle
CLAIM = timedelta(minutes=15)  # longer than a page and the waits around it take
OVERLAP = timedelta(days=1)  # clocks differ, and servers index late


@dataclass
class Outcome:
    """What came of it. `trouble`: as in ClinicFetch; `wait`: what the clinic asks for; `whole`: all is read.

    `ended`: the clinic knows us no longer; `stopped`: it may not be read any more.
    """

    trouble: str = ""
    wait: timedelta | None = None
    pages: int = 0
    whole: bool = False
    ended: bool = False
    stopped: bool = False


def read(fetch: ClinicFetch, clinic: Clinic, client: Client) -> Outcome:
    """Read what is due. Never raises for what a clinic says or does not say."""
    found = Outcome()
    try:
        _Reader(fetch, clinic, client, found).run()
    except Limited as limited:
        found.trouble, found.wait = ClinicFetch.LIMITED, limited.wait
    except Ended:
        found.ended = True
    except Unreachable:
        found.trouble = ClinicFetch.UNREACHABLE
    except Malformed:
        found.trouble = ClinicFetch.MALFORMED
    return found


def may_be_read(connection: ClinicConnection) -> bool:
    """Whether the connection stands and its person shares health records at this moment."""
    standing = ClinicConnection.objects.filter(pk=connection.pk, state=ClinicConnection.CONNECTED)
    return standing.exists() and ROOM.may_connect(connection.participant, connection.provider, timezone.now())


class _Reader:
    """One person's round, as far as it goes now."""

    def __init__(self, fetch: ClinicFetch, clinic: Clinic, client: Client, found: Outcome) -> None:
        self.fetch, self.clinic, self.client, self.found = fetch, clinic, client, found
        self.connection = fetch.connection
        self.patient = client.tokens["patient"]
        self.until = time.monotonic() + PATIENCE

    def run(self) -> None:
        if self.fetch.began_at is None:
            self._begin()
        for search in searches.searches_of(self.clinic, granted(self.client.tokens.get("scope", ""))):
            if search.name not in self.fetch.done and not self._search(search):
                return
        self.found.whole = True

    def _begin(self) -> None:
        start = {
            "began_at": timezone.now(),
            "done": [],
            "current": "",
            "link": b"",
            "pages": 0,
            "counts": {},
            "refused": [],
        }
        _save(self.fetch, **start)

    def _search(self, search: Search) -> bool:
        """Read one search to its end; False where it must stop before."""
        path = self._link() if self.fetch.current == search.name else ""
        while True:
            if not self._may_go_on():
                return False
            page = self._page(search, path)
            if page.next and self.fetch.pages >= LONGEST:
                self._give_up(search, page)
            if not self._keep(search, page):
                return False
            if not page.next:
                return True
            path = page.next

    def _may_go_on(self) -> bool:
        if not may_be_read(self.connection):
            self.found.stopped = True
        out_of_turn = self.found.pages >= MOST_PAGES or time.monotonic() > self.until
        return not self.found.stopped and not out_of_turn

    def _page(self, search: Search, path: str) -> Page:
        """The page at `path`, or the first one. A search that the clinic refuses is an empty page, and is noted.

        A next page that is not there any more (servers forget them) begins the search again.
        """
        since = self.fetch.since
        tried = [path] if path else []
        asked = (search.address(self.patient, since), search.plain(self.patient))
        for one in (*tried, *(self.clinic.fhir_base + path for path in asked)):
            try:
                return pages.read(self.client.get(one), self.patient, one)
            except Refused as refused:
                if search.type == "Patient":
                    raise Malformed("no patient") from None
                if refused.said.status != 400 and one != path:
                    break
        self.fetch.refused = [*self.fetch.refused, search.name]
        return Page()

    def _give_up(self, search: Search, page: Page) -> None:
        """The search ends with this page, though the server names a next one; it is noted as one that it does not give whole."""
        page.next = ""
        self.fetch.refused = [*self.fetch.refused, search.name]

    def _link(self) -> str:
        if not self.fetch.link:
            return ""
        try:
            return unseal_bytes(ROOM.name, self.connection.uuid.bytes, bytes(self.fetch.link)).decode()
        except Broken:
            return ""

    @transaction.atomic
    def _keep(self, search: Search, page: Page) -> bool:
        """Seal the page and note how far it was read; both or neither, and neither once the connection is cut."""
        standing = ClinicConnection.objects.select_for_update().filter(pk=self.connection.pk)
        if not standing.filter(state=ClinicConnection.CONNECTED).exists():
            self.found.stopped = True
            return False
        number = self.fetch.pages + 1
        if page.lines:
            inbox.put(self.connection, number, page.lines)
        link = seal_bytes(ROOM.name, self.connection.uuid.bytes, page.next.encode()) if page.next else b""
        _save(
            self.fetch,
            pages=number,
            counts=dict(Counter(self.fetch.counts) + page.counts),
            done=self.fetch.done if page.next else [*self.fetch.done, search.name],
            current=search.name if page.next else "",
            link=link,
            refused=self.fetch.refused,
            claimed_until=timezone.now() + CLAIM,
        )
        self.found.pages += 1
        return True


def _save(fetch: ClinicFetch, **fields: object) -> None:
    ClinicFetch.objects.filter(pk=fetch.pk).update(**fields)
    for name, value in fields.items():
        setattr(fetch, name, value)


def finished(fetch: ClinicFetch, clinic: Clinic, now: datetime) -> dict[str, object]:
    """The fields of a fetch whose round is read to its end."""
    began = fetch.began_at or now
    return {
        "read_at": now,
        "since": began - OVERLAP,
        "began_at": None,
        "done": [],
        "current": "",
        "link": b"",
        "trouble": "",
        "attempts": 0,
        "next_at": now + timedelta(days=clinic.every_days),
    }
