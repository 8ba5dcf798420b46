"""What a member of the staff decides about a patient who may be a participant."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from commonweal.vault.records.matching.deciding import ANOTHER_REASONS, SAME_REASONS

WORDS = {
    "asked": _("I spoke with the participant"),
    "site": _("The records office of the site confirmed it"),
    "documents": _("I saw a document with both details"),
    "relative": _("It is a relative, such as a twin, or a father and a son"),
    "namesake": _("Somebody else of the same name"),
    "cannot_tell": _("It cannot be found out"),
}


class ReasonForm(forms.Form):
    """How it was found out, of a list: a note would hold names."""

    reason = forms.ChoiceField(label=_("How do you know?"))

    def __init__(self, *args: Any, same: bool, **kwargs: Any) -> None:
        super().__init__(*args, prefix="same" if same else "another", **kwargs)
        reasons = SAME_REASONS if same else ANOTHER_REASONS
        field = self.fields["reason"]
        field.choices = [("", _("Choose")), *((one, WORDS[one]) for one in reasons)]  # type: ignore[attr-defined]
