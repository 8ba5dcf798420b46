"""The pure part of connections: names of scopes, and when a provider that did not answer is told again."""

from datetime import timedelta

PREFIX = "wearables:"
_FIRST, _LONGEST = timedelta(minutes=1), timedelta(days=1)


def scope_of(provider: str) -> str:
    """The grant under which data of this provider may come in."""
    return f"{PREFIX}{provider}"


def wait_after(attempts: int) -> timedelta:
    """How long to wait after this many attempts in vain: a minute, doubled each time, a day at most."""
    return min(_FIRST * 2 ** min(max(attempts - 1, 0), 20), _LONGEST)
