"""The kit of materials: what can be handed out, to participants and to health-care providers."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from commonweal import audit
from commonweal.errors import BadInput, Refused
from commonweal.vault.partners import kinds, material_files
from commonweal.vault.partners import kit as shelf
from commonweal.vault.partners.models import Material
from commonweal.vault.people.models import Account
from commonweal.vault.staff.access import permission_required
from commonweal.vault.staff.outreach import reach, showing
from commonweal.vault.staff.outreach.forms_kit import MaterialForm

keeping = permission_required(reach.PARTNERS)


@permission_required(reach.PERMISSION)
@require_safe
def kit(request: HttpRequest) -> HttpResponse:
    """What there is, by whom it is for."""
    found = list(shelf.catalogue())
    shelves = [
        (
            title,
            [(one, kinds.MATERIALS[one.kind], showing.language(one.language)) for one in found if one.audience == id],
        )
        for id, title in kinds.AUDIENCES.items()
    ]
    context = {"shelves": shelves, "keeps_partners": reach.keeps_partners(request.user)}  # type: ignore[arg-type]
    return render(request, "staff/outreach/kit.html", context)


@keeping
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """One more material."""
    return _enter(request, None)


@keeping
@require_http_methods(["GET", "POST"])
def renew(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A newer version; the earlier one is kept for who must know what was handed out."""
    return _enter(request, get_object_or_404(Material, uuid=uuid))


def _enter(request: HttpRequest, earlier: Material | None) -> HttpResponse:
    account: Account = request.user  # type: ignore[assignment]
    names = ("title", "kind", "language", "audience")
    initial = {name: getattr(earlier, name) for name in names} if earlier else {}
    posted = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = MaterialForm(*posted, initial=initial)
    if form.is_bound and form.is_valid() and _added(form, account, earlier):
        messages.success(request, _("The material is in the kit."), extra_tags="good")
        return redirect("outreach_kit")
    return render(request, "staff/outreach/material_form.html", {"form": form, "earlier": earlier})


def _added(form: MaterialForm, account: Account, earlier: Material | None) -> bool:
    given: dict[str, Any] = form.given()
    file = given.pop("file")
    try:
        shelf.add(given, file, by=account, key=form.cleaned_data["key"], instead_of=earlier)
    except BadInput as error:
        form.add_error("file", str(error))
    except Refused as error:
        form.add_error(None, showing.words_for(error))
    return not form.errors


@keeping
@require_POST
def withdraw(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Hand it out no longer."""
    one = get_object_or_404(shelf.catalogue(), uuid=uuid)
    try:
        shelf.withdraw(one, by=request.user)  # type: ignore[arg-type]
    except Refused as error:
        messages.error(request, showing.words_for(error), extra_tags="bad")
    else:
        messages.success(request, _("The material is no longer in the kit."), extra_tags="good")
    return redirect("outreach_kit")


@permission_required(reach.PERMISSION)
@require_safe
def download(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """The file, to be saved: it never opens within the site. Earlier versions can be had too."""
    one = get_object_or_404(Material, uuid=uuid)
    path = material_files.path_of(str(one.uuid), one.file_kind)
    if not one.file_kind or not path.is_file():
        raise Http404
    name = f"{slugify(one.title) or 'material'}-{one.language}-{slugify(one.version) or 'v'}.{one.file_kind}"
    audit.record("partners.material_taken", actor=request.user, material=str(one.uuid))
    kind = material_files.KINDS[one.file_kind]
    answer = FileResponse(path.open("rb"), content_type=kind, as_attachment=True, filename=name)
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
