"""Look-up, and one person as the staff whom they belong to may see them."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from commonweal.errors import BadInput, Refused
from commonweal.vault.consent.leaving import withdrawal_of
from commonweal.vault.consent.leaving_rules import is_reduced
from commonweal.vault.people.current import current_profile
from commonweal.vault.people.models import Participant
from commonweal.vault.staff import lookup, policies, sections
from commonweal.vault.staff.access import permission_required, sites_of
from commonweal.vault.staff.forms import LookUpForm


@permission_required("look_up")
@require_http_methods(["GET", "POST"])
def look_up(request: HttpRequest) -> HttpResponse:
    """Find one person. What is sought travels in the body, never in an address."""
    posted = request.POST if request.method == "POST" else None
    form = LookUpForm(posted, sites=sites_of(request))
    found = None
    if posted is not None and form.is_valid():
        try:
            found = lookup.find(request.user, **form.cleaned_data)
        except (BadInput, Refused) as error:
            form.add_error(None, form.words_for(error))
    cut = found is not None and len(found) >= lookup.MOST
    context = {"form": form, "found": found, "cut": cut, "most": lookup.MOST}
    return render(request, "staff/look_up.html", context, status=429 if form.too_often else 200)


@permission_required("see_person")
@require_safe
def person(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One person; one who is not the account's is not found, as if nobody were there."""
    try:
        found = lookup.open_person(request.user, uuid)
    except Refused:
        raise Http404 from None
    opened = sections.Opened(found, request.user, timezone.now())
    context = {"person": found, "profile": current_profile(found), "opened": opened, "sections": sections.of(opened)}
    return render(request, "staff/person.html", context)


def person_or_404(request: HttpRequest, uuid: UUID, permission: str) -> Participant:
    """The person of a form; 404 for who is not one of those for whom the account has this permission.

    Of who left there is but the page itself, once the view of them is reduced.
    """
    found = Participant.objects.filter(uuid=uuid).first()
    if found is None or not policies.can_for(request.user, permission, found):
        raise Http404
    if permission != "see_person" and is_reduced(withdrawal_of(found), timezone.now()):
        raise Http404
    return found
