"""Who may see the staff's pages: by role, deny by default."""

from collections.abc import Sequence

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from commonweal.ui.policies import policy
from commonweal.vault.people.access import require_log_in
from commonweal.vault.staff import roles


def sites_of(request: HttpRequest) -> Sequence[str]:
    """Ids of the sites whose people this account looks after."""
    return roles.site_staff(request.user)


def _staff(request: HttpRequest) -> HttpResponseBase | None:
    answer = require_log_in(request)
    if answer is None and not (sites_of(request) or roles.is_steward(request.user)):
        raise PermissionDenied("this page belongs to staff")
    return answer


def _site_staff(request: HttpRequest) -> HttpResponseBase | None:
    answer = require_log_in(request)
    if answer is None and not sites_of(request):
        raise PermissionDenied("this page belongs to the staff of a site")
    return answer


def _steward(request: HttpRequest) -> HttpResponseBase | None:
    answer = require_log_in(request)
    if answer is None and not roles.is_steward(request.user):
        raise PermissionDenied("this page belongs to data stewards")
    return answer


staff_only = policy("staff", _staff)
site_staff_only = policy("site_staff", _site_staff)
steward_only = policy("steward", _steward)
