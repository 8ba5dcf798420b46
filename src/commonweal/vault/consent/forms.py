"""Forms of a consent: questions that teach, and the signature."""

import unicodedata
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from commonweal.protocol import ConsentText
from commonweal.vault.consent.models import ConsentAnswer


class UnderstandingForm(forms.Form):
    """The comprehension questions of one text. A wrong answer teaches and may be tried again, as often as one likes."""

    def __init__(self, *args: Any, text: ConsentText, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.questions = {question.id: question for question in text.questions}
        for question in text.questions:
            self.fields[question.id] = forms.ChoiceField(
                label=question.text,
                choices=[(option.id, option.text) for option in question.options],
                widget=forms.RadioSelect,
                error_messages={"required": _("Please choose the answer that fits best.")},
            )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for name, question in self.questions.items():
            if name in data and data[name] != question.correct:
                self.add_error(name, question.teach)
        return data


def plain(name: str) -> str:
    """A name without accents, case and extra space, so that a signature is not refused for how it is typed."""
    letters = unicodedata.normalize("NFKD", name.replace("’", "'"))
    return " ".join("".join(c for c in letters if not unicodedata.combining(c)).casefold().split())


class SignatureForm(forms.Form):
    """An answer to a module; a yes is signed with the person's own name as they gave it."""

    content_sha256 = forms.CharField(widget=forms.HiddenInput)
    answer = forms.ChoiceField(choices=[(ConsentAnswer.YES, ""), (ConsentAnswer.NO, ""), (ConsentAnswer.NOT_SURE, "")])
    signed_name = forms.CharField(
        label=_("Your full name"),
        help_text=_("Typing your name here is your signature."),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )

    def __init__(self, *args: Any, expected_name: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.expected_name = expected_name

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("answer") == ConsentAnswer.YES:
            self._check_signature(data.get("signed_name", ""))
        return data

    def _check_signature(self, name: str) -> None:
        if not name.strip():
            self.add_error("signed_name", gettext("To say yes, please type your full name."))
        elif plain(name) != plain(self.expected_name):
            said = gettext(
                "You told us that your name is %(name)s. Please sign with that name, or correct it in About you."
            )
            self.add_error("signed_name", said % {"name": self.expected_name})
