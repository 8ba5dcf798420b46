"""A participant's consents: the list, each as a page that says all that the PDF says, and the PDF itself."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from commonweal import audit
from commonweal.errors import Refused
from commonweal.ui.context import current_protocol, words
from commonweal.vault.consent import documents
from commonweal.vault.consent.contents import contents_of
from commonweal.vault.consent.models import ConsentAnswer, ConsentDocument
from commonweal.vault.consent.signing import HEIGHT, WIDTH
from commonweal.vault.people.access import participant_only, the_participant
from commonweal.vault.people.models import Participant


@dataclass(frozen=True)
class Listed:
    """One answer in the list; `document` where a copy of it was made here."""

    answer: ConsentAnswer
    title: str
    document: ConsentDocument | None
    latest: bool


def listed(person: Participant) -> list[Listed]:
    """All answers, newest first."""
    modules, seen, found = current_protocol().consents, set[str](), []
    made = {one.answer_id: one for one in ConsentDocument.objects.filter(answer__participant=person)}
    for answer in person.consent_answers.order_by("-event_time", "-id"):
        title = words(modules[answer.module].title) if answer.module in modules else answer.module
        found.append(Listed(answer, title, made.get(answer.pk), answer.module not in seen))
        seen.add(answer.module)
    return found


@participant_only
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Everything that was answered, with its copies."""
    given = listed(the_participant(request))
    context = {"given": [one for one in given if one.latest], "earlier": [one for one in given if not one.latest]}
    return render(request, "consent/documents.html", context)


def _own(request: HttpRequest, number: UUID) -> ConsentDocument:
    """The document, if it is this participant's; for all others there is none of that address."""
    mine = ConsentDocument.objects.filter(answer__participant=the_participant(request))
    return get_object_or_404(mine.select_related("answer__participant"), uuid=number)


@participant_only
@require_safe
def page(request: HttpRequest, number: UUID) -> HttpResponse:
    """What was signed, as a page that can be read aloud, enlarged and printed."""
    document = _own(request, number)
    try:
        contents: dict[str, Any] | None = contents_of(document.answer, current_protocol(), document.uuid)
    except Refused:  # a program may have taken an old text out of its folder; the PDF holds it
        contents = None
    audit.record("consent.copy", actor=request.user, subject=document.answer.participant, form="page")
    context = {"document": document, "contents": contents, "answer": document.answer, "box": f"0 0 {WIDTH} {HEIGHT}"}
    return render(request, "consent/document.html", context)


@participant_only
@require_safe
def pdf(request: HttpRequest, number: UUID) -> HttpResponse:
    """The PDF, whole or not at all."""
    return pdf_answer(request, _own(request, number))


def pdf_answer(request: HttpRequest, document: ConsentDocument) -> HttpResponse:
    """A document to whom may see it (the caller has checked that); a page that says what to do where it cannot be given."""
    try:
        content = documents.content(document)
    except Refused:
        return render(request, "consent/no_document.html", {"document": document}, status=503)
    audit.record("consent.copy", actor=request.user, subject=document.answer.participant, form="pdf")
    answer = HttpResponse(content, content_type="application/pdf")
    name = f"{document.answer.module}-{timezone.localtime(document.answer.event_time):%Y-%m-%d}.pdf"
    answer["Content-Disposition"] = f'inline; filename="{name}"'
    answer["Cache-Control"] = "no-store"
    return answer
