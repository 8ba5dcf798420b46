"""Invitations: the public way in by a link or a code, and the page on which a participant tells a friend."""

import segno
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from commonweal import disclosure
from commonweal.ui.context import current_protocol
from commonweal.ui.policies import public
from commonweal.vault.people import codes, invitations
from commonweal.vault.people.access import own_only, the_participant


@public
@require_safe
def come_in(request: HttpRequest, code: str) -> HttpResponse:
    """By a link. Whatever the code, the way goes on; who is logged in has come already."""
    if request.user.is_authenticated:
        return redirect("next")
    way = invitations.QR if request.GET.get("by") == "qr" else invitations.LINK
    if invitations.keep(request, code, way) is None:
        said = _("This link is not open any more, or a letter is missing. You can join all the same.")
        messages.warning(request, said, extra_tags="caution")
    return redirect("join")


@public
@require_POST
def code(request: HttpRequest) -> HttpResponse:
    """By a code that somebody typed on the page where one joins."""
    typed = request.POST.get("code", "")[:40]
    if invitations.keep(request, typed, invitations.CODE):
        messages.success(request, _("Thank you. We will remember who invited you."), extra_tags="good")
    else:
        said = _(
            "We do not know this code, or it is not open any more. Please check it. You can join without one, too."
        )
        messages.warning(request, said, extra_tags="caution")
    return redirect("join")


@own_only
@require_safe
def invite(request: HttpRequest) -> HttpResponse:
    """My link, to hand on or to scan; how many came by it is said only where it tells of nobody."""
    mine = invitations.own(the_participant(request))
    link = request.build_absolute_uri(reverse("invitation", args=[mine.code]))
    rule = current_protocol().privacy.disclosure
    policy = disclosure.Policy(min_cell=rule.min_cell, round_to=rule.round_to)
    came = disclosure.count(mine.arrivals.count(), policy).persons or None  # nobody is not told apart from a few
    picture = segno.make(link, error="m").svg_data_uri(scale=5, border=4, dark="#000", light="#fff")
    context = {"link": link, "code": codes.spoken(mine.code), "picture": picture, "came": came, "few": rule.min_cell}
    return render(request, "people/invite.html", context)
