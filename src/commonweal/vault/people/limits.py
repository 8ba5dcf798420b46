"""Codes that anybody may type: how many wrong ones from one place. The limits stand with those of the accounts.

What is right is not counted: at an event hundreds come by one code, from one address.
"""

from allauth.core.internal import ratelimit
from django.http import HttpRequest


def used_up(request: HttpRequest, what: str) -> bool:
    """Whether there were too many wrong tries from this address already."""
    return not _consume(request, what, dry_run=True)


def count(request: HttpRequest, what: str) -> None:
    """One more try that was wrong."""
    _consume(request, what, dry_run=False)


def _consume(request: HttpRequest, what: str, *, dry_run: bool) -> bool:
    answer = ratelimit.consume(request, app="allauth.account", action=what, dry_run=dry_run, limit_get=True)
    return answer is not None
