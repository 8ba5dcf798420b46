"""Where staff begin: the page of their role, or setting up a second step."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from commonweal.vault.staff import navigation
from commonweal.vault.staff.access import lacks_second_step, staff_only, staff_setting_up


@staff_only
@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """To the first page that one's roles open."""
    return redirect(navigation.tabs(request.user)[0].url)


@staff_setting_up
@require_safe
def second_step(request: HttpRequest) -> HttpResponse:
    """Why a second step is needed, and where to set one up."""
    return render(request, "staff/second_step.html", {"done": not lacks_second_step(request.user)})
