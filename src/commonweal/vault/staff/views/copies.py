"""The signed copy of a person's consent, for staff who may see the person."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from commonweal.vault.consent.models import ConsentDocument
from commonweal.vault.consent.views.documents import pdf_answer
from commonweal.vault.staff import seeing
from commonweal.vault.staff.access import permission_required
from commonweal.vault.staff.sections import Opened
from commonweal.vault.staff.views.people import person_or_404


@permission_required("see_person")
@require_safe
def consent(request: HttpRequest, uuid: UUID, number: UUID) -> HttpResponse:
    """The PDF as the person has it. None of somebody who left, once the view of them is reduced."""
    person = person_or_404(request, uuid, "see_person")
    if Opened(person, request.user, timezone.now()).reduced:
        raise Http404
    document = get_object_or_404(
        ConsentDocument.objects.select_related("answer__participant"), uuid=number, answer__participant=person
    )
    seeing.note(request.user, person, "document")
    return pdf_answer(request, document)
