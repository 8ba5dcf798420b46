"""A bulk server, asked politely: a token that is renewed when it is stale, waits that are kept, and no word that it says
in our errors."""

import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import Message
from http.client import HTTPException
from typing import Any
from urllib.parse import urlencode

import orjson

from commonweal.errors import BadInput
from commonweal.protocol.addresses import is_safe
from commonweal.protocol.clinics import Export
from commonweal.vault.linking import oauth, signing
from commonweal.vault.linking.client import wait_after, wait_told
from commonweal.vault.records.mediated import discovery
from commonweal.vault.records.mediated.pages import issue_codes, origin

TRIES = 6  # of one request that fails for a time
LONGEST = timedelta(minutes=10)  # that is waited for at once
TIMEOUT = 60.0  # seconds without a byte
_MOST = 10_000_000  # bytes of an answer that is no file
_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})


class Failed(BadInput):
    """The server did not do its part; the words name where and the kinds of its errors, and nothing that it said."""


class Gone(Failed):
    """What the server had is not there any more: the export has to be begun anew."""


@dataclass
class Server:
    """One site's server. `sleep` waits so many seconds, and is told why (`say`)."""

    export: Export
    key: signing.Key
    sleep: Callable[[float], None] = time.sleep
    say: Callable[[str], None] = lambda words: None
    token: str = ""
    token_url: str = field(default="")

    def ask(self, url: str, *, headers: dict[str, str] | None = None, method: str = "GET") -> oauth.Said:
        """The answer, once it is a lasting one: stale tokens are renewed, and what fails for a time is asked again.

        Raises Failed where it goes on failing.
        """
        for attempt in range(1, TRIES + 1):
            said = self._once(url, headers or {}, method)
            if said is None or said.status in _AGAIN:
                self.wait(attempt, said.headers if said else None)
            elif said.status == 401 and attempt < TRIES:
                self.token = ""
            else:
                return said
        raise Failed(f"the server did not answer {TRIES} times{_told(said)}; try again later, it goes on where it was")

    def _once(self, url: str, headers: dict[str, str], method: str) -> oauth.Said | None:
        request = urllib.request.Request(url, headers=headers | self.bearer(url), method=method)
        try:
            return oauth.ask(request, _MOST, TIMEOUT)
        except oauth.Unreachable:
            return None

    @contextmanager
    def stream(self, url: str, headers: dict[str, str]) -> Iterator[Any]:
        """An answer to be read piece by piece. Raises oauth.Unreachable; urllib.error.HTTPError for its status."""
        request = urllib.request.Request(url, headers=headers | self.bearer(url))
        try:
            with oauth.opener.open(request, timeout=TIMEOUT) as answer:
                yield answer
        except urllib.error.HTTPError:
            raise
        except (OSError, HTTPException):
            raise oauth.Unreachable("no answer") from None

    def wait(self, attempt: int, headers: Message | None = None) -> None:
        """Wait as long as the server asks for (ten minutes at most), or longer each time where it does not say."""
        asked = wait_told(headers, "Retry-After") if headers else None
        seconds = min(max(asked or wait_after(attempt) / 12, timedelta(seconds=1)), LONGEST).total_seconds()
        self.say(f"the server is not ready; asking again in {seconds:.0f} seconds")
        self.sleep(seconds)

    def bearer(self, url: str) -> dict[str, str]:
        """The token goes to the export's own server, or where it leads over https; elsewhere nothing is asked at all."""
        if not is_safe(url):
            raise Failed("the server leads to an address that is not safe")
        if origin(url) != origin(self.export.fhir_base):
            return {}  # files may lie in a store with addresses that need no token, which must not get ours
        self.token = self.token or self._new_token()
        return {"Authorization": f"Bearer {self.token}"}

    def _new_token(self) -> str:
        self.token_url = self.token_url or self._door()
        signed = signing.assertion(
            self.key, self.export.key_id, self.export.client_id, self.token_url, self.export.algorithm
        )
        form = {
            "grant_type": "client_credentials",
            "scope": " ".join(f"system/{kind}.read" for kind in self.export.types) or "system/*.read",
            "client_assertion_type": oauth.ASSERTION,
            "client_assertion": signed,
        }
        request = urllib.request.Request(self.token_url, urlencode(form).encode(), {"Accept": "application/json"})
        try:
            said = oauth.ask(request)
            token = orjson.loads(said.body).get("access_token") if said.status == 200 else None
        except (oauth.Unreachable, orjson.JSONDecodeError, AttributeError):
            raise Failed("the server's token endpoint did not answer as it should") from None
        if not isinstance(token, str) or not token:
            raise Failed("the server gave no token: is client_id, key and key_id in clinics.toml as it knows them?")
        return token

    def _door(self) -> str:
        try:
            told = discovery.fetch(self.export.fhir_base)
        except oauth.Unreachable:
            raise Failed("the server's /.well-known/smart-configuration could not be read") from None
        door = told.get("token_endpoint") if isinstance(told, dict) else None
        if not isinstance(door, str) or not is_safe(door):
            raise Failed("the server's configuration names no safe token endpoint")
        return door


def _told(said: oauth.Said | None) -> str:
    return f" (at last {said.status}{kinds_of_error(said.body)})" if said else ""


def kinds_of_error(body: bytes) -> str:
    """` (exception, timeout)`: the issue codes of an OperationOutcome; "" where it is none."""
    try:
        codes = issue_codes(orjson.loads(body))
    except orjson.JSONDecodeError:
        return ""
    return f" ({', '.join(codes)})" if codes else ""
