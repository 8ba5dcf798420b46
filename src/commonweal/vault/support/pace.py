"""How often one place may write to a form that is open to everybody."""

from django.core.cache import cache
from django.http import HttpRequest

from commonweal.audit.opaque import signed

AN_HOUR = 20


def too_often(request: HttpRequest, what: str, most: int = AN_HOUR) -> bool:
    """Counts this attempt; True where there were more than `most` within an hour from the same account or address.

    The address is kept only as a keyed digest, for that hour.
    """
    who = (
        f"account:{request.user.pk}" if request.user.is_authenticated else f"from:{request.META.get('REMOTE_ADDR', '')}"
    )
    key = f"pace:{what}:{signed(who.encode())[:32]}"
    cache.add(key, 0, 3600)
    return int(cache.incr(key)) > most
