"""Forms of a consent: questions that teach, and the signature."""

from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from commonweal.protocol import ConsentText
from commonweal.vault.consent import answering, signing


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

    @property
    def chosen(self) -> dict[str, str]:
        """What was chosen, also where it is not right."""
        offered = {name: {option.id for option in question.options} for name, question in self.questions.items()}
        said = {name: self.data.get(self.add_prefix(name), "") for name in offered}
        return {name: option for name, option in said.items() if option in offered[name]}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for name, question in self.questions.items():
            if name in data and data[name] != question.correct:
                self.add_error(name, question.teach)
        return data


class SignatureForm(forms.Form):
    """An answer to a module. A yes is signed by typing one's own name as one gave it, or by drawing where scripts run."""

    content_sha256 = forms.CharField(widget=forms.HiddenInput)
    drawing = forms.CharField(required=False, max_length=signing.LONGEST_DRAWING, widget=forms.HiddenInput)
    answer = forms.ChoiceField(
        choices=[(word, "") for word in (answering.YES, answering.NO, answering.NOT_SURE, answering.LATER)]
    )
    signed_name = forms.CharField(
        label=_("Your full name"),
        help_text=_("Typing your name here is your signature."),
        required=False,
        max_length=signing.LONGEST_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    initials = forms.CharField(
        label=_("Your initials"),
        help_text=_("The first letters of your names. They show that you have read about the sensitive facts."),
        required=False,
        max_length=10,
        widget=forms.TextInput(attrs={"autocomplete": "off", "class": "few"}),
    )

    def __init__(self, *args: Any, expected_name: str, initials: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.expected_name = expected_name
        if not expected_name:  # a guardian's name, of which nothing is known beforehand
            self.fields["signed_name"].validators.append(MaxLengthValidator(signing.LONGEST_OTHER_NAME))
        if not initials:
            del self.fields["initials"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("answer") == answering.YES:
            self._check_signature(data.get("signed_name", ""), data.get("drawing", ""))
            if "initials" in self.fields and not signing.has_letters(data.get("initials", "")):
                self.add_error("initials", gettext("To say yes, please write your initials."))
        return data

    def _check_signature(self, name: str, drawing: str) -> None:
        if drawing and not signing.is_drawing(drawing):
            self.add_error(
                "signed_name", gettext("We could not read your drawing. Please draw once more, or type your name.")
            )
        elif not name.strip() and not (drawing and self.expected_name):
            self.add_error("signed_name", gettext("To say yes, please type your full name."))
        elif name.strip() and self.expected_name and signing.plain(name) != signing.plain(self.expected_name):
            said = gettext(
                "You told us that your name is %(name)s. Please sign with that name, or correct it in About you."
            )
            self.add_error("signed_name", said % {"name": self.expected_name})

    def given(self) -> signing.SignatureGiven:
        """What was given as a signature."""
        data = self.cleaned_data
        name = data["signed_name"].strip() or self.expected_name
        kind = signing.DRAWN if data["drawing"] else signing.TYPED
        return signing.SignatureGiven(kind, name, data["drawing"], data.get("initials", "").strip())
