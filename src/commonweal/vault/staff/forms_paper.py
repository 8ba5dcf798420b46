"""Forms for paper consents: put in a scan, and write down what stands on it."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import get_language_info, gettext
from django.utils.translation import gettext_lazy as _

from commonweal.protocol import ConsentModule
from commonweal.ui.context import words
from commonweal.vault.consent.models import PaperConsent
from commonweal.vault.consent.paper import files
from commonweal.vault.consent.paper.actions import Transcript
from commonweal.vault.consent.paper.checks import Written

_PLAIN = {"autocomplete": "off"}
_SHORT = {"class": "some", "autocomplete": "off"}
TYPED_DATE = _("Year, month, day: 2026-10-31.")


class ScanField(forms.FileField):
    """A file that is not larger than what can be kept; whether it is a readable scan, its own bytes say."""

    def __init__(self, **options: Any) -> None:
        widget = forms.ClearableFileInput(attrs={"accept": ".pdf,.png,.jpg,.jpeg"})
        super().__init__(label=_("Scan or photo"), widget=widget, **options)

    def clean(self, data: Any, initial: Any = None) -> bytes | None:
        found = super().clean(data, initial)
        if not found:
            return None
        if found.size > files.LARGEST:
            raise forms.ValidationError(
                gettext("The file is larger than 20 MB. Scan it in gray, at 200 dots per inch.")
            )
        return bytes(found.read())


class PaperForm(forms.Form):
    """A new paper. Without a file it waits in the list for its scan."""

    module = forms.ChoiceField(label=_("Consent"))
    file = ScanField(
        required=False,
        help_text=_(
            "PDF, PNG or JPEG, up to 20 MB. No scan yet? Leave it empty: the paper stays in the list until it is here."
        ),
    )

    def __init__(self, *args: Any, modules: list[ConsentModule], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(one.id, words(one.title)) for one in modules]
        self.fields["module"].choices = choices  # type: ignore[attr-defined]


class AttachForm(forms.Form):
    """The scan of a paper that was waiting for it."""

    file = ScanField()


class TranscriptForm(forms.Form):
    """What stands on the paper. Nothing is made up here: what is not on it stays empty, and the checks say what follows."""

    ANSWERS = (("yes", _("Yes")), ("no", _("No")), ("not_sure", _("Not sure")))
    MARKS = (("", _("there is none on this paper")), ("True", _("ticked")), ("False", _("not ticked")))
    answer = forms.ChoiceField(label=_("What the person answered"), choices=ANSWERS, widget=forms.RadioSelect)
    authored_on = forms.DateField(label=_("Day of the answer"), help_text=TYPED_DATE, widget=forms.TextInput(_SHORT))
    words_of = forms.ChoiceField(
        label=_("Which words are printed on it"), help_text=_("Version and form stand at the foot of each page.")
    )
    signature_text = forms.CharField(
        label=_("Signature, if it can be read"), max_length=200, required=False, widget=forms.TextInput(_PLAIN)
    )
    signature_is_image = forms.BooleanField(label=_("There is a signature by hand"), required=False)
    signed_on = forms.DateField(
        label=_("Date beside the signature"), help_text=TYPED_DATE, required=False, widget=forms.TextInput(_SHORT)
    )
    printed_name = forms.CharField(
        label=_("Name in block letters"), max_length=400, required=False, widget=forms.TextInput(_PLAIN)
    )
    check_mark = forms.ChoiceField(label=_("Box that confirms the choice"), choices=MARKS, required=False)
    initials = forms.CharField(
        label=_("Initials on the paper"), max_length=10, required=False, widget=forms.TextInput(_SHORT)
    )
    guardian_name = forms.CharField(
        label=_("Guardian's name in block letters"), max_length=400, required=False, widget=forms.TextInput(_PLAIN)
    )
    guardian_relationship = forms.CharField(
        label=_("Guardian of the person as"), max_length=60, required=False, widget=forms.TextInput(_PLAIN)
    )

    def __init__(self, *args: Any, paper: PaperConsent, module: ConsentModule, today: date, **kwargs: Any) -> None:
        known = {name: getattr(paper, name) for name in self.base_fields if hasattr(paper, name)}
        known |= {
            "words_of": f"{paper.version}|{paper.form}|{paper.language}",
            "check_mark": str(paper.check_mark or ""),
        }
        super().__init__(*args, initial=known, **kwargs)
        self.fields["words_of"].choices = _printed(module)  # type: ignore[attr-defined]
        self.today = today

    def clean_authored_on(self) -> date:
        return self._past("authored_on")

    def clean_signed_on(self) -> date | None:
        return self._past("signed_on") if self.cleaned_data["signed_on"] else None

    def _past(self, name: str) -> date:
        day: date = self.cleaned_data[name]
        if day > self.today:
            raise forms.ValidationError(gettext("This day is still to come."))
        return day

    def transcript(self) -> Transcript:
        data = self.cleaned_data
        version, form, language = data["words_of"].split("|")
        names = (
            "answer",
            "signature_text",
            "signature_is_image",
            "signed_on",
            "printed_name",
            "initials",
            "guardian_name",
        )
        mark = {"True": True, "False": False}.get(data["check_mark"])
        written = Written(**{name: data[name] for name in names}, form=form, check_mark=mark)
        return Transcript(version, language, data["authored_on"], written, data["guardian_relationship"])


def _printed(module: ConsentModule) -> list[tuple[str, str]]:
    """Version, form and language of all words of a module, the newest first."""
    found = []
    for version in reversed(module.versions):
        for form in (version.default, *version.forms):
            for language in form.texts:
                name = _("usual form") if not form.id else form.id
                tongue = get_language_info(language)["name_translated"]
                label = f"{_('version')} {version.version} · {name} · {tongue}"
                found.append((f"{version.version}|{form.id}|{language}", label))
    return found
