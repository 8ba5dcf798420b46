"""Community partners, and the page of a partner or a place: its agreements, budgets, milestones, outreach and figures."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from commonweal.errors import BadInput, Refused
from commonweal.ui.context import current_protocol
from commonweal.vault.partners import funnels, kinds, partners, places, records, tree
from commonweal.vault.partners.models import PartnerDetails, Placed
from commonweal.vault.people.models import Account
from commonweal.vault.staff.access import permission_required
from commonweal.vault.staff.outreach import figures, held, reach, showing
from commonweal.vault.staff.outreach.forms_partners import PartnerForm
from commonweal.vault.staff.views.outreach import listing

keeping = permission_required(reach.PARTNERS)


@keeping
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """All partners, and the places of the program, each with a page."""
    today, program = timezone.localdate(), current_protocol().partners
    rows = [
        (slug, one, partners.name_of(one), partners.is_active(one, today)) for slug, one in partners.details().items()
    ]
    context = {
        "rows": [(slug, name, kinds.PARTNERS.get(one.kind, one.kind), one, active) for slug, one, name, active in rows],
        "program_places": [
            (level, id, one.name)
            for level, there in (("awardee", program.awardees), ("organisation", program.organisations))
            for id, one in there.items()
        ],
    }
    return render(request, "staff/outreach/partners.html", context)


@keeping
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A new partner."""
    account: Account = request.user  # type: ignore[assignment]
    form = PartnerForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        key, protocol = form.cleaned_data["key"], current_protocol()
        try:
            made, is_new = partners.make(form.given(), protocol=protocol, by=account, key=key)
        except BadInput as error:
            form.add_error(None, str(error))
        else:
            said = _("The partner is entered.") if is_new else _("This form was sent before. The partner is here.")
            messages.success(request, said, extra_tags="good")
            return redirect("outreach_place", Placed.PARTNER, made.slug)
    return render(request, "staff/outreach/partner_form.html", {"form": form})


@keeping
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    """A correction of what is said of a partner, or its end."""
    told = get_object_or_404(_details(slug))
    initial = {name: getattr(told, name) for name in PartnerForm.base_fields if hasattr(told, name)} | {
        "record": told.pk
    }
    form = PartnerForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_bound and form.is_valid() and not form.was_overtaken(told):
        try:
            partners.correct(told, form.given(), protocol=current_protocol(), by=request.user)  # type: ignore[arg-type]
        except (BadInput, Refused) as error:
            form.add_error(None, showing.words_for(error))
        else:
            messages.success(request, _("Saved."), extra_tags="good")
            return redirect("outreach_place", Placed.PARTNER, slug)
    return render(request, "staff/outreach/partner_form.html", {"form": form, "slug": slug, "told": told})


def _details(slug: str) -> Any:
    return records.standing(PartnerDetails.objects.filter(partner__slug=slug))


@permission_required(reach.PERMISSION)
@require_safe
def place(request: HttpRequest, level: str, id: str) -> HttpResponse:
    """A partner or a place of one's own: what was agreed, what came of it, and the program's whole beside it."""
    account: Account = request.user  # type: ignore[assignment]
    path = _path_or_404(account, level, id)
    protocol, report, names = current_protocol(), funnels.report(current_protocol()), partners.names()
    rows = listing.campaign_rows(account, report) + [
        row for row in listing.event_rows(account, report) if not row["one"].campaign
    ]
    mine = [row for row in rows if _belongs(row, path, level, id)]
    told = _details(id).first() if level == Placed.PARTNER else None
    context = {
        "level": level,
        "id": id,
        "name": places.name(level, id, protocol, names),
        "told": told,
        "about": _about(told) if told else {},
        "keeps_partners": reach.keeps_partners(account),
        "held": held.rows(level, id),
        "outreach": mine,
        "any_moved": any(row["moved"] for row in mine),
        "program_columns": figures.columns(),
        "program_table": figures.table(report.program),
        "heads": figures.cell_columns(),
        **(showing.funnel(report, path) if path in report.funnels else {}),
    }
    return render(request, "staff/outreach/place.html", context)


def _belongs(row: listing.Row, path: tree.Path, level: str, id: str) -> bool:
    """Whether something was entered for the place, or for what lies below it; also before the place moved."""
    own = row["one"].level == level and row["one"].place == id
    return own or row["funnel"].path[: len(path)] == path


def _path_or_404(account: Account, level: str, id: str) -> Any:
    """The path of a place as it stands now, if it is of the account's scope."""
    try:
        fields = places.placed((level, id), current_protocol())
    except BadInput:
        raise Http404 from None
    path = tree.place_path(**fields)
    scope = reach.scope_of(account)
    if not (scope.everything or reach.sees(scope, path[-1:])):
        raise Http404
    return path


def _about(told: PartnerDetails) -> dict[str, Any]:
    categories = kinds.categories(current_protocol())
    return {
        "kind": kinds.PARTNERS.get(told.kind, told.kind),
        "reaches": ", ".join(categories.get(one, one) for one in told.reaches),
        "languages": ", ".join(showing.language(one) for one in told.languages),
        "states": ", ".join(told.states),
    }
