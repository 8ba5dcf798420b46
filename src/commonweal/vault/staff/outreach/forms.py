"""Forms of campaigns, events, costs and links."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from commonweal.vault.partners import kinds, rules
from commonweal.vault.people.scope import Scope
from commonweal.vault.staff.outreach import fields
from commonweal.vault.staff.outreach.fields import AREA, PLAIN, SHORT, Keyed, WholeField

_NO_PERSON = _("Write no name of a person, no address and no phone number.")


class CampaignForm(Keyed):
    """A campaign; `place` only where it is new."""

    place = forms.ChoiceField(label=_("For which place or partner?"))
    name = forms.CharField(label=_("Name"), max_length=120, widget=forms.TextInput(attrs=PLAIN))
    goal = forms.CharField(label=_("Goal"), max_length=300, widget=forms.Textarea(attrs=AREA))
    target = WholeField(label=_("How many people are to join?"), required=False)
    languages = fields.languages()
    audience = fields.several(_("For whom?"), hint=_("Whom the campaign wants to reach above all."))
    states = fields.StatesField()
    begins = fields.day(_("First day"))
    ends = fields.day(_("Last day"))
    dollars = fields.dollars(_("Budget"))
    materials = fields.several(_("Materials"))

    def __init__(self, *args: Any, scope: Scope | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["audience"].choices = fields.audience()  # type: ignore[attr-defined]
        _materials_of(self)
        _place_of(self, scope)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        data["dollars"] = data.get("dollars") or 0
        if data.get("begins") and data.get("ends"):
            self.tell("ends", rules.check_period, data["begins"], data["ends"])
        if data.get("target") is not None:
            self.tell("target", rules.check_target, "number", data["target"])
        return data


class EventForm(Keyed):
    """An event; `place` only where it is new and of no campaign."""

    place = forms.ChoiceField(label=_("For which place or partner?"))
    name = forms.CharField(label=_("Name"), max_length=120, widget=forms.TextInput(attrs=PLAIN))
    city = forms.CharField(label=_("City"), max_length=80, widget=forms.TextInput(attrs=PLAIN))
    state = forms.ChoiceField(label=_("State"), choices=[("", "—"), *kinds.STATES.items()])
    zip = forms.CharField(
        label=_("ZIP code"), max_length=10, widget=forms.TextInput(attrs=SHORT | {"inputmode": "numeric"})
    )
    day = fields.day(_("Day"))
    begins = fields.hour(_("From"))
    ends = fields.hour(_("To"))
    language = forms.ChoiceField(label=_("Language"), choices=list(kinds.LANGUAGES.items()))
    dollars = fields.dollars(_("Cost"))
    materials = fields.several(_("Materials"))
    met = WholeField(
        label=_("People met"), help_text=_("A whole number, after the event. Leave it empty before."), required=False
    )
    notes = forms.CharField(
        label=_("Notes"), help_text=_NO_PERSON, max_length=500, required=False, widget=forms.Textarea(attrs=AREA)
    )

    def __init__(self, *args: Any, scope: Scope | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _materials_of(self)
        _place_of(self, scope)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        data["dollars"] = data.get("dollars") or 0
        self.tell("zip", rules.check_zip, data.get("zip", ""))
        self.tell("ends", rules.check_hours, data.get("begins"), data.get("ends"))
        self.tell("notes", rules.check_names_nobody, data.get("notes", ""))
        if data.get("day"):
            self.tell("met", rules.check_met, data.get("met"), data["day"], timezone.localdate())
        return data


def _place_of(form: forms.Form, scope: Scope | None) -> None:
    """The choice of a place, for a scope; none where the place is settled."""
    if scope is None:
        del form.fields["place"]
    else:
        listed = fields.whose(scope)
        form.fields["place"].choices = listed if len(listed) == 1 else [("", "—"), *listed]  # type: ignore[attr-defined]


def _materials_of(form: forms.Form) -> None:
    """What stands in the kit, and what was ticked before, in an earlier version."""
    listed = fields.materials()
    known = {uuid for uuid, _name in listed}
    earlier = [(one, _("an earlier version")) for one in form.initial.get("materials") or [] if one not in known]
    form.fields["materials"].choices = [*listed, *earlier]  # type: ignore[attr-defined]
    if not form.fields["materials"].choices:  # type: ignore[attr-defined]
        form.fields["materials"].widget = forms.MultipleHiddenInput()


class CostForm(Keyed):
    """What a campaign has cost."""

    day = fields.day(_("Day"))
    dollars = fields.dollars(_("Amount"), required=True)
    purpose = forms.CharField(label=_("What for?"), max_length=200, widget=forms.TextInput(attrs=PLAIN))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("dollars") is not None:
            self.tell("dollars", rules.check_dollars, data["dollars"], 1)
        return data


class LinkForm(forms.Form):
    """One more link and QR code."""

    label = forms.CharField(
        label=_("Name of the link, for you"),
        help_text=_("For example: Flyer in Spanish. It must name no person."),
        max_length=120,
        widget=forms.TextInput(attrs=PLAIN),
    )
