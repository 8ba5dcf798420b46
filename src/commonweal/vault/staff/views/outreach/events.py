"""One event: new, corrected afterwards, its funnel and its links. Entered twice, it is the one that is there."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from commonweal.errors import BadInput, Refused
from commonweal.ui.context import current_protocol
from commonweal.vault.partners import funnels, outreach, partners, places, records, tree
from commonweal.vault.partners.models import Campaign, Event, EventDetails
from commonweal.vault.people.models import Account
from commonweal.vault.staff.access import permission_required
from commonweal.vault.staff.outreach import reach, showing
from commonweal.vault.staff.outreach.forms import EventForm, LinkForm
from commonweal.vault.staff.views.outreach.campaigns import details as campaign_details

managing = permission_required(reach.PERMISSION)


@managing
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """An event by itself."""
    return _enter(request, None)


@managing
@require_http_methods(["GET", "POST"])
def of_campaign(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """An event of a campaign."""
    return _enter(request, reach.campaign_or_404(request.user, uuid))  # type: ignore[arg-type]


def _enter(request: HttpRequest, campaign: Campaign | None) -> HttpResponse:
    account: Account = request.user  # type: ignore[assignment]
    posted = request.POST if request.method == "POST" else None
    form = EventForm(posted, scope=None if campaign else reach.scope_of(account))
    if form.is_bound and form.is_valid():
        whose: Campaign | places.Place = campaign or _place(form)
        key = form.cleaned_data["key"]
        try:
            made = outreach.enter(whose, form.given(), protocol=current_protocol(), by=account, key=key)
        except BadInput as error:
            form.add_error(None, str(error))
        else:
            return _entered(request, made)
    told = campaign_details(campaign) if campaign else None
    return render(request, "staff/outreach/event_form.html", {"form": form, "campaign": campaign, "of": told})


def _place(form: EventForm) -> places.Place:
    level, _colon, id = form.cleaned_data["place"].partition(":")
    return level, id


def _entered(request: HttpRequest, made: outreach.Entered[Event]) -> HttpResponse:
    if made.new:
        messages.success(request, _("The event is entered."), extra_tags="good")
    else:
        said = _("This event was entered before: the same name, day and ZIP. Nothing was doubled. This is it.")
        messages.warning(request, said, extra_tags="caution")
    return redirect("outreach_event", made.one.uuid)


@managing
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A correction, or how many people were met."""
    one = reach.event_or_404(request.user, uuid)  # type: ignore[arg-type]
    told = _details(one)
    initial = {name: getattr(told, name) for name in EventForm.base_fields if hasattr(told, name)} | {"record": told.pk}
    form = EventForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_bound and form.is_valid() and not form.was_overtaken(told):
        try:
            outreach.correct_event(told, form.given(), by=request.user)  # type: ignore[arg-type]
        except (BadInput, Refused) as error:
            form.add_error(None, showing.words_for(error))
        else:
            messages.success(request, _("Saved."), extra_tags="good")
            return redirect("outreach_event", one.uuid)
    return render(request, "staff/outreach/event_form.html", {"form": form, "one": one, "told": told})


def _details(one: Event) -> EventDetails:
    return get_object_or_404(records.standing(EventDetails.objects.filter(event=one)))


@managing
@require_safe
def event(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """How it went."""
    one = reach.event_or_404(request.user, uuid)  # type: ignore[arg-type]
    return render(request, "staff/outreach/event.html", _page(one))


def _page(one: Event, **forms: Any) -> dict[str, Any]:
    protocol, report, told = current_protocol(), funnels.report(current_protocol()), _details(one)
    return {
        "one": one,
        "told": told,
        "campaign": campaign_details(one.campaign) if one.campaign else None,
        "whose": places.name(one.level, one.place, protocol, partners.names()),
        **showing.funnel(report, tree.of_event(one)),
        **showing.counted_with(one, protocol),
        "language": showing.language(told.language),
        "materials": showing.materials(told.materials),
        "links": showing.links(one.links, report),
        "link_form": LinkForm(),
        **forms,
    }


@managing
@require_POST
def link(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One more link."""
    one = reach.event_or_404(request.user, uuid)  # type: ignore[arg-type]
    form = LinkForm(request.POST)
    made = showing.make_link(request, one, form)
    if made is None:
        return render(request, "staff/outreach/event.html", _page(one, link_form=form))
    return redirect("outreach_link", made.invitation.code)
