"""Leaving a page in a hurry, because somebody else must not see it."""

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from commonweal.ui.policies import policy
from commonweal.vault.people.access import require_log_in

ELSEWHERE = "https://www.weather.gov/"  # a page that anybody may have open


@policy("account", require_log_in)
@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """End the session and go to the weather; Back shows nothing any more.

    The page goes on by itself and without a script: a redirect after a form may not lead to another site (the pages'
    own policy), and what the browser kept of the pages before is asked to go.
    """
    logout(request)
    answer = render(request, "surveys/left.html", {"elsewhere": ELSEWHERE})
    answer["Cache-Control"] = "no-store"
    answer["Clear-Site-Data"] = '"cache"'
    return answer
