"""Asking a provider for one person's data: Bearer tokens that are renewed once they are stale, and limits that are kept."""

import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.message import Message
from email.utils import parsedate_to_datetime
from typing import Any

import orjson

from commonweal.vault.wearables import oauth
from commonweal.vault.wearables.oauth import Ended, Unreachable
from commonweal.vault.wearables.providers import Provider

MOST_BYTES = 4_000_000  # one day of seconds is far below
SHORTEST, LONGEST = timedelta(seconds=30), timedelta(hours=24)
_LEFT, _RESET = "Fitbit-Rate-Limit-Remaining", "Fitbit-Rate-Limit-Reset"  # requests, seconds

__all__ = ["Client", "Ended", "Limited", "Malformed", "Refused", "Unreachable"]


class Limited(Exception):
    """The provider asks to wait for `wait`."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__("limited")
        self.wait = min(max(wait, SHORTEST), LONGEST)


class Refused(Exception):
    """The provider does not give this one thing: the person left it out when agreeing, or it has none of it."""


class Malformed(Exception):
    """An answer that is not what the provider's interface says."""


class Client:
    """One person's way to the provider. `keep` is called with new tokens before they are used: the old ones are spent.

    `left`: how many requests the provider still allows in this hour, where it says so.
    """

    def __init__(self, provider: Provider, tokens: dict[str, str], keep: Callable[[dict[str, str]], None]) -> None:
        self.provider, self.tokens, self.keep = provider, tokens, keep
        self.left: int | None = None
        self.reset = timedelta(hours=1)

    def get(self, path: str) -> Any:
        """The JSON at `path`. Raises Limited, Ended, Refused, Malformed; Unreachable."""
        if self.left == 0:
            raise Limited(self.reset)
        said = self._ask(path)
        if said.status == 401:
            self._renew()
            said = self._ask(path)
        self._note(said.headers)
        if said.status == 200:
            return _parsed(said.body)
        raise _failure(said)

    def _ask(self, path: str) -> oauth.Said:
        headers = {"Accept": "application/json", "Authorization": f"Bearer {self.tokens['access_token']}"}
        return oauth.ask(urllib.request.Request(self.provider.api_url + path, headers=headers), MOST_BYTES)

    def _renew(self) -> None:
        self.tokens = oauth.renew(self.provider, self.tokens)
        self.keep(self.tokens)

    def _note(self, headers: Message) -> None:
        left, reset = headers.get(_LEFT, ""), headers.get(_RESET, "")
        if left.isascii() and left.isdigit():
            self.left = int(left)
        if reset.isascii() and reset.isdigit():
            self.reset = timedelta(seconds=int(reset[:9]))


def _parsed(body: bytes) -> Any:
    try:
        return orjson.loads(body.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError:
        raise Malformed("no JSON") from None


def _failure(said: oauth.Said) -> Exception:
    """401 after a renewal means that the person ended it there; a scope that was not given is refused with 403."""
    if said.status == 429:
        return Limited(_wait(said.headers))
    if said.status == 401:
        return Ended()
    if said.status in (400, 403, 404):
        return Refused(f"answered {said.status}")
    return Unreachable(f"answered {said.status}")


def _wait(headers: Message) -> timedelta:
    """Retry-After in seconds or as a date (RFC 9110, 10.2.3), else the provider's own header, else an hour."""
    for name in ("Retry-After", _RESET):
        told = headers.get(name, "")
        if told.isascii() and told.isdigit():
            return timedelta(seconds=int(told[:9]))
        try:
            return parsedate_to_datetime(told).astimezone(UTC) - datetime.now(UTC)
        except (ValueError, TypeError):
            continue
    return timedelta(hours=1)
