"""Asking for help, and writing again."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from commonweal.vault.support.help_desk import LONGEST, Asked
from commonweal.vault.support.words import TOPICS


def words_field(label: Any, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label, help_text=help_text, max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 6})
    )


class HelpForm(forms.Form):
    """What one needs help with, and whether to be called."""

    topic = forms.ChoiceField(label=_("What is it about?"), choices=[("", "—"), *TOPICS.items()])
    text = words_field(_("How can we help?"), _("In your own words. You need not tell us anything about your health."))
    call_back = forms.BooleanField(label=_("Please call me"), required=False)
    phone = forms.CharField(
        label=_("Phone number for the call"),
        max_length=30,
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )
    call_back_when = forms.CharField(
        label=_("When is a good time?"),
        help_text=_("Such as weekdays after 5 pm."),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("call_back") and not data.get("phone"):
            self.add_error("phone", _("Write the number that we may call."))
        return data

    def asked(self) -> Asked:
        data = self.cleaned_data
        contact = data["phone"] or data.get("email", "")
        when = data["call_back_when"]
        return Asked(data["topic"], data["text"], data["call_back"], when, data.get("name", ""), contact)


class VisitorHelpForm(HelpForm):
    """The same from somebody who is not logged in: we need to know where the answer goes."""

    name = forms.CharField(
        label=_("Your name"), max_length=200, required=False, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    email = forms.EmailField(
        label=_("Your e-mail address"), required=False, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
    field_order = ("topic", "text", "name", "email", "call_back", "phone", "call_back_when")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and not (data.get("email") or data.get("phone")):
            self.add_error("email", _("Write an e-mail address or a phone number, so that we can answer."))
        return data


class WriteForm(forms.Form):
    """The person writes again."""

    text = words_field(_("Your message"))
