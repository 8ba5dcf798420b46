"""How long somebody stays logged in: until they have been away for a while, and never longer than a working day."""

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from allauth.core.exceptions import RateLimited
from allauth.core.internal.ratelimit import respond_429
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

STARTED, SEEN, KIND = "session_started", "session_seen", "session_kind"
SAFE = ("GET", "HEAD", "OPTIONS")
NOTED_EVERY = 60  # seconds: a session is not written at each page


class Limits:
    """Middleware: ends a session after its idle time or its longest time; logging in leads back to the same page.

    A page that renews itself (htmx) is no sign of a person. Staff have a shorter idle time; who is both is staff.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self._ended(request) if request.user.is_authenticated else None
        return answer or self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return respond_429(request) if isinstance(exception, RateLimited) else None

    def _ended(self, request: HttpRequest) -> HttpResponse | None:
        now = time.time()
        if not is_over(request, now):
            _note(request, now)
            return None
        logout(request)
        messages.info(request, _("You were logged out, to protect your pages. What you had saved is kept."))
        return _onwards(request)


def begin(request: HttpRequest, account: Any, now: float | None = None) -> None:
    """The session of somebody who just logged in begins now."""
    at = time.time() if now is None else now
    request.session.update({STARTED: at, SEEN: at, KIND: _kind(account)})


def is_over(request: HttpRequest, now: float) -> bool:
    session = request.session
    if STARTED not in session:
        begin(request, request.user, now)
    idle = settings.SESSION_IDLE_SECONDS[session[KIND]]
    return bool(now - session[SEEN] > idle or now - session[STARTED] > settings.SESSION_LONGEST_SECONDS)


def _note(request: HttpRequest, now: float) -> None:
    by_itself = "HX-Request" in request.headers and request.method == "GET"
    if not by_itself and now - request.session[SEEN] > NOTED_EVERY:
        request.session[SEEN] = now


def _kind(account: Any) -> str:
    """Staff have roles; who has neither roles nor a participant yet counts as staff: the shorter time."""
    return "participant" if hasattr(account, "participant") and not account.staff_roles.exists() else "staff"


def _onwards(request: HttpRequest) -> HttpResponse | None:
    """What somebody sees whose session is over: a page goes on for a visitor; what was sent waits for a log-in."""
    if "HX-Request" in request.headers:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return None if request.method in SAFE else log_in_first(request)


def log_in_first(request: HttpRequest) -> HttpResponse:
    """To the log-in, and then back: to this page, or to the one whose form was sent, since not every form has its own."""
    return redirect_to_login(request.get_full_path() if request.method in SAFE else _where_it_stood(request))


def _where_it_stood(request: HttpRequest) -> str:
    referer = request.headers.get("Referer", "")
    here = url_has_allowed_host_and_scheme(referer, {request.get_host()}, require_https=request.is_secure())
    page = urlsplit(referer)._replace(scheme="", netloc="", fragment="").geturl() if here else ""
    return page if url_has_allowed_host_and_scheme(page, None) else request.get_full_path()
