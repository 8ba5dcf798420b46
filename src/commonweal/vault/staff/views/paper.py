"""Paper consents: put in at a person's page, read and corrected, and the queue of those that need somebody."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from commonweal.errors import BadInput, Refused
from commonweal.ui.context import current_protocol
from commonweal.vault.consent.models import PaperConsent
from commonweal.vault.consent.paper import actions, files, states
from commonweal.vault.consent.paper.expected import expected_of
from commonweal.vault.consent.paper.words import in_words
from commonweal.vault.consent.places import modules_of
from commonweal.vault.people.current import current_profile
from commonweal.vault.staff import paging, policies, seeing
from commonweal.vault.staff.access import permission_required
from commonweal.vault.staff.forms_paper import AttachForm, PaperForm, TranscriptForm
from commonweal.vault.staff.views.people import person_or_404

on_paper = permission_required("paper_consent")


@on_paper
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """Papers of one's own people that are not settled, the oldest first: what is wrong, and what to do."""
    page = paging.page_of(_open(request), paging.number_of(request.GET.get("page")))
    rows = [
        {"paper": one, "profile": current_profile(one.participant), "problems": in_words(one.problems)}
        for one in page.rows
    ]
    for one in page.rows:
        seeing.note(request.user, one.participant, "queue", permission="paper_consent")
    return render(request, "staff/paper/queue.html", {"page": page, "rows": rows})


def _open(request: HttpRequest) -> "QuerySet[PaperConsent]":
    mine = policies.people_in_scope(request.user, "paper_consent")
    found = PaperConsent.objects.filter(status__in=states.OPEN, participant__in=mine, participant__withdrawals=None)
    return found.select_related("participant").order_by("uploaded_at", "pk")


@on_paper
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A new paper of one person."""
    person, protocol = person_or_404(request, uuid, "paper_consent"), current_protocol()
    posted = request.method == "POST"
    form = PaperForm(
        request.POST if posted else None, request.FILES if posted else None, modules=modules_of(person, protocol)
    )
    if posted and form.is_valid():
        try:
            data = form.cleaned_data
            paper = actions.receive(person, data["module"], data["file"], protocol, by=request.user)
        except (BadInput, Refused) as error:
            form.add_error("file", str(error))
        else:
            return redirect("staff_paper", paper.uuid)
    seeing.note(request.user, person, "form", permission="paper_consent")
    context = {"person": person, "profile": current_profile(person), "form": form}
    return render(request, "staff/paper/add.html", context)


@on_paper
@require_http_methods(["GET", "POST"])
def read(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The scan, and what stands on it, written down beside it."""
    paper = _paper_or_404(request, uuid)
    module = current_protocol().consents[paper.module]
    posted = request.POST if request.method == "POST" else None
    form = TranscriptForm(posted, paper=paper, module=module, today=timezone.localdate())
    if form.is_valid():
        try:
            paper = actions.transcribe(paper, form.transcript(), current_protocol(), by=request.user)
        except (BadInput, Refused) as error:
            form.add_error(None, str(error))
        else:
            return _told(request, paper)
    return _paper_page(request, paper, form)


@on_paper
@require_POST
def attach(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The scan that a paper was waiting for."""
    paper = _paper_or_404(request, uuid)
    form = AttachForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            actions.attach(paper, form.cleaned_data["file"], by=request.user)
        except (BadInput, Refused) as error:
            form.add_error("file", str(error))
        else:
            return redirect("staff_paper", paper.uuid)
    module = current_protocol().consents[paper.module]
    written = TranscriptForm(None, paper=paper, module=module, today=timezone.localdate())
    return _paper_page(request, paper, written, attach=form)


def _paper_page(request: HttpRequest, paper: PaperConsent, form: TranscriptForm, **more: Any) -> HttpResponse:
    seeing.note(request.user, paper.participant, "paper consent", permission="paper_consent")
    return render(request, "staff/paper/read.html", _context(paper, form) | more)


@on_paper
@require_POST
def again(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Check once more, when something else about the person has been put right."""
    paper = _paper_or_404(request, uuid)
    return _told(request, actions.check_again(paper, current_protocol(), by=request.user))


@on_paper
@require_safe
def scan(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """The file itself, for who may see this person's papers."""
    paper = _paper_or_404(request, uuid)
    if not files.is_kept(paper.file_path):
        raise Http404
    path = files.path_of(paper.file_path)
    kind = path.suffix.removeprefix(".")
    seeing.note(request.user, paper.participant, "paper consent", permission="paper_consent")
    answer = FileResponse(path.open("rb"), content_type=files.KINDS[kind], filename=f"consent.{kind}")
    answer["Cache-Control"] = "no-store"
    return answer


def _paper_or_404(request: HttpRequest, uuid: UUID) -> PaperConsent:
    """The paper of somebody whom one may see; a paper of somebody else is not found, as if there were none."""
    paper = PaperConsent.objects.select_related("participant").filter(uuid=uuid).first()
    if paper is None or not policies.can_for(request.user, "paper_consent", paper.participant):
        raise Http404
    if paper.participant.withdrawals.exists() or paper.module not in current_protocol().consents:
        raise Http404
    return paper


def _context(paper: PaperConsent, form: TranscriptForm) -> dict[str, Any]:
    protocol = current_protocol()
    module = protocol.consents[paper.module]
    version = next((one for one in module.versions if one.version == paper.version), module.current)
    kept = files.is_kept(paper.file_path)
    return {
        "paper": paper,
        "person": paper.participant,
        "profile": current_profile(paper.participant),
        "module": module,
        "form": form,
        "attach": None if kept else AttachForm(),
        "kept": kept,
        "picture": kept and not paper.file_path.endswith(".pdf"),
        "problems": in_words(paper.problems),
        "expected": expected_of(paper.participant, module, version, paper.authored_on, protocol),
        "open": paper.status in states.OPEN,
    }


def _told(request: HttpRequest, paper: PaperConsent) -> HttpResponse:
    if paper.status == states.SYNC_COMPLETE:
        messages.success(request, _("The paper is right, and its answer is taken."), extra_tags="good")
        return redirect(reverse("staff_person", args=[paper.participant.uuid]) + "#consents")
    if paper.status == states.OBSOLETE:
        messages.info(
            request, _("This answer was taken from another scan already; this one is kept and changes nothing.")
        )
    return redirect("staff_paper", paper.uuid)
