"""Who may do what on the research site. Everything not allowed here is denied; every route declares one of `ROLES`."""

from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from commonweal.errors import Refused
from commonweal.ui.policies import policy
from commonweal.workbench.researchers.models import Researcher

ROLES = ("public", "researcher", "api", "outside")
"""`api`: a token or a session, checked by each operation itself; `outside`: pages of the log-in package."""


def can_use_tier(researcher: Researcher | AnonymousUser, tier: str) -> bool:
    """Whether an active researcher holds a grant in force for this tier."""
    if not isinstance(researcher, Researcher) or not researcher.is_active:
        return False
    return researcher.tier_grants.filter(tier=tier, ended_at__isnull=True).exists()


def check_can_use_tier(researcher: Researcher | AnonymousUser, tier: str) -> None:
    if not can_use_tier(researcher, tier):
        raise Refused(f"tier {tier}: this account may not use it; ask the program for access to the tier")


def check_can_count_exactly(researcher: Researcher | None) -> None:
    if not (isinstance(researcher, Researcher) and researcher.is_active and researcher.is_program_staff):
        raise Refused("exact counts are for program staff: leave out the request for an exact count")


def _logged_in(request: HttpRequest) -> HttpResponse | None:
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    if not isinstance(request.user, Researcher):
        raise PermissionDenied
    return None


researchers_only = policy("researcher", _logged_in)
"""Marks a page for researchers who are logged in; others are sent to the log-in page."""
