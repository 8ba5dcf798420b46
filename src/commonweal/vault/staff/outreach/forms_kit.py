"""Forms of the kit and of newsletters."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from commonweal.errors import BadInput
from commonweal.vault.partners import kinds, material_files, newsletters
from commonweal.vault.staff.outreach.fields import PLAIN, SHORT, Keyed

_TEXT = {"rows": 12}


class MaterialForm(Keyed):
    """Something to hand out: a file or a link."""

    title = forms.CharField(label=_("Title"), max_length=120, widget=forms.TextInput(attrs=PLAIN))
    kind = forms.ChoiceField(label=_("Kind of material"), choices=list(kinds.MATERIALS.items()))
    language = forms.ChoiceField(label=_("Language"), choices=list(kinds.LANGUAGES.items()))
    audience = forms.ChoiceField(label=_("For whom?"), choices=list(kinds.AUDIENCES.items()))
    version = forms.CharField(
        label=_("Version"), help_text=_("Such as 2 or 2027-05."), max_length=20, widget=forms.TextInput(attrs=SHORT)
    )
    file = forms.FileField(
        label=_("File"),
        help_text=_("PDF, PNG, JPEG or plain SVG, up to 20 MB."),
        required=False,
        widget=forms.ClearableFileInput(attrs={"accept": ".pdf,.png,.jpg,.jpeg,.svg"}),
    )
    link = forms.URLField(
        label=_("Or a link"),
        max_length=500,
        required=False,
        assume_scheme="https",
        widget=forms.URLInput(attrs=PLAIN),
    )

    def clean_file(self) -> bytes | None:
        found = self.cleaned_data.get("file")
        if not found:
            return None
        if found.size > material_files.LARGEST:
            raise forms.ValidationError(
                gettext("The file is larger than 20 MB. Make it smaller, or give a link to it.")
            )
        data = bytes(found.read())
        try:
            material_files.read(data)
        except BadInput as error:
            raise forms.ValidationError(str(error)) from None
        return data

    def clean_link(self) -> str:
        link: str = self.cleaned_data.get("link") or ""
        if link and not link.startswith("https://"):
            raise forms.ValidationError(gettext("Write a link that begins with https://"))
        return link


class NewsletterForm(forms.Form):
    """The same news in both languages."""

    subject_en = forms.CharField(label=_("Subject in English"), max_length=120, widget=forms.TextInput(attrs=PLAIN))
    text_en = forms.CharField(label=_("Text in English"), max_length=20_000, widget=forms.Textarea(attrs=_TEXT))
    subject_es = forms.CharField(
        label=_("Subject in Spanish"), max_length=120, widget=forms.TextInput(attrs=PLAIN | {"lang": "es"})
    )
    text_es = forms.CharField(
        label=_("Text in Spanish"), max_length=20_000, widget=forms.Textarea(attrs=_TEXT | {"lang": "es"})
    )


class SendForm(forms.Form):
    """To which partners."""

    to = forms.MultipleChoiceField(
        label=_("To which partners?"),
        help_text=_("Partners that are active and have a mailbox. No participant gets it."),
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].choices = list(newsletters.can_receive(timezone.localdate()).items())  # type: ignore[attr-defined]
