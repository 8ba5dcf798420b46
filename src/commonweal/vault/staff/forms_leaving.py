"""Forms of the staff about leaving, death and double accounts."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from commonweal.vault.consent.decease import Told
from commonweal.vault.consent.models import DeceaseReport, Withdrawal

REASONS = (
    (Withdrawal.SELF, _("The person asked for it, by phone or in writing")),
    (Withdrawal.FRAUDULENT, _("The account is fraudulent")),
    (Withdrawal.DUPLICATE, _("The account is a duplicate")),
    (Withdrawal.TEST, _("The account was made for a test")),
)
NOTIFICATIONS = {
    "EHR": _("In the health record"),
    "ATTEMPTED_CONTACT": _("When we tried to reach the person"),
    "NEXT_KIN_HPO": _("Next of kin told the site"),
    "NEXT_KIN_SUPPORT": _("Next of kin told the help desk"),
    "OTHER": _("Otherwise"),
}
DENIALS = {
    "INCORRECT_PARTICIPANT": _("It is about another person"),
    "MARKED_IN_ERROR": _("It was a mistake"),
    "INSUFFICIENT_INFORMATION": _("There is too little to go by"),
    "OTHER": _("Another reason"),
}


class WithdrawForm(forms.Form):
    """Taking somebody out for good: never without a reason in writing and a tick."""

    reason = forms.ChoiceField(label=_("Reason"), choices=REASONS)
    justification = forms.CharField(
        label=_("Why, in a sentence or two"),
        help_text=_("It stays with the record. For a wish of the person: when and how they asked."),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Write why. It cannot be done without.")},
    )
    sure = forms.BooleanField(label=_("I know that this cannot be undone."))


class DeceaseForm(forms.Form):
    """A report of death. Dates are typed."""

    notification = forms.ChoiceField(
        label=_("How it became known"), choices=[(one, NOTIFICATIONS[one]) for one in DeceaseReport.NOTIFICATIONS]
    )
    notification_other = forms.CharField(label=_("If otherwise: how"), max_length=200, required=False)
    date_of_death = forms.DateField(
        label=_("Date of death"),
        help_text=_("If it is known: year-month-day."),
        required=False,
        input_formats=["%Y-%m-%d"],
        widget=forms.TextInput(attrs={"class": "some", "autocomplete": "off"}),
    )
    cause_of_death = forms.CharField(label=_("Cause of death"), max_length=200, required=False)
    reporter_name = forms.CharField(label=_("Name of who told us"), max_length=400, required=False)
    reporter_relationship = forms.CharField(label=_("Their relationship to the person"), max_length=60, required=False)
    reporter_email = forms.EmailField(label=_("Their e-mail"), required=False)
    reporter_phone = forms.CharField(label=_("Their phone"), max_length=30, required=False)

    def clean(self) -> dict[str, Any] | None:
        data = super().clean()
        if data and data.get("notification") == "OTHER" and not data.get("notification_other"):
            self.add_error("notification_other", gettext("Say how it became known."))
        return data

    def told(self) -> Told:
        return Told(**self.cleaned_data)


class DenyForm(forms.Form):
    reason = forms.ChoiceField(
        label=_("Why it is denied"), choices=[(one, DENIALS[one]) for one in DeceaseReport.DENIALS]
    )
    other = forms.CharField(label=_("If another reason: which"), max_length=200, required=False)

    def clean(self) -> dict[str, Any] | None:
        data = super().clean()
        if data and data.get("reason") == "OTHER" and not data.get("other"):
            self.add_error("other", gettext("Say why."))
        return data


class JoinForm(forms.Form):
    """Which of the two goes on; by web-safe UUID."""

    primary = forms.ChoiceField(label=_("Which account goes on"), widget=forms.RadioSelect)
    sure = forms.BooleanField(label=_("I compared both. They are one person, and I know that this cannot be undone."))

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["primary"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices


class SinceForm(forms.Form):
    since = forms.DateField(
        label=_("Only who became known since"),
        help_text=_("Year-month-day; leave it empty for the whole list."),
        required=False,
        input_formats=["%Y-%m-%d"],
        widget=forms.TextInput(attrs={"class": "some", "autocomplete": "off"}),
    )
