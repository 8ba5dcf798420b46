"""Taking one's data away: asking for the files, watching them being made, fetching them."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from commonweal import audit
from commonweal.errors import BadInput, Refused
from commonweal.ui.context import language
from commonweal.vault.journey.models import TakeAway
from commonweal.vault.journey.my_data.taking import job
from commonweal.vault.people.access import own_only, the_participant
from commonweal.vault.people.models import Participant

SHOWN = 10  # files of the list
NAMES = {
    TakeAway.ALL: ("my-data.zip", "application/zip"),
    TakeAway.CSV: ("my-data-tables.zip", "application/zip"),
    TakeAway.FHIR: ("my-data.fhir.json", "application/fhir+json"),
    TakeAway.PDF: ("my-data.pdf", "application/pdf"),
}


@own_only
@never_cache
@require_http_methods(["GET", "POST"])
def take(request: HttpRequest) -> HttpResponse:
    """The kinds of files, those asked for, and how far they are."""
    person = the_participant(request)
    if request.method == "POST":
        try:
            job.ask(person, request.POST.get("kind", ""), language=language(), session_key=request.session.session_key)
        except BadInput:
            messages.error(request, _("Choose which file you want."), extra_tags="bad")
        except Refused:
            text = _("You have asked for %(most)s files today. Come back tomorrow for more.") % {"most": job.MOST_A_DAY}
            messages.warning(request, text, extra_tags="caution")
        return redirect("data_take")
    files = _files(request, person)
    working = any(one["it"].state in job.OPEN for one in files)
    template = "journey/data/files.html" if request.headers.get("HX-Request") else "journey/data/take.html"
    context = {"files": files, "working": working, "hours": int(job.KEPT.total_seconds() // 3600)}
    return render(request, template, context | {"fetched": _fetched(person)})


def _files(request: HttpRequest, person: Participant) -> list[dict[str, Any]]:
    here = job.digest_of(request.session.session_key)
    found = TakeAway.objects.filter(participant=person).order_by("-made_at")[:SHOWN]
    return [{"it": one, "here": one.session == here, "name": NAMES[one.kind][0]} for one in found]


def _fetched(person: Participant) -> list[object]:
    """When files were fetched, as the audit has it."""
    return list(audit.about(person, ("data.taken_away", "data.downloaded"), limit=SHOWN))


@own_only
@never_cache
@require_safe
def file(request: HttpRequest, number: UUID) -> HttpResponseBase:
    """The file itself, for the session that asked for it."""
    taken = TakeAway.objects.filter(participant=the_participant(request), uuid=number).first()
    if taken is None:
        raise Http404
    try:
        pieces = job.fetch(taken, request.session.session_key)
    except Refused:
        messages.warning(request, _("This file is not here any more. Have it made anew."), extra_tags="caution")
        return redirect("data_take")
    name, kind = NAMES[taken.kind]
    answer = StreamingHttpResponse(pieces, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Content-Length"] = str(taken.size)
    answer["Cache-Control"] = "no-store"
    return answer
