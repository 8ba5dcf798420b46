"""A participant's appointments: ask for one, see them, cancel one, take one into one's calendar."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from commonweal.errors import Refused
from commonweal.ui.context import current_protocol, words
from commonweal.vault.messages import appointments as actions
from commonweal.vault.messages import calendar
from commonweal.vault.messages.forms import AskForm
from commonweal.vault.messages.models import Appointment
from commonweal.vault.people.access import actor_of, participant_only, the_participant
from commonweal.vault.people.current import current_site
from commonweal.vault.people.models import Participant


def listed(person: Participant) -> list[dict[str, Any]]:
    """Appointments with the name of their place and whether they are still to come, the next one first."""
    now, sites = timezone.now(), current_protocol().sites
    found = []
    for one in Appointment.objects.filter(participant=person).order_by(F("starts_at").asc(nulls_last=True), "pk"):
        site = sites.get(one.site)
        place = f"{site.name}, {site.city}" if site else one.site
        open_now = one.state == Appointment.ASKED or (
            one.state == Appointment.BOOKED and one.starts_at is not None and one.starts_at > now
        )
        found.append({"it": one, "place": place, "open": open_now})
    return found


@participant_only
@require_http_methods(["GET", "POST"])
def appointments(request: HttpRequest) -> HttpResponse:
    """The list, and a form to ask for one."""
    person = the_participant(request)
    sites = [(site.id, f"{site.name} · {site.city}, {site.state}") for site in current_protocol().sites.values()]
    posted = request.POST if request.method == "POST" else None
    form = AskForm(posted, sites=sites, initial={"site": current_site(person)})
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            actions.ask(person, said["site"], said["wish"], said["kind"], actor=actor_of(request))
        except Refused:
            form.add_error(None, _("We cannot take this wish now. Perhaps some wait already; call us if it is urgent."))
        else:
            messages.success(request, _("Thank you. We will write to you with a time."), extra_tags="good")
            return redirect("appointments")
    return render(request, "post/appointments.html", {"form": form, "appointments": listed(person)})


@participant_only
@require_POST
def cancel(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The person cannot come."""
    person = the_participant(request)
    one = get_object_or_404(Appointment, uuid=uuid, participant=person)
    try:
        actions.cancel(one, version=int(request.POST.get("version") or 0), actor=actor_of(request), tell=False)
    except (Refused, ValueError):
        said, kind = _("This appointment has changed meanwhile. Please look again."), "caution"
    else:
        said, kind = _("Cancelled. You can ask for another time below."), "good"
    messages.info(request, said, extra_tags=kind)
    return redirect("appointments")


@participant_only
@require_safe
def to_calendar(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The appointment as a file for the person's own calendar."""
    one = get_object_or_404(Appointment, uuid=uuid, participant=the_participant(request))
    if one.starts_at is None:
        raise Http404
    site, program = current_protocol().sites.get(one.site), current_protocol().program
    place = f"{site.name}, {site.city}, {site.state}" if site and one.kind == Appointment.VISIT else ""
    text = calendar.event(one, words(program.name), place, timezone.now())
    answer = HttpResponse(text.encode(), content_type=calendar.MEDIA_TYPE)
    answer["Content-Disposition"] = 'attachment; filename="appointment.ics"'
    return answer
