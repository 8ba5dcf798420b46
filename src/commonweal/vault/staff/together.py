"""The session in which staff help one person with one consent: what it opens, what it closes, and how it ends.

From the beginning on, the device may be in the person's hands. So it shows the screens of that one module and nothing
else, until it is given back and the staff say with their password that it is them. It ends by itself with the decision,
and after an hour.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone

from commonweal import audit
from commonweal.vault.consent.assisted import IN_SESSION, Together, forget_reading
from commonweal.vault.people.models import Account, Participant
from commonweal.vault.staff import policies, seeing

LASTS = timedelta(hours=1)
SCREENS = frozenset({"consent_screen", "consent_check", "consent_sign", "consent_video", "consent_captions"})
OPEN = frozenset({"together_back", "account_logout", "set_language"})
PERMISSION = "assist_consent"


def begin(request: HttpRequest, person: Participant, module: str) -> None:
    """Bind this session to the person and the module. Raises Refused for who may not help them."""
    account: Account = request.user  # type: ignore[assignment]
    policies.check_can_for(account, PERMISSION, person)
    forget_reading(request)
    until = timezone.now() + LASTS
    request.session[IN_SESSION] = {
        "person": str(person.uuid),
        "module": module,
        "until": until.isoformat(),
        "over": False,
    }
    seeing.note(account, person, "consent together", permission=PERMISSION)
    audit.record("assist.began", actor=account, subject=person, module=module)


def given_back(request: HttpRequest) -> str | None:
    """The staff have the device again. The UUID of the person's page."""
    state = request.session.pop(IN_SESSION, None)
    forget_reading(request)
    return state["person"] if state else None


def state_of(request: HttpRequest) -> dict[str, Any] | None:
    return request.session.get(IN_SESSION) if request.user.is_authenticated else None


def _together(request: HttpRequest, state: dict[str, Any], module: str) -> Together | None:
    """Who is helped on this screen; None when it is over, too late, another module, or no longer allowed."""
    late = datetime.fromisoformat(state["until"]) <= timezone.now()
    if state["over"] or late or module != state["module"]:
        return None
    person = Participant.objects.filter(uuid=state["person"]).first()
    account: Account = request.user  # type: ignore[assignment]
    if person is None or not policies.can_for(account, PERMISSION, person):
        return None
    return Together(person, module, account)


class OneModuleAlone:
    """Middleware: while somebody is helped, no other page of the portal opens on this device."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponseBase | None:
        state = state_of(request)
        page = request.resolver_match.url_name if request.resolver_match else ""
        if state is None or page in OPEN:
            return None
        if page in SCREENS:
            request.together = _together(request, state, kwargs.get("module", ""))  # type: ignore[attr-defined]
            if request.together is not None:  # type: ignore[attr-defined]
                return None
        return redirect("together_back")
