"""Appointments as the staff of a place see them: a day's list, the wishes that wait, booking, changing, closing."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from commonweal.errors import BadInput, Refused
from commonweal.ui.context import current_protocol
from commonweal.vault.consent.grants import deactivated_at, withdrawn_at
from commonweal.vault.messages import appointments as actions
from commonweal.vault.messages.models import Appointment
from commonweal.vault.people.clock import zone_of
from commonweal.vault.people.current import current_profile, current_site
from commonweal.vault.people.models import Participant
from commonweal.vault.staff import policies, roles, seeing
from commonweal.vault.staff.access import permission_required
from commonweal.vault.staff.forms_appointments import BookForm, DayForm, TimeForm
from commonweal.vault.staff.views.people import person_or_404

PERMISSION = "appointments"
MOST = 200


def _sites(request: HttpRequest) -> list[tuple[str, str]]:
    scope = roles.scope_of(request.user, PERMISSION)
    return [(s.id, s.name) for s in current_protocol().sites.values() if scope.everything or s.id in scope.sites]


@permission_required(PERMISSION)
@require_safe
def day(request: HttpRequest) -> HttpResponse:
    """One day at one site, and the wishes for an appointment there that nobody has answered."""
    sites = _sites(request)
    if not sites:
        raise Http404
    today = timezone.now().date()
    form = DayForm(request.GET or None, sites=sites, today=today, initial={"site": sites[0][0], "day": today})
    said = form.cleaned_data if form.is_valid() else {}
    site = current_protocol().sites[said.get("site") or sites[0][0]]
    zone = zone_of(site.id)
    shown: date = said.get("day") or datetime.now(zone).date()
    if not form.is_bound:
        form.initial |= {"site": site.id, "day": shown}
    begins = datetime.combine(shown, time(), zone).astimezone(UTC)
    ends = datetime.combine(shown + timedelta(days=1), time(), zone).astimezone(UTC)
    mine = policies.people_in_scope(request.user, PERMISSION).filter(withdrawals=None)
    here = Appointment.objects.filter(site=site.id, participant__in=mine)
    booked = here.filter(starts_at__gte=begins, starts_at__lt=ends).order_by("starts_at", "pk")
    asked = here.filter(state=Appointment.ASKED).order_by("made_at")
    context = {
        "form": form,
        "site": site,
        "day": shown,
        "days": {"before": shown - timedelta(days=1), "after": shown + timedelta(days=1)},
        "place_zone": zone,
        "booked": _rows(request, booked),
        "asked": _rows(request, asked),
        "most": MOST,
    }
    return render(request, "staff/appointments.html", context)


def _rows(request: HttpRequest, found: Any) -> list[dict[str, Any]]:
    """With names, since the person comes to the desk; each one shown is written down."""
    rows = []
    for one in found.select_related("participant")[:MOST]:
        seeing.note(request.user, one.participant, "day", action=seeing.LISTED, permission=PERMISSION)
        rows.append({"it": one, "profile": current_profile(one.participant)})
    return rows


@permission_required(PERMISSION)
@require_http_methods(["GET", "POST"])
def book(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A new appointment with this person."""
    person = _reachable(person_or_404(request, uuid, PERMISSION))
    initial = {"site": current_site(person), "minutes": 60}
    form = BookForm(request.POST if request.method == "POST" else None, sites=_sites(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            made = actions.book(
                person, said["site"], said["starts_at"], actor=request.user, kind=said["kind"], minutes=said["minutes"]
            )
        except (BadInput, Refused):
            form.add_error(None, _("This could not be saved. Please check what you wrote."))
        else:
            messages.success(request, _("Booked. The person is told."), extra_tags="good")
            return redirect("staff_appointment", made.uuid)
    seeing.note(request.user, person, "form", permission=PERMISSION)
    return render(request, "staff/appointment_book.html", {"form": form, "person": person})


@permission_required(PERMISSION)
@require_http_methods(["GET", "POST"])
def one(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One appointment: give it a time or another, cancel it, or note whether the person came."""
    found = Appointment.objects.select_related("participant").filter(uuid=uuid).first()
    if found is None or not policies.can_for(request.user, PERMISSION, found.participant):
        raise Http404
    _reachable(found.participant)
    site = current_protocol().sites.get(found.site)
    zone = zone_of(found.site)
    posted = request.POST if request.method == "POST" and request.POST.get("do") == "settle" else None
    form = TimeForm(posted, site=found.site, initial=_initial(found, zone))
    status = 200
    if request.method == "POST" and (posted is None or form.is_valid()):
        try:
            _do(request, found, form)
        except actions.Stale:
            status = 409
            messages.warning(request, _("Somebody else has changed this meanwhile. Look again."), extra_tags="caution")
            found.refresh_from_db()
        except (BadInput, Refused, ValueError):
            status = 400
            messages.error(request, _("This cannot be done with this appointment now."), extra_tags="caution")
            found.refresh_from_db()
        else:
            messages.success(request, _("Saved."), extra_tags="good")
            return redirect("staff_appointment", found.uuid)
    over = found.starts_at is not None and found.starts_at <= timezone.now()
    context = {
        "it": found,
        "form": form,
        "place": site.name if site else found.site,
        "place_zone": zone,
        "may": actions.MOVES[found.state],
        "over": over,
        "profile": current_profile(found.participant),
    }
    seeing.note(request.user, found.participant, "form", permission=PERMISSION)
    return render(request, "staff/appointment.html", context, status=status)


def _do(request: HttpRequest, found: Appointment, form: TimeForm) -> None:
    version, what = int(request.POST.get("version") or 0), request.POST.get("do")
    if what == "settle":
        said = form.cleaned_data
        actions.settle(found, said["starts_at"], version=version, actor=request.user, minutes=said["minutes"])
    elif what == "cancel":
        actions.cancel(found, version=version, actor=request.user)
    else:
        actions.close(found, str(what), version=version, actor=request.user)


def _initial(found: Appointment, zone: tzinfo) -> dict[str, Any]:
    local = found.starts_at.astimezone(zone) if found.starts_at else None
    return {"minutes": found.minutes} | ({"day": local.date(), "clock": local.time()} if local else {})


def _reachable(person: Participant) -> Participant:
    """Nobody who has left, or is to be left in peace, gets an appointment."""
    if withdrawn_at(person) or deactivated_at(person):
        raise Http404
    return person
