"""Newsletters for partners: written in both languages, sent to mailboxes of organisations."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from commonweal.errors import BadInput, Refused
from commonweal.ui.context import language
from commonweal.vault.partners import newsletters as news
from commonweal.vault.partners import partners
from commonweal.vault.partners.models import Newsletter
from commonweal.vault.staff.access import permission_required
from commonweal.vault.staff.outreach import reach
from commonweal.vault.staff.outreach.forms_kit import NewsletterForm, SendForm

keeping = permission_required(reach.PARTNERS)


@permission_required(reach.PERMISSION)
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """All for who writes them; for others those that were sent."""
    keeps = reach.keeps_partners(request.user)  # type: ignore[arg-type]
    found = (
        Newsletter.objects.order_by("-pk") if keeps else Newsletter.objects.exclude(sent_at=None).order_by("-sent_at")
    )
    rows = [(one, subject(one)) for one in found[:200]]
    return render(request, "staff/outreach/newsletters.html", {"rows": rows, "keeps_partners": keeps})


def subject(one: Newsletter) -> str:
    return one.subject_es if language() == "es" else one.subject_en


@permission_required(reach.PERMISSION)
@require_safe
def newsletter(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One, in both languages; to whom it went, for who sends them."""
    keeps = reach.keeps_partners(request.user)  # type: ignore[arg-type]
    found = Newsletter.objects.all() if keeps else Newsletter.objects.exclude(sent_at=None)
    return render(request, "staff/outreach/newsletter.html", _page(get_object_or_404(found, uuid=uuid), keeps))


def _page(one: Newsletter, keeps: bool, form: SendForm | None = None) -> dict[str, object]:
    names = partners.names()
    copies = [
        (names.get(copy.partner.slug, copy.partner.slug), copy.sent_at) for copy in one.copies.select_related("partner")
    ]
    return {
        "one": one,
        "subject": subject(one),
        "keeps_partners": keeps,
        "copies": copies if keeps else [],
        "waiting": sum(sent_at is None for _name, sent_at in copies),
        "form": form or SendForm(),
    }


@keeping
@require_http_methods(["GET", "POST"])
def write(request: HttpRequest, uuid: UUID | None = None) -> HttpResponse:
    """A draft, new or changed."""
    draft = get_object_or_404(Newsletter, uuid=uuid, sent_at=None) if uuid else None
    initial = {name: getattr(draft, name) for name in NewsletterForm.base_fields} if draft else {}
    form = NewsletterForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_bound and form.is_valid():
        try:
            one = news.write(draft, form.cleaned_data, by=request.user)  # type: ignore[arg-type]
        except (BadInput, Refused) as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The draft is saved. Nobody has got it yet."), extra_tags="good")
            return redirect("outreach_newsletter", one.uuid)
    return render(request, "staff/outreach/newsletter_form.html", {"form": form, "draft": draft})


@keeping
@require_POST
def send(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """To the partners that were ticked; what the mail server did not take can be sent again."""
    one = get_object_or_404(Newsletter, uuid=uuid)
    form = SendForm(request.POST)
    if one.sent_at is None and not form.is_valid():
        return render(request, "staff/outreach/newsletter.html", _page(one, True, form))
    to = [] if one.sent_at else form.cleaned_data["to"]
    _say(request, news.send(one, to, by=request.user))  # type: ignore[arg-type]
    return redirect("outreach_newsletter", one.uuid)


def _say(request: HttpRequest, waiting: int) -> None:
    if not waiting:
        messages.success(request, _("The newsletter is sent."), extra_tags="good")
        return
    said = ngettext(
        "%(n)s copy could not be sent: the mail server did not take it. Send again in a while.",
        "%(n)s copies could not be sent: the mail server did not take them. Send again in a while.",
        waiting,
    ) % {"n": waiting}
    messages.warning(request, said, extra_tags="caution")
