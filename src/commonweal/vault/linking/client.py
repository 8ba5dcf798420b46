"""Asking a provider for one person's data: Bearer tokens that are renewed once they are stale, and limits that are kept."""

import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import Message
from email.utils import parsedate_to_datetime
from typing import Any

import orjson

from commonweal.vault.linking import oauth
from commonweal.vault.linking.oauth import Ended, Service, Unreachable

MOST_BYTES = 4_000_000  # one day of seconds is far below
_FIRST, _MOST_WAITED = timedelta(minutes=1), timedelta(days=1)
SHORTEST, LONGEST = timedelta(seconds=30), timedelta(hours=24)

__all__ = ["Client", "Ended", "Limited", "Malformed", "Refused", "Unreachable"]


class Limited(Exception):
    """The provider asks to wait for `wait`."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__("limited")
        self.wait = min(max(wait, SHORTEST), LONGEST)


class Refused(Exception):
    """The provider does not give this one thing: the person left it out when agreeing, or it has none of it."""

    def __init__(self, words: str, said: oauth.Said) -> None:
        super().__init__(words)
        self.said = said


class Malformed(Exception):
    """An answer that is not what the provider's interface says."""


@dataclass(frozen=True)
class Manners:
    """What a provider's answers are like. `left`, `reset`: its headers of requests left, and of seconds until there are more.

    `accept`: the form that is asked for; `most_bytes`: an answer that is longer is not read.
    """

    accept: str = "application/json"
    left: str = ""
    reset: str = ""
    most_bytes: int = MOST_BYTES


class Client:
    """One person's way to the provider. `keep` is called with new tokens before they are used: the old ones are spent.

    `base`: the address that paths are under; "" where whole addresses are asked for. `left`: how many requests the provider still allows in this hour, where it
    says so.
    """

    def __init__(
        self,
        provider: Service,
        base: str,
        tokens: dict[str, str],
        keep: Callable[[dict[str, str]], None],
        manners: Manners = Manners(),  # noqa: B008
    ) -> None:
        self.provider, self.base, self.tokens, self.keep, self.manners = provider, base, tokens, keep, manners
        self.left: int | None = None
        self.reset = timedelta(hours=1)

    def get(self, path: str) -> Any:
        """The JSON at `path` under the base. Raises Limited, Ended, Refused, Malformed; Unreachable."""
        if self.left == 0:
            raise Limited(self.reset)
        said = self._ask(path)
        if said.status == 401:
            self._renew()
            said = self._ask(path)
        self._note(said.headers)
        if said.status == 200:
            return _parsed(said.body)
        raise self._failure(said)

    def _ask(self, path: str) -> oauth.Said:
        headers = {"Accept": self.manners.accept, "Authorization": f"Bearer {self.tokens['access_token']}"}
        return oauth.ask(urllib.request.Request(self.base + path, headers=headers), self.manners.most_bytes)

    def _renew(self) -> None:
        self.tokens = oauth.renew(self.provider, self.tokens)
        self.keep(self.tokens)

    def _note(self, headers: Message) -> None:
        left, reset = (
            seconds(headers.get(name, "")) if name else None for name in (self.manners.left, self.manners.reset)
        )
        self.left = left if left is not None else self.left
        self.reset = timedelta(seconds=reset) if reset is not None else self.reset

    def _failure(self, said: oauth.Said) -> Exception:
        """401 after a renewal means that the person ended it there; a scope that was not given is refused with 403."""
        if said.status == 429 or (said.status == 503 and "Retry-After" in said.headers):
            return Limited(wait_told(said.headers, "Retry-After", self.manners.reset) or timedelta(hours=1))
        if said.status == 401:
            return Ended()
        if said.status in (400, 403, 404, 410):
            return Refused(f"answered {said.status}", said)
        return Unreachable(f"answered {said.status}")


def _parsed(body: bytes) -> Any:
    try:
        return orjson.loads(body.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError:
        raise Malformed("no JSON") from None


def seconds(told: str) -> int | None:
    """A number of seconds (or of anything) as headers tell it; None where it is none."""
    return int(told[:9]) if told.isascii() and told.isdigit() else None


def wait_told(headers: Message, *names: str) -> timedelta | None:
    """How long to wait, as the first of these headers says it: in seconds or as a date (RFC 9110, 10.2.3)."""
    for name in filter(None, names):
        told = headers.get(name, "")
        if (number := seconds(told)) is not None:
            return timedelta(seconds=number)
        try:
            return parsedate_to_datetime(told).astimezone(UTC) - datetime.now(UTC)
        except (ValueError, TypeError):
            continue
    return None


def wait_after(attempts: int) -> timedelta:
    """How long to wait after this many attempts in vain: a minute, doubled each time, a day at most."""
    return min(_FIRST * 2 ** min(max(attempts - 1, 0), 20), _MOST_WAITED)
