"""Who may see a participant's pages: the participant, known by the session and never by an address; and who helps them."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from commonweal.ui.policies import policy
from commonweal.vault.people import helping, sessions
from commonweal.vault.people.models import Participant


def own_participant(request: HttpRequest) -> Participant | None:
    """The participant whose account this session is; None for visitors and for staff."""
    return getattr(request.user, "participant", None)


def participant_of(request: HttpRequest) -> Participant | None:
    """The participant whose pages these are: the account's own, or the one whom it helps now; None for all others.

    While staff help somebody with a consent (consent/assisted.py), its screens are that person's.
    """
    together = getattr(request, "together", None)
    return together.person if together else helping.acting_for(request) or own_participant(request)


def the_participant(request: HttpRequest) -> Participant:
    """The participant of a page that is theirs alone. Raises PermissionDenied where there is none."""
    person = participant_of(request)
    if person is None:
        raise PermissionDenied("this page belongs to participants")
    return person


def actor_of(request: HttpRequest) -> object:
    """Who does what is done here, as the audit names them: the participant, or the account of who helps them."""
    return the_participant(request) if helping.signs_for_self(request) else request.user


def require_log_in(request: HttpRequest) -> HttpResponseBase | None:
    """A redirect to the log-in page for a visitor; None for who is known."""
    return None if request.user.is_authenticated else sessions.log_in_first(request)


def _participant(request: HttpRequest) -> HttpResponseBase | None:
    answer = require_log_in(request)
    if answer is None:
        the_participant(request)
        answer = _closed_to_helpers(request)
    return answer


def _closed_to_helpers(request: HttpRequest) -> HttpResponseBase | None:
    """Only the pages named in `helping` are open to who acts for another; a new page is closed until it is named."""
    link = helping.link_of(request)
    page = request.resolver_match.url_name if request.resolver_match else ""
    if link is None or helping.may_open(link, page or ""):
        return None
    return not_for_helpers(request)


def not_for_helpers(request: HttpRequest) -> HttpResponseBase:
    """Back home, with the reason."""
    said = _("This page is for the person whom you help, and only they can open it, with their own account.")
    messages.warning(request, said, extra_tags="caution")
    return redirect("home")


def _own(request: HttpRequest) -> HttpResponseBase | None:
    answer = _participant(request)
    return answer if answer is not None or helping.signs_for_self(request) else not_for_helpers(request)


def _signer(request: HttpRequest) -> HttpResponseBase | None:
    answer = _participant(request)
    allowed = helping.signs_for_self(request) or helping.guardian_of(request) is not None
    return answer if answer is not None or allowed else not_for_helpers(request)


participant_only = policy("participant", _participant)
own_only = policy("participant", _own)  # never a helper or guardian, whatever `helping` names
signers_only = policy("participant", _signer)  # the participant, or a guardian where the program has them
account_only = policy("account", require_log_in)
