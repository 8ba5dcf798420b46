"""Who may see the staff's pages: by permission, deny by default, and only with a second step to log in."""

from collections.abc import Callable, Sequence

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from commonweal.ui.context import current_protocol
from commonweal.ui.policies import View, policy
from commonweal.vault.people.access import require_log_in
from commonweal.vault.people.models import Account
from commonweal.vault.people.second_step import has_second_step
from commonweal.vault.staff import roles

SECOND_STEP_PAGE = "staff_second_step"


def sites_of(request: HttpRequest) -> Sequence[str]:
    """Ids of the sites whose people this account looks after, in the protocol's order; others that it was given, last."""
    scope = roles.scope_of(request.user, "look_up")
    known = list(current_protocol().sites)
    return [site for site in known if scope.everything or site in scope.sites] + sorted(scope.sites - set(known))


def lacks_second_step(account: Account) -> bool:
    """Whether the account still has to set up a second step; a demonstration asks for none."""
    return not settings.DEMONSTRATION and not has_second_step(account)


def permission_required(*permissions: str) -> Callable[[View], View]:
    """Mark a view of the staff: for who has one of these permissions (any role where none is named)."""
    unknown = set(permissions) - roles.PERMISSIONS
    if unknown:
        raise KeyError(f"no role has the permission {', '.join(sorted(unknown))}")

    def check(request: HttpRequest) -> HttpResponseBase | None:
        answer = require_log_in(request)
        if answer is not None:
            return answer
        has = roles.permissions_of(request.user)
        if not has or (permissions and not has.intersection(permissions)):
            raise PermissionDenied("this page belongs to other staff")
        return redirect(SECOND_STEP_PAGE) if lacks_second_step(request.user) else None

    return policy(f"staff:{'|'.join(sorted(permissions)) or 'any'}", check)


def _staff_setting_up(request: HttpRequest) -> HttpResponseBase | None:
    answer = require_log_in(request)
    if answer is None and not roles.is_staff(request.user):
        raise PermissionDenied("this page belongs to staff")
    return answer


staff_setting_up = policy(
    "staff:second-step", _staff_setting_up
)  # the one page that staff see before their second step
staff_only = permission_required()
site_staff_only = permission_required("see_person")
steward_only = permission_required("releases")
