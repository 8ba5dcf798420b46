"""Giving a role, and filtering the audit."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from commonweal.ui.context import current_protocol
from commonweal.vault.partners.partners import names
from commonweal.vault.staff import roles
from commonweal.vault.staff.forms import DayField
from commonweal.vault.staff.navigation import ROLE_NAMES


class RoleForm(forms.Form):
    """A role for an account that is there already."""

    email = forms.EmailField(
        label=_("E-mail address of their account"),
        help_text=_("Exactly as they log in with it. They make the account themselves first."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    role = forms.ChoiceField(label=_("Role"), choices=[("", "—"), *ROLE_NAMES.items()])
    site = forms.ChoiceField(label=_("Site"), help_text=_("Only for site staff."), required=False)
    organisation = forms.ChoiceField(
        label=_("Organization"), help_text=_("Only for an organization manager."), required=False
    )
    awardee = forms.ChoiceField(label=_("Awardee"), help_text=_("Only for an awardee manager."), required=False)
    partner = forms.ChoiceField(
        label=_("Community partner"), help_text=_("Only for somebody of a community partner."), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        partners = current_protocol().partners
        known = {
            name: [(one.id, one.name) for one in there.values()]
            for name, there in (
                ("site", partners.sites),
                ("organisation", partners.organisations),
                ("awardee", partners.awardees),
            )
        }
        for name, listed in (known | {"partner": list(names().items())}).items():
            self.fields[name].choices = [("", "—"), *listed]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        needed = roles.LEVEL.get(data.get("role", ""))
        if needed and not data.get(needed):
            self.add_error(needed, gettext("Choose for which place."))
        return data

    def place(self) -> dict[str, str]:
        """Site and scope as `roles.give` takes them; places that do not go with the role are left out."""
        level = roles.LEVEL.get(self.cleaned_data["role"], "")
        chosen = self.cleaned_data.get(level, "") if level else ""
        return {"site": chosen} if level == "site" else {"scope": chosen}


class AuditForm(forms.Form):
    """Which events of the audit are listed."""

    action = forms.ChoiceField(label=_("Action"), required=False)
    since = DayField(label=_("From day"), required=False, input_formats=["%Y-%m-%d"])
    until = DayField(label=_("To day"), required=False, input_formats=["%Y-%m-%d"])

    def __init__(self, *args: Any, actions: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rooms = sorted({one.split(".")[0] + "." for one in actions if "." in one})
        every = [("", _("All")), *((one, one + "*") for one in rooms), *((one, one) for one in actions)]
        self.fields["action"].choices = every  # type: ignore[attr-defined]
        for name in ("since", "until"):
            self.fields[name].widget.attrs = {"class": "some", "autocomplete": "off"}
            self.fields[name].help_text = _("Such as 2026-10-31.")
