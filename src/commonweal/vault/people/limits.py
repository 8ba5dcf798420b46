"""How often something may be tried from one place: counted in the site's cache, for doors that anybody can knock at."""

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest


def too_often(request: HttpRequest, what: str, *, most: int, seconds: int) -> bool:
    """Counts this try; whether there were more than `most` of them within `seconds` from this address."""
    key = f"tries:{what}:{get_adapter().get_client_ip(request)}"
    cache.add(key, 0, seconds)
    try:
        return int(cache.incr(key)) > most
    except ValueError:  # it ran out between the two
        cache.set(key, 1, seconds)
        return False
