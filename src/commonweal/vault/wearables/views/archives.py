"""A participant hands over what her device saved before, as an exported file, and sees what became of it."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from commonweal.errors import Refused
from commonweal.ui.context import current_protocol
from commonweal.vault.people.access import participant_only, the_participant
from commonweal.vault.people.models import Participant
from commonweal.vault.wearables import uploads
from commonweal.vault.wearables.forms import ArchiveForm
from commonweal.vault.wearables.models import Submission
from commonweal.vault.wearables.rules import PREFIX

SHOWN = 20  # the latest
REASONS: dict[str, Promise] = {
    "cut_off": gettext_lazy("The file is not complete. Please download or export it again."),
    "encrypted": gettext_lazy("The file is locked with a password. Please save it without one."),
    "packed_otherwise": gettext_lazy(
        "The file is packed in a way that we cannot read. Please download it again and send it just as it comes."
    ),
    "too_large": gettext_lazy("There is more in the file than we can take. Please export a shorter time."),
    "nothing_known": gettext_lazy("We found no data of a Fitbit or an Apple Watch in the file."),
    "another_person": gettext_lazy("The file seems to be about another person. Please send only your own data."),
    "another_account": gettext_lazy(
        "The file is from another account than your data so far. Please write to us about it."
    ),
    "several_accounts": gettext_lazy("The file has data of several accounts. Please send only your own data."),
    "interrupted": gettext_lazy("Something went wrong on our side. Please send the file again."),
}


@dataclass(frozen=True)
class Row:
    """One file that was handed over: `days` that were new; `left_out`: whether something in it could not be used."""

    record: Submission
    days: int
    left_out: bool
    not_shared: bool
    reason: Promise | str


@participant_only
@require_http_methods(["GET", "HEAD", "POST"])
def archives(request: HttpRequest) -> HttpResponse:
    """The form, and the files handed over so far."""
    person = the_participant(request)
    posted = request.method == "POST"
    form = ArchiveForm(request.POST if posted else None, request.FILES if posted else None)
    if posted and form.is_valid():
        return _hand_over(request, person, form)
    told: dict[str, Any] = {
        "form": form,
        "allowed": uploads.may_upload(person),
        "module": _module(),
        "rows": _rows(person),
    }
    return render(request, "wearables/archives.html", told)


def _hand_over(request: HttpRequest, person: Participant, form: ArchiveForm) -> HttpResponse:
    file = form.cleaned_data["file"]
    try:
        uploads.hand_over(person, file.chunks(), ending=form.ending_of(file.name), actor=request.user)
    except Refused:
        messages.error(request, _("You do not share this device with us at the moment, so nothing was taken in."))
    else:
        said = _("Thank you. We have your file. Reading it takes a few minutes; you will see here what came of it.")
        messages.success(request, said, extra_tags="good")
    return redirect("wearables_archives")


def _module() -> str:
    """The consent that it needs."""
    modules = current_protocol().consents.values()
    return next((one.id for one in modules if any(scope.startswith(PREFIX) for scope in one.scopes)), "")


def _rows(person: Participant) -> list[Row]:
    mine = Submission.objects.filter(participant=person, source=uploads.SOURCE).order_by("-received_time", "-pk")
    return [_row(one) for one in mine[:SHOWN]]


def _row(record: Submission) -> Row:
    counts = record.counts
    reason = REASONS.get(record.reason, REASONS["interrupted"]) if record.state == Submission.REFUSED else ""
    not_shared, rejected = counts.get("not_shared", 0), counts.get("rejected", 0)
    days = counts.get("tables", {}).get("wear_day", 0)
    return Row(record, days, bool(rejected - not_shared or counts.get("faults")), bool(not_shared), reason)
