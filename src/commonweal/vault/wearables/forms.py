"""The form by which a participant hands over an exported archive."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from commonweal.vault.wearables.uploads import MOST

ENDINGS = ("zip", "xml", "json", "csv")


class ArchiveForm(forms.Form):
    """One file, by its ending and size: what is in it is read in the background."""

    file = forms.FileField(
        label=_("The file that you exported"),
        help_text=_(
            "A zip file as you got it from Fitbit, Google or Apple, 1 GB at most. Do not open or change it first."
        ),
        widget=forms.FileInput(attrs={"accept": ",".join(f".{one}" for one in ENDINGS)}),
        error_messages={
            "required": _("Choose the file first."),
            "empty": _("This file is empty. Please export it again."),
        },
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if self.ending_of(file.name) not in ENDINGS:
            raise forms.ValidationError(_("Choose the zip file that you exported. Other files cannot be read."))
        if file.size > MOST:
            raise forms.ValidationError(
                _("This file is larger than 1 GB. Export a shorter time, and send one after another.")
            )
        return file

    @staticmethod
    def ending_of(name: str) -> str:
        return name.rsplit(".", 1)[-1].lower()
