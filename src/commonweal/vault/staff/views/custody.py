"""Staff write down what they are told: that somebody is held in prison or jail, or free again."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from commonweal.errors import BadInput
from commonweal.vault.people import actions
from commonweal.vault.people.current import latest_custody
from commonweal.vault.people.models import Participant
from commonweal.vault.people.views.custody import CustodyForm
from commonweal.vault.staff import seeing
from commonweal.vault.staff.access import permission_required
from commonweal.vault.staff.views.people import person_or_404


@permission_required("edit_profile")
@require_http_methods(["GET", "POST"])
def custody(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """How it stands, and the one change that there can be."""
    person = person_or_404(request, uuid, "edit_profile")
    latest = latest_custody(person)
    held = latest is not None and latest.held
    form = CustodyForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and _written(request, person, form, held=not held):
        messages.success(request, _("Saved."), extra_tags="good")
        return redirect("staff_person", person.uuid)
    seeing.note(request.user, person, "form", permission="edit_profile")
    return render(request, "staff/custody.html", {"person": person, "form": form, "held": held, "latest": latest})


def _written(request: HttpRequest, person: Participant, form: CustodyForm, *, held: bool) -> bool:
    """The page says what it changes to, so that two who press at once do not turn it round."""
    if request.POST.get("to") != ("held" if held else "free"):
        form.add_error(None, _("This was changed meanwhile, perhaps in another window. Please look again."))
        return False
    try:
        actions.record_custody(person, held, form.moment(), source="staff", by=request.user)
    except BadInput:
        form.add_error("since", _("This day is still to come, or before the last change. Please check it."))
        return False
    return True
