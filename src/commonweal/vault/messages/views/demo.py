"""In a demonstration: the messages that would be sent, so that one can sign up without a mail server."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_safe

from commonweal.ui.policies import public
from commonweal.vault.messages import outbox


@public
@require_safe
def demo_outbox(request: HttpRequest) -> HttpResponse:
    """The latest messages of the outbox folder with their words. Nowhere but in a demonstration."""
    if not settings.DEMONSTRATION:
        raise Http404
    found = [one | {"at": parse_datetime(one["at"])} for one in outbox.latest()]
    answer = render(request, "post/demo_outbox.html", {"outbox": found})
    answer["Cache-Control"] = "no-store"
    return answer
