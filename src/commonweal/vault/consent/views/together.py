"""The page where a consent is decided together: that of one who is alone, and the witness."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from commonweal.errors import BadInput, Refused
from commonweal.ui.context import current_protocol
from commonweal.vault.consent import actions, assisted
from commonweal.vault.consent.assisted import Together, TogetherForm
from commonweal.vault.consent.reading import what_changed
from commonweal.vault.consent.showing import Shown


def decide(request: HttpRequest, shown: Shown, together: Together) -> HttpResponse:
    """Show the statement and take the answer in; with it the session of the two is over."""
    posted = request.POST if request.method == "POST" else None
    form = TogetherForm(posted, together=together, initials=shown.form.initials)
    if posted is not None and form.is_valid() and _take(shown, form, together):
        assisted.decided(request)
        return redirect("together_back")
    context = {"form": form, "number": shown.parts, "today": timezone.now()}
    return render(request, "consent/sign.html", shown.context | context)


def _take(shown: Shown, form: TogetherForm, together: Together) -> bool:
    try:
        assisted.give(together, shown, form, current_protocol())
    except actions.Superseded:
        form.add_error(None, what_changed(shown.module, shown.text, form.cleaned_data["content_sha256"]))
    except (BadInput, Refused):
        said = _("We could not take your answer down. Nothing has changed. Please call us, and we will help you.")
        form.add_error(None, said)
    else:
        return True
    return False
