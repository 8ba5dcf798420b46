"""Who may see a participant's pages: the participant, known by the session and never by an address."""

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from commonweal.ui.policies import policy
from commonweal.vault.people.models import Participant


def participant_of(request: HttpRequest) -> Participant | None:
    """The participant whose account this session is; None for visitors and for staff."""
    return getattr(request.user, "participant", None)


def the_participant(request: HttpRequest) -> Participant:
    """The participant of a page that is theirs alone. Raises PermissionDenied where there is none."""
    person = participant_of(request)
    if person is None:
        raise PermissionDenied("this page belongs to participants")
    return person


def require_log_in(request: HttpRequest) -> HttpResponseBase | None:
    """A redirect to the log-in page for a visitor; None for who is known."""
    return None if request.user.is_authenticated else redirect_to_login(request.get_full_path())


def _participant(request: HttpRequest) -> HttpResponseBase | None:
    answer = require_log_in(request)
    if answer is None:
        the_participant(request)
    return answer


participant_only = policy("participant", _participant)
