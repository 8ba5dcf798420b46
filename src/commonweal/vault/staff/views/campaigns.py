"""Campaigns that ask people to read a consent again: begin one, see how it stands, end it."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from commonweal.errors import BadInput, Refused
from commonweal.protocol import Protocol
from commonweal.ui.context import current_protocol, words
from commonweal.vault.consent import campaigns
from commonweal.vault.consent.models import ReconsentCampaign
from commonweal.vault.staff import campaigning
from commonweal.vault.staff.access import permission_required
from commonweal.vault.staff.navigation import module_name, place_name

operators = permission_required("campaigns")
_AREA = {"rows": 3}


class CampaignForm(forms.Form):
    """Which consent, and what changed in it, in the words of participants."""

    module = forms.ChoiceField(label=gettext_lazy("Consent"))
    why_en = forms.CharField(
        label=gettext_lazy("What changed, in English"),
        help_text=gettext_lazy("One or two short sentences. People read them before they open the text."),
        max_length=500,
        widget=forms.Textarea(_AREA),
    )
    why_es = forms.CharField(
        label=gettext_lazy("What changed, in Spanish"), max_length=500, widget=forms.Textarea(_AREA | {"lang": "es"})
    )

    def __init__(self, *args: Any, protocol: Protocol, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        new = [one for one in protocol.consents.values() if len(one.versions) > 1]
        choices = [(one.id, f"{words(one.title)} · {_('version')} {one.current.version}") for one in new]
        self.fields["module"].choices = choices  # type: ignore[attr-defined]

    @property
    def possible(self) -> bool:
        return bool(self.fields["module"].choices)  # type: ignore[attr-defined]


@operators
@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """All campaigns, and a form to begin one."""
    protocol = current_protocol()
    form = CampaignForm(request.POST or None, protocol=protocol)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        why = {"en": data["why_en"], "es": data["why_es"]}
        try:
            version = protocol.consents[data["module"]].current.version
            made = campaigns.begin(data["module"], version, why, protocol, by=request.user)
        except (BadInput, Refused) as error:
            form.add_error(None, str(error))
        else:
            return redirect("campaign", made.uuid)
    known = [(one, _title(one)) for one in ReconsentCampaign.objects.order_by("-started_at")[:100]]
    return render(request, "staff/campaigns/index.html", {"form": form, "campaigns": known})


@operators
@require_safe
def campaign(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """How one campaign stands: exact figures, for the program's own staff."""
    one = get_object_or_404(ReconsentCampaign, uuid=uuid)
    groups = campaigns.progress(one)
    counts = campaigns.answers(groups)
    total = sum(counts.values())
    context = {
        "campaign": one,
        "title": _title(one),
        "why": words(one.why),
        "total": total,
        "answered": total - counts[campaigns.NOT_ANSWERED],
        "counts": [
            (total, _("asked")),
            (campaigning.written_to(one), _("written to")),
            (campaigning.read_by(one), _("have opened the message")),
        ]
        + [(counts[answer], said) for answer, said in _said().items()],
        "columns": [_("Site"), _("Language"), *((said, "number") for said in _said().values())],
        "rows": _rows(groups),
    }
    return render(request, "staff/campaigns/campaign.html", context)


@operators
@require_POST
def end(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Ask nobody any more."""
    one = get_object_or_404(ReconsentCampaign, uuid=uuid)
    campaigns.end(one, by=request.user)
    messages.success(request, _("The campaign has ended. What people answered stays."), extra_tags="good")
    return redirect("campaign", one.uuid)


def _title(one: ReconsentCampaign) -> str:
    return f"{module_name(one.module)} · {_('version')} {one.version}"


def _said() -> dict[str, str]:
    """The answers in words, in order."""
    names = (_("said yes"), _("said no"), _("are not sure"), _("decide later"), _("have not answered"))
    return dict(zip(campaigns.ANSWERS, names, strict=True))


def _rows(groups: list[campaigns.Group]) -> list[list[Any]]:
    by: dict[tuple[str, str], dict[str, int]] = {}
    for group in groups:
        by.setdefault((group.site, group.language), {})[group.answer] = group.people
    return [
        [place_name(site) or "—", language or "—", *(counts.get(answer, 0) for answer in campaigns.ANSWERS)]
        for (site, language), counts in by.items()
    ]
