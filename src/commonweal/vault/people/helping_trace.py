"""What is done for a participant by who helps them leaves a trace under the helper's own account."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from commonweal import audit
from commonweal.vault.people import helping

LOOKING = ("GET", "HEAD", "OPTIONS")


class HelpersTrace:
    """Middleware: `request.helping` is the link under which this session acts, or None; each change is audited."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        link = helping.link_of(request)
        request.helping = link  # type: ignore[attr-defined]
        response = self.get_response(request)
        if link and request.method not in LOOKING and response.status_code < 400:
            page = request.resolver_match.url_name if request.resolver_match else ""
            audit.record("helper.did", actor=request.user, subject=link.participant, page=page or "", kind=link.kind)
        return response
