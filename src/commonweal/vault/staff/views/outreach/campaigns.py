"""One campaign: new, corrected, its funnel, its costs, its links and events."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from commonweal.errors import BadInput, Refused
from commonweal.ui.context import current_protocol
from commonweal.vault.partners import funnels, outreach, partners, places, records, spending, tree
from commonweal.vault.partners.models import Campaign, CampaignDetails, Cost
from commonweal.vault.people.models import Account
from commonweal.vault.staff.access import permission_required
from commonweal.vault.staff.outreach import reach, showing
from commonweal.vault.staff.outreach.forms import CampaignForm, CostForm, LinkForm
from commonweal.vault.staff.views.outreach import listing

managing = permission_required(reach.PERMISSION)


@managing
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A new campaign of one of one's places; the same form sent twice makes one."""
    account: Account = request.user  # type: ignore[assignment]
    form = CampaignForm(request.POST if request.method == "POST" else None, scope=reach.scope_of(account))
    if form.is_bound and form.is_valid():
        level, _colon, id = form.cleaned_data["place"].partition(":")
        key = form.cleaned_data["key"]
        try:
            made = outreach.begin((level, id), form.given(), protocol=current_protocol(), by=account, key=key)
        except BadInput as error:
            form.add_error(None, str(error))
        else:
            said = _("The campaign is entered.") if made.new else _("This form was sent before. The campaign is here.")
            messages.success(request, said, extra_tags="good")
            return redirect("outreach_campaign", made.one.uuid)
    return render(request, "staff/outreach/campaign_form.html", {"form": form})


@managing
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A correction: what was entered before stays in the history."""
    one = reach.campaign_or_404(request.user, uuid)  # type: ignore[arg-type]
    told = details(one)
    initial = {name: getattr(told, name) for name in CampaignForm.base_fields if hasattr(told, name)} | {
        "record": told.pk
    }
    form = CampaignForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_bound and form.is_valid() and not form.was_overtaken(told):
        try:
            outreach.correct_campaign(told, form.given(), protocol=current_protocol(), by=request.user)  # type: ignore[arg-type]
        except (BadInput, Refused) as error:
            form.add_error(None, showing.words_for(error))
        else:
            messages.success(request, _("Saved."), extra_tags="good")
            return redirect("outreach_campaign", one.uuid)
    return render(request, "staff/outreach/campaign_form.html", {"form": form, "one": one, "told": told})


def details(one: Campaign) -> CampaignDetails:
    return get_object_or_404(records.standing(CampaignDetails.objects.filter(campaign=one)))


@managing
@require_safe
def campaign(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """How it stands."""
    one = reach.campaign_or_404(request.user, uuid)  # type: ignore[arg-type]
    return render(request, "staff/outreach/campaign.html", page(request, one))


def page(request: HttpRequest, one: Campaign, **forms: Any) -> dict[str, Any]:
    """All that the page of a campaign shows; `forms`: those that were sent and have to be put right."""
    protocol, report, told = current_protocol(), funnels.report(current_protocol()), details(one)
    account: Account = request.user  # type: ignore[assignment]
    events = [row for row in listing.event_rows(account, report) if row["one"].campaign_id == one.pk]
    return {
        "one": one,
        "told": told,
        "whose": places.name(one.level, one.place, protocol, partners.names()),
        **showing.funnel(report, tree.of_campaign(one)),
        **showing.lists(told, protocol),
        **showing.counted_with(one, protocol),
        "links": showing.links(one.links, report),
        "events": events,
        "costs": records.standing(one.costs.all()).order_by("-day", "-pk"),
        "cost_form": CostForm(),
        "link_form": LinkForm(),
        **forms,
    }


@managing
@require_POST
def spend(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A cost entry."""
    one = reach.campaign_or_404(request.user, uuid)  # type: ignore[arg-type]
    form = CostForm(request.POST)
    if not form.is_valid():
        return render(request, "staff/outreach/campaign.html", page(request, one, cost_form=form))
    spending.spend(one, form.given(), by=request.user, key=form.cleaned_data["key"])  # type: ignore[arg-type]
    messages.success(request, _("The cost is entered."), extra_tags="good")
    return redirect("outreach_campaign", one.uuid)


@managing
@require_POST
def take_back(request: HttpRequest, uuid: UUID, number: int) -> HttpResponse:
    """A cost that was entered in error."""
    one = reach.campaign_or_404(request.user, uuid)  # type: ignore[arg-type]
    cost = get_object_or_404(records.standing(Cost.objects.filter(campaign=one)), pk=number)
    try:
        spending.take_back(cost, by=request.user)  # type: ignore[arg-type]
    except Refused as error:
        messages.error(request, showing.words_for(error), extra_tags="bad")
    else:
        messages.success(request, _("The cost is taken back. It stays in the history."), extra_tags="good")
    return redirect("outreach_campaign", one.uuid)


@managing
@require_POST
def link(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One more link."""
    one = reach.campaign_or_404(request.user, uuid)  # type: ignore[arg-type]
    form = LinkForm(request.POST)
    made = showing.make_link(request, one, form)
    if made is None:
        return render(request, "staff/outreach/campaign.html", page(request, one, link_form=form))
    return redirect("outreach_link", made.invitation.code)
