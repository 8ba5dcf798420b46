"""A link on paper: its QR code and its words, to print or to put into a flyer."""

import io
from typing import Any

import segno
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from commonweal.vault.partners import records
from commonweal.vault.partners.models import CampaignDetails, EventDetails, OutreachLink
from commonweal.vault.people import codes
from commonweal.vault.people.models import Account, Invitation
from commonweal.vault.staff.access import permission_required
from commonweal.vault.staff.outreach import reach

managing = permission_required(reach.PERMISSION)
KINDS = {"svg": "image/svg+xml", "png": "image/png"}


@managing
@require_safe
def link(request: HttpRequest, code: str) -> HttpResponse:
    """To print: the QR code, the address and the code to type."""
    found = _found(request, code)
    picture = _qr(request, found.invitation).svg_data_uri(scale=8, border=4, dark="#000", light="#fff")
    context = {
        "invitation": found.invitation,
        "of": _of(found),
        "back": _back(found),
        "link": _address(request, found.invitation),
        "spoken": codes.spoken(found.invitation.code),
        "picture": picture,
    }
    return render(request, "staff/outreach/link.html", context)


@managing
@require_safe
def as_svg(request: HttpRequest, code: str) -> HttpResponse:
    """The QR code as a drawing, for print shops."""
    return _picture(request, code, "svg")


@managing
@require_safe
def as_png(request: HttpRequest, code: str) -> HttpResponse:
    """The QR code as a picture, for documents."""
    return _picture(request, code, "png")


def _picture(request: HttpRequest, code: str, kind: str) -> HttpResponse:
    invitation, out = _found(request, code).invitation, io.BytesIO()
    _qr(request, invitation).save(out, kind=kind, scale=10, border=4, dark="#000", light="#fff")
    answer = HttpResponse(out.getvalue(), content_type=KINDS[kind])
    answer["Content-Disposition"] = f'attachment; filename="qr-{invitation.code}.{kind}"'
    return answer


def _found(request: HttpRequest, code: str) -> OutreachLink:
    account: Account = request.user  # type: ignore[assignment]
    return reach.link_or_404(account, code)


def _address(request: HttpRequest, invitation: Invitation) -> str:
    return request.build_absolute_uri(reverse("invitation", args=[invitation.code]))


def _qr(request: HttpRequest, invitation: Invitation) -> Any:
    return segno.make(f"{_address(request, invitation)}?by=qr", error="m")


def _of(found: OutreachLink) -> str:
    """What it belongs to is called."""
    told: Any = EventDetails.objects.filter(event=found.event) if found.event else None
    told = told if told is not None else CampaignDetails.objects.filter(campaign=found.campaign)
    return str(records.standing(told).get().name)


def _back(found: OutreachLink) -> str:
    if found.event:
        return reverse("outreach_event", args=[found.event.uuid])
    assert found.campaign is not None  # the table's own check
    return reverse("outreach_campaign", args=[found.campaign.uuid])
