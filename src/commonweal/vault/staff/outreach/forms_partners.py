"""Forms of partners: what is said of one; agreements, budgets and milestones."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from commonweal.vault.partners import kinds, rules
from commonweal.vault.partners.models import Milestone
from commonweal.vault.staff.outreach import fields
from commonweal.vault.staff.outreach.fields import PLAIN, Keyed, WholeField

MEASURES = {Milestone.NUMBER: _("A number"), Milestone.SHARE: _("A share of people, in percent")}


class PartnerForm(Keyed):
    """What is said of a community partner."""

    name_en = forms.CharField(label=_("Name"), max_length=120, widget=forms.TextInput(attrs=PLAIN))
    name_es = forms.CharField(
        label=_("Name in Spanish"),
        help_text=_("If it has one."),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs=PLAIN | {"lang": "es"}),
    )
    kind = forms.ChoiceField(label=_("What is it?"), choices=list(kinds.PARTNERS.items()))
    reaches = fields.several(_("Whom do they reach?"))
    languages = fields.languages()
    states = fields.StatesField()
    contact = forms.EmailField(
        label=_("Mailbox of the organization"),
        help_text=_("Of the organization, not of a person. Newsletters go there."),
        required=False,
        widget=forms.EmailInput(attrs=PLAIN),
    )
    active_from = fields.day(_("Partner since"))
    active_until = fields.day(_("Partner until"), required=False, hint=_("Leave it empty while they are a partner."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reaches"].choices = fields.audience()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("active_from"):
            self.tell("active_until", rules.check_period, data["active_from"], data.get("active_until"))
        return data


class AgreementForm(Keyed):
    """What was agreed and signed."""

    kind = forms.ChoiceField(label=_("Kind of agreement"), choices=list(kinds.AGREEMENTS.items()))
    signed_on = fields.day(_("Signed on"))
    begins = fields.day(_("In force from"))
    ends = fields.day(_("In force until"), required=False, hint=_("Leave it empty for one without an end."))
    document = forms.CharField(
        label=_("Where the paper lies"),
        help_text=_("Such as the number in your contract system."),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs=PLAIN),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("begins"):
            self.tell("ends", rules.check_period, data["begins"], data.get("ends"))
        return data


class BudgetForm(Keyed):
    """Money for a period."""

    begins = fields.day(_("First day"))
    ends = fields.day(_("Last day"))
    dollars = fields.dollars(_("Amount"), required=True, hint=_("Whole dollars."))
    purpose = forms.CharField(label=_("What for?"), max_length=200, widget=forms.TextInput(attrs=PLAIN))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("begins") and data.get("ends"):
            self.tell("ends", rules.check_period, data["begins"], data["ends"])
        if data.get("dollars") is not None:
            self.tell("dollars", rules.check_dollars, data["dollars"], 1)
        return data


class MilestoneForm(Keyed):
    """What is to be reached, and when."""

    what = forms.CharField(label=_("What is to be reached?"), max_length=200, widget=forms.TextInput(attrs=PLAIN))
    measure = forms.ChoiceField(label=_("Measured as"), choices=list(MEASURES.items()))
    target = WholeField(label=_("Target"))
    due = fields.day(_("Due on"))
    reached_at = fields.day(_("Reached on"), required=False, hint=_("Leave it empty until then."))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("target") is not None and data.get("measure"):
            self.tell("target", rules.check_target, data["measure"], data["target"])
        if data.get("reached_at") and data["reached_at"] > timezone.localdate():
            self.add_error("reached_at", _("This day is still to come."))
        return data


HELD: dict[str, type[Keyed]] = {"agreement": AgreementForm, "budget": BudgetForm, "milestone": MilestoneForm}
HELD_TITLES = {"agreement": _("Agreement"), "budget": _("Budget"), "milestone": _("Milestone")}
HELD_LISTS = {"agreement": _("Agreements"), "budget": _("Budgets"), "milestone": _("Milestones")}
EXPLAIN = {
    "agreement": _("What was signed. A change takes the place of what was entered before, which stays in the history."),
    "budget": _("Money for a period, both days included."),
    "milestone": _("A target is a number above zero, or a share of people of at most 100%."),
}
